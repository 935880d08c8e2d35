package webhook

import (
	"errors"
	"net/http"
	"strings"
)

// one reads the only value of a header. Two values are refused even when they are equal: the next program to read them may
// choose the other one.
func one(value *string, h http.Header, name string) *Error {
	values := h[name]
	if len(values) == 0 {
		values = otherwiseSpelled(h, name)
	}
	if len(values) == 1 && values[0] != "" {
		*value = values[0]
		return nil
	}
	if len(values) > 1 {
		return malformed(name, "has more than one value")
	}
	return fail(ErrMissingHeader, errors.New(strings.ToLower(name)))
}

// otherwiseSpelled finds a header that did not come through net/http, which canonicalises: serverless runtimes hand over maps
// with names in lower case.
func otherwiseSpelled(h http.Header, name string) (values []string) {
	for key, v := range h {
		if len(key) == len(name) && strings.EqualFold(key, name) {
			values = append(values, v...)
		}
	}
	return values
}

// validID holds for the ids that cannot move the boundary between id, timestamp and body, which the signature covers joined
// by dots, nor carry anything into a log or a store's key.
func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		if !idCharacter[id[i]] {
			return false
		}
	}
	return true
}

var idCharacter = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") {
		set[c] = true
	}
	return set
}()

// parseTimestamp reads the one spelling of a number of seconds. With a second one (a sign, a leading zero, a fraction) the
// text that was signed and the time that is checked would differ.
func parseTimestamp(s string) (seconds int64, ok bool) {
	if s == "" || len(s) > maxTimestamp || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		seconds = seconds*10 + int64(c-'0')
	}
	return seconds, true
}

// nextSignature splits the first signature off a list that is separated by spaces.
func nextSignature(list string) (signature, rest string) {
	for list != "" && list[0] == ' ' {
		list = list[1:]
	}
	if end := strings.IndexByte(list, ' '); end >= 0 {
		return list[:end], list[end:]
	}
	return list, ""
}

const (
	schemeV1  = "v1"
	schemeV1a = "v1a"
)

// schemesOf counts the signatures of a list and says which schemes it has. Signatures of unknown schemes are no fault: a sender
// may be ahead of us.
func schemesOf(list, name string) (found schemes, refused *Error) {
	for n := 0; ; n++ {
		signature, rest := nextSignature(list)
		switch {
		case signature == "":
			return found, nil
		case n == maxSignatures:
			return found, malformed(name, "has more than 16 signatures")
		case rest != "" && len(signature) > len(schemeV1a)+1 && signature[len(signature)-1] == ',':
			// "v1,…, v1,…" is how a proxy joins two headers of one name.
			return found, malformed(name, "has more than one value")
		case strings.HasPrefix(signature, schemeV1+","):
			found.v1 = true
		case strings.HasPrefix(signature, schemeV1a+","):
			found.v1a = true
		}
		list = rest
	}
}
