package webhook

import "bytes"

const (
	maxDepth  = 64 // of nested objects and arrays; real events need about six
	scanNames = 32 // names of open objects kept without a map; beyond that comparing each with each would cost too much
)

// scanner checks JSON text (RFC 8259) of a body that is known to be UTF-8. Its methods go past what they are named after and return
// false when it is not there; why and pos then say what is wrong and where.
type scanner struct {
	buf   []byte
	pos   int
	names [][]byte // of the objects that are open, outermost first
	why   string
}

func (s *scanner) fail(why string) bool {
	if s.why == "" {
		s.why = why
	}
	return false
}

// peek returns the byte to come, 0 at the end: no JSON text contains a 0 byte.
func (s *scanner) peek() byte {
	if s.pos < len(s.buf) {
		return s.buf[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.buf) {
		switch s.buf[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) value(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		_, _, ok := s.str()
		return ok
	case c == '{':
		return s.object(depth, nil)
	case c == '[':
		return s.array(depth)
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	default:
		return s.fail("not a JSON value")
	}
}

// object goes past an object. member, when given, goes past each value; the scanner stands at its beginning.
func (s *scanner) object(depth int, member func(name []byte) bool) bool {
	if s.peek() != '{' {
		return s.fail("not an object")
	}
	if depth > maxDepth {
		return s.fail("nested too deeply")
	}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return true
	}
	names := nameSet{s: s, base: len(s.names)}
	for {
		name, escaped, ok := s.str()
		if !ok {
			return false
		}
		if escaped {
			name = unescape(name)
		}
		if !names.add(name) {
			return s.fail("a name twice in one object")
		}
		s.space()
		if s.peek() != ':' {
			return s.fail("no colon after a name")
		}
		s.pos++
		s.space()
		if member != nil {
			ok = member(name)
		} else {
			ok = s.value(depth + 1)
		}
		if !ok {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case '}':
			s.pos++
			s.names = s.names[:names.base]
			return true
		default:
			return s.fail("neither a comma nor the end of an object")
		}
	}
}

func (s *scanner) array(depth int) bool {
	if depth > maxDepth {
		return s.fail("nested too deeply")
	}
	s.pos++ // of the bracket
	s.space()
	if s.peek() == ']' {
		s.pos++
		return true
	}
	for {
		if !s.value(depth + 1) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case ']':
			s.pos++
			return true
		default:
			return s.fail("neither a comma nor the end of an array")
		}
	}
}

// plain marks the bytes of a string that need no second look.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// str goes past a string and returns what is between its quotes, and whether that contains escapes.
func (s *scanner) str() (raw []byte, escaped, ok bool) {
	if s.peek() != '"' {
		return nil, false, s.fail("not a string")
	}
	buf, start := s.buf, s.pos+1
	for i := start; i < len(buf); i++ {
		c := buf[i]
		switch {
		case plain[c]:
		case c == '"':
			s.pos = i + 1
			return buf[start:i], escaped, true
		case c == '\\':
			n := escape(buf[i:])
			if n == 0 {
				s.pos = i
				return nil, false, s.fail("no such escape")
			}
			escaped = true
			i += n - 1
		default:
			s.pos = i
			return nil, false, s.fail("a control character in a string")
		}
	}
	s.pos = len(buf)
	return nil, false, s.fail("a string without end")
}

// escape returns the length of the escape sequence that b begins with, 0 when it is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	default:
		return 0
	}
}

func (s *scanner) number() bool {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return s.fail("not a number")
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return s.fail("no digit after the point")
		}
	}
	if s.peek()|0x20 == 'e' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return s.fail("no digit in the exponent")
		}
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.buf) && s.buf[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) literal(text string) bool {
	if !bytes.HasPrefix(s.buf[s.pos:], []byte(text)) {
		return s.fail("not a JSON value")
	}
	s.pos += len(text)
	return true
}

// nameSet holds the names of one object: on the scanner's stack while they are few, in a map when they are many.
type nameSet struct {
	s    *scanner
	base int
	many map[string]struct{}
}

// add returns false when the name is there already.
func (n *nameSet) add(name []byte) bool {
	if n.many != nil {
		before := len(n.many)
		n.many[string(name)] = struct{}{}
		return len(n.many) > before
	}
	few := n.s.names[n.base:]
	for _, other := range few {
		if string(other) == string(name) {
			return false
		}
	}
	n.s.names = append(n.s.names, name)
	if len(few) == scanNames {
		n.many = make(map[string]struct{}, 2*scanNames)
		for _, other := range n.s.names[n.base:] {
			n.many[string(other)] = struct{}{}
		}
	}
	return true
}
