package badge

import (
	"bytes"
	"encoding/json"
	"errors"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Set is a list that JSON-LD may write as its only member: it is read from either and written as an array.
type Set[T any] []T

// MarshalJSON writes an array, and an empty one of nil.
func (s Set[T]) MarshalJSON() ([]byte, error) { return json.Marshal(append([]T{}, s...)) }

// UnmarshalJSON reads an array, or one value as the only member.
func (s *Set[T]) UnmarshalJSON(data []byte) error {
	if isArray(data) || string(data) == "null" {
		return strict.Unmarshal(data, (*[]T)(s))
	}
	var one T
	if err := strict.Unmarshal(data, &one); err != nil {
		return err
	}
	*s = Set[T]{one}
	return nil
}

// compact is a list that is read like a Set, and of which one member is written as itself.
type compact[T any] []T

func (c *compact[T]) UnmarshalJSON(data []byte) error { return (*Set[T])(c).UnmarshalJSON(data) }

func (c compact[T]) MarshalJSON() ([]byte, error) {
	if len(c) == 1 {
		return json.Marshal(c[0])
	}
	return json.Marshal([]T(c))
}

// Statuses are where to ask whether a credential still stands. Open Badges allows one, as an object; of credentials that have more, as
// the data model of W3C allows, [Verify] heeds all, and says that they are no Open Badges.
type Statuses []StatusEntry

// UnmarshalJSON reads an array or one entry. Null is refused: whoever means none leaves it out.
func (s *Statuses) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return errors.New("credentialStatus is null")
	}
	return (*Set[StatusEntry])(s).UnmarshalJSON(data)
}

// MarshalJSON writes one entry as an object and more as an array.
func (s Statuses) MarshalJSON() ([]byte, error) { return compact[StatusEntry](s).MarshalJSON() }

// UnmarshalJSON reads a profile, or the URI of one.
func (p *Profile) UnmarshalJSON(data []byte) error {
	if isString(data) {
		*p = Profile{}
		return strict.Unmarshal(data, &p.ID)
	}
	type plain Profile
	return strict.Unmarshal(data, (*plain)(p))
}

// MarshalJSON writes a profile that has only an ID as that URI.
func (p Profile) MarshalJSON() ([]byte, error) {
	if p.isReference() {
		return json.Marshal(p.ID)
	}
	type plain Profile
	return json.Marshal(plain(p))
}

func (p Profile) isReference() bool {
	return len(p.Type) == 0 && len(p.OtherIdentifier) == 0 && len(p.EndorsementJWT) == 0 &&
		p.Image == nil && p.Address == nil && p.ParentOrg == nil &&
		p.Name+p.URL+p.Phone+p.Description+p.Email+p.Official == ""
}

// UnmarshalJSON reads an image, or the URI of one, as many issuers write it.
func (i *Image) UnmarshalJSON(data []byte) error {
	if isString(data) {
		*i = Image{Type: "Image"}
		return strict.Unmarshal(data, &i.ID)
	}
	type plain Image
	return strict.Unmarshal(data, (*plain)(i))
}

// UnmarshalJSON notices that there are criteria at all.
func (c *Criteria) UnmarshalJSON(data []byte) error {
	type plain Criteria
	c.given = true
	return strict.Unmarshal(data, (*plain)(c))
}

func isArray(data []byte) bool  { return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) }
func isString(data []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte(`"`)) }
