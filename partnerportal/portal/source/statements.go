package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxStatement is the largest xAPI statement that is read; real ones have a few kilobytes.
const maxStatement = 1 << 20

// statement is what the portal reads of an xAPI statement (xAPI 1.0.3, part 2).
type statement struct {
	ID    string `json:"id"`
	Actor struct {
		Type    string `json:"objectType"`
		MBox    string `json:"mbox"`
		OpenID  string `json:"openid"`
		Account struct {
			HomePage string `json:"homePage"`
			Name     string `json:"name"`
		} `json:"account"`
	} `json:"actor"`
	Verb struct {
		ID string `json:"id"`
	} `json:"verb"`
	Object struct {
		Type string `json:"objectType"`
		ID   string `json:"id"`
	} `json:"object"`
	Result struct {
		Score struct {
			Scaled, Raw, Min, Max *float64
		} `json:"score"`
		Success    *bool          `json:"success"`
		Extensions map[string]any `json:"extensions"`
	} `json:"result"`
	Timestamp time.Time `json:"timestamp"`
	Stored    time.Time `json:"stored"`
}

// verbs are the IRIs of the verbs that count. "attempted" and "launched" are what older content says on beginning.
var verbs = map[string]Verb{
	"http://adlnet.gov/expapi/verbs/registered":  VerbRegistered,
	"http://adlnet.gov/expapi/verbs/initialized": VerbInitialized,
	"http://adlnet.gov/expapi/verbs/attempted":   VerbInitialized,
	"http://adlnet.gov/expapi/verbs/progressed":  VerbProgressed,
	"http://adlnet.gov/expapi/verbs/completed":   VerbCompleted,
	"http://adlnet.gov/expapi/verbs/passed":      VerbPassed,
	"http://adlnet.gov/expapi/verbs/failed":      VerbFailed,
}

// voiding is the verb of a statement that takes another one back (part 2, 2.3.2). Who may do so is the store's to decide, which vouches for what
// it gives.
const voiding = "http://adlnet.gov/expapi/verbs/voided"

// progressExtension is how cmi5 (9.5.5.1) says how far somebody is.
const progressExtension = "https://w3id.org/xapi/cmi5/result/extensions/progress"

// record is the statement as the portal takes it. The many of which it has no use, such as those of other verbs or of groups, are none.
func (s *statement) record(course func(activity string) string) (r Record, ok bool, err error) {
	if s.Verb.ID == voiding { // by its own id nothing is known, so a statement that voids a voiding one changes nothing
		r = Record{ID: strings.ToLower(s.Object.ID), Verb: VerbVoided}
		return r, s.Object.Type == "StatementRef" && r.ID != "", nil
	}
	verb, known := verbs[s.Verb.ID]
	if !known || s.Object.Type != "" && s.Object.Type != "Activity" || s.Actor.Type != "" && s.Actor.Type != "Agent" {
		return r, false, nil
	}
	r = Record{ID: strings.ToLower(s.ID), Person: s.person(), Course: course(s.Object.ID), Verb: verb, At: s.Timestamp.UTC()}
	if r.At.IsZero() {
		r.At = s.Stored.UTC()
	}
	if r.Person == "" || r.Course == "" {
		return r, false, nil // somebody whom nobody can tell, or another system's activity
	}
	if r.ID == "" || r.At.IsZero() {
		return r, false, errors.New("the statement has no id or no timestamp")
	}
	if s.Result.Success != nil && !*s.Result.Success && (verb == VerbCompleted || verb == VerbPassed) {
		r.Verb = VerbFailed // whoever went through to the end without success has not passed
	}
	r.Score, r.Progress = s.score(), s.progress()
	return r, true, nil
}

// person is who it is in the LMS, in the form of [Account], or else its address.
func (s *statement) person() string {
	switch account := s.Actor.Account; {
	case strings.ContainsFunc(account.HomePage, unicode.IsSpace): // which no address has, and nobody can tell from the name
		return ""
	case account.Name != "":
		return strings.TrimSpace(account.HomePage + " " + account.Name)
	case s.Actor.OpenID != "":
		return s.Actor.OpenID
	}
	address, ok := strings.CutPrefix(s.Actor.MBox, "mailto:")
	if !ok {
		return ""
	}
	return address
}

// score is the score in percent, cut and not rounded: 79.999 is not yet 80.
func (s *statement) score() string {
	var scaled float64
	switch score := s.Result.Score; {
	case score.Scaled != nil:
		scaled = *score.Scaled
	case score.Raw != nil && score.Min != nil && score.Max != nil && *score.Max > *score.Min:
		scaled = (*score.Raw - *score.Min) / (*score.Max - *score.Min)
	default:
		return ""
	}
	if math.IsNaN(scaled) || scaled > 1 {
		return ""
	}
	hundredths := int(math.Floor(max(0, scaled)*10_000 + 1e-9)) // 0.57*10000 is 5699.999…
	return strings.TrimSuffix(strings.TrimRight(strconv.Itoa(hundredths/100)+"."+fmt.Sprintf("%02d", hundredths%100), "0"), ".")
}

func (s *statement) progress() int {
	percent, ok := s.Result.Extensions[progressExtension].(float64)
	if !ok || math.IsNaN(percent) {
		return 0
	}
	return int(min(100, max(0, percent)))
}

// LastSegment is how activities are read as courses where nothing else is said: the course's code is what follows the last slash of the
// activity's IRI, so that "https://lms.example.com/courses/GTX-101" is GTX-101.
func LastSegment(activity string) string {
	u, err := url.Parse(activity)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	if u.Opaque != "" { // a URN
		name = u.Opaque[strings.LastIndexAny(u.Opaque, ":/")+1:]
	}
	if name == "." || name == "/" {
		return ""
	}
	return name
}

// readStatements reads a JSON array of statements, or one on each line.
func readStatements(file io.Reader, lines bool, take func(*statement) error) error {
	d := json.NewDecoder(file)
	if !lines {
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return errors.Join(errors.New("the file is no JSON array"), err)
		}
	}
	for n := 1; d.More(); n++ {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if err == nil {
			err = takeStatement(raw, take)
		}
		if err != nil {
			return fmt.Errorf("statement %d: %w", n, err)
		}
	}
	if !lines {
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("the array does not end: %w", err)
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the statements")
	}
	return nil
}

func takeStatement(raw json.RawMessage, take func(*statement) error) error {
	if len(raw) > maxStatement {
		return fmt.Errorf("it is larger than %d bytes", maxStatement)
	}
	if !bytes.HasPrefix(raw, []byte("{")) {
		return errors.New("it is no JSON object")
	}
	s := new(statement)
	if err := json.Unmarshal(raw, s); err != nil {
		return err
	}
	return take(s)
}
