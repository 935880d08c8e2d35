package badge

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Bounds of what is read. A badge with a narrative and evidence has 2 to 10 KB.
const (
	maxText  = 1 << 20  // of a JWT or JSON document
	maxImage = 16 << 20 // of a baked image
	maxList  = 8 << 20  // of a status list credential
	maxDepth = 32       // of objects and arrays
	// maxValues is of values in a JSON document: a megabyte of {} would be unpacked to a gigabyte of structs.
	maxValues = 1 << 14
)

// decode reads one JSON document as two verifiers must agree on it: in UTF-8, names spelled exactly and once in an object. That
// is what the JOSE library's decoder does, and encoding/json does not.
func decode(data []byte, into any) error { return decodeUpTo(maxValues, data, into) }

func decodeUpTo(values int, data []byte, into any) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	if err := withinBounds(data, values); err != nil {
		return err
	}
	return strict.Unmarshal(data, into)
}

// unreadableError is of what is no JSON object at all.
type unreadableError struct{ error }

// read decodes a credential. If a property is not of its type, those that the checks need are read one by one, so that a credential with
// a number for a name still tells whether it was revoked; the error then says what is wrong. What cannot be read must not look as if
// it were not there: a credential without status cannot be revoked, and one without an end never expires.
func read(data []byte) (*document, error) {
	d := &document{}
	err := decode(data, d)
	if err == nil {
		d.ValidUntil = d.Until.Time
		return d, nil
	}
	var properties map[string]strict.RawMessage
	if err := decode(data, &properties); err != nil {
		return &document{}, unreadableError{err}
	}
	d = &document{}
	for name, into := range map[string]any{
		"@context": &d.Context, "type": &d.Type, "id": &d.ID, "issuer": &d.Issuer, "credentialSubject": &d.CredentialSubject, "vc": &d.VC,
	} {
		_ = strict.Unmarshal(properties[name], into)
	}
	if strict.Unmarshal(properties["validFrom"], &d.ValidFrom) != nil || !readable(properties["validUntil"], &d.Until) {
		d.ValidFrom = time.Time{}
	}
	d.ValidUntil = d.Until.Time
	if !readable(properties["credentialStatus"], &d.CredentialStatus) {
		d.CredentialStatus = Statuses{{}}
	}
	return d, err
}

// readable reports whether a property is absent or was read.
func readable(raw strict.RawMessage, into any) bool {
	return raw == nil || strict.Unmarshal(raw, into) == nil
}

// withinBounds counts brackets and commas outside of strings, before a decoder recurses into them and allocates for them.
func withinBounds(data []byte, values int) error {
	depth, count := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i+1)
		case '{', '[':
			count++
			if depth++; depth > maxDepth {
				return fmt.Errorf("deeper than %d levels", maxDepth)
			}
		case '}', ']':
			depth--
		case ',':
			count++
		}
	}
	if count > values {
		return fmt.Errorf("more than %d values", values)
	}
	return nil
}

// endOfString is the offset of the quotation mark that ends the string at i, or the length of data.
func endOfString(data []byte, i int) int {
	length := bytes.IndexByte(data[i:], '"')
	if length < 0 {
		return len(data)
	}
	if bytes.IndexByte(data[i:i+length], '\\') < 0 {
		return i + length
	}
	for ; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i
}

var base64Strict = base64.RawURLEncoding.Strict()

// strictBase64 refuses what decoders forgive: line breaks, and last letters whose spare bits are not zero, so that one token has one
// spelling.
func strictBase64(parts ...string) bool {
	for _, part := range parts {
		if strings.IndexByte(part, '\n') >= 0 || strings.IndexByte(part, '\r') >= 0 {
			return false
		}
		tail := part[len(part)-len(part)%4:]
		if _, err := base64Strict.DecodeString(tail); err != nil {
			return false
		}
	}
	return true
}

// quoted and shortened keep foreign text from filling a screen.
func quoted(s string) string { return fmt.Sprintf("%.200q", s) }

func shortened(s string) string { return fmt.Sprintf("%.1000s", s) }
