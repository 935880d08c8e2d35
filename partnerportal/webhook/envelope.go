package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// envelope is an event as it came, its data not yet decoded.
type envelope struct {
	Header
	data     []byte // part of the body; nil when absent
	backfill bool
	handled  bool // the handler was called
}

// parseEnvelope reads an event in one pass that also proves the whole body to be JSON as encoding/json does not: UTF-8, no name
// twice in an object (two readers could see two different events), nesting bounded. What it does not know it ignores.
func parseEnvelope(body []byte) (envelope, error) {
	var env envelope
	if !utf8.Valid(body) {
		return env, errors.New("not UTF-8")
	}
	var room [scanNames][]byte // on the stack: an ordinary event needs no more
	s := scanner{buf: body, names: room[:0]}
	s.space()
	ok := s.object(1, func(name []byte) bool { return s.headerMember(&env, name) })
	if ok {
		s.space()
		ok = s.pos == len(body) || s.fail("something follows the event")
	}
	switch {
	case !ok:
		return env, fmt.Errorf("%s at byte %d", s.why, s.pos)
	case env.Type == "":
		return env, errors.New("no type")
	}
	return env, nil
}

func (s *scanner) headerMember(env *envelope, name []byte) bool {
	switch string(name) {
	case "id":
		return s.text(&env.ID)
	case "type":
		return s.text(&env.Type)
	case "timestamp":
		return s.instant(&env.Timestamp)
	case "api_version":
		return s.text(&env.APIVersion)
	case "live":
		return s.flag(&env.Live)
	case "tenant":
		return s.text(&env.Tenant)
	case "subject":
		if s.null() {
			return true
		}
		return s.object(2, func(name []byte) bool { return s.subjectMember(&env.Subject, name) })
	case "data":
		start := s.pos
		ok := s.value(2)
		env.data = s.buf[start:s.pos:s.pos]
		return ok
	default:
		return s.value(2)
	}
}

func (s *scanner) subjectMember(subject *Subject, name []byte) bool {
	switch string(name) {
	case "type":
		return s.text(&subject.Type)
	case "id":
		return s.text(&subject.ID)
	case "version":
		return s.integer(&subject.Version)
	case "url":
		return s.text(&subject.URL)
	default:
		return s.value(3)
	}
}

// text reads a string, or null as "".
func (s *scanner) text(v *string) bool {
	if s.null() {
		return true
	}
	raw, escaped, ok := s.str()
	if !ok {
		return false
	}
	if escaped {
		raw = unescape(raw)
	}
	*v = string(raw)
	return true
}

func (s *scanner) instant(v *time.Time) bool {
	if s.null() {
		return true
	}
	raw, _, ok := s.str()
	if !ok {
		return false
	}
	if v.UnmarshalText(raw) != nil { // of RFC 3339; an escape in it is not
		return s.fail("not an instant")
	}
	return true
}

func (s *scanner) flag(v *bool) bool {
	*v = s.peek() == 't'
	if c := s.peek(); c != 't' && c != 'f' && c != 'n' {
		return s.fail("not a boolean")
	}
	return s.value(2)
}

func (s *scanner) integer(v *int64) bool {
	if s.null() {
		return true
	}
	start := s.pos
	if !s.number() {
		return false
	}
	n, err := strconv.ParseInt(string(s.buf[start:s.pos]), 10, 64)
	if err != nil {
		return s.fail("not a whole number of 64 bits")
	}
	*v = n
	return true
}

// null says whether the value is null, and if so goes past it.
func (s *scanner) null() bool { return s.peek() == 'n' && s.literal("null") }

// unescape returns what a JSON string without its quotes means. The scanner has proved it to be one.
func unescape(raw []byte) []byte {
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var text string
	_ = json.Unmarshal(quoted, &text) // cannot fail
	return []byte(text)
}
