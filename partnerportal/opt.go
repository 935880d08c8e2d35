package partnerportal

import (
	"bytes"
	"encoding/json"
)

// Opt is a field of a change that can be set, cleared or left alone, as JSON merge patch (RFC 7396) has it. The zero Opt leaves
// the field alone, so a patch names only what it changes:
//
//	deals.Patch{Name: partnerportal.Set("Acme FY27"), BusinessProblem: partnerportal.Null[string]()}
//
// Fields of type Opt carry the tag option omitzero.
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optAbsent optState = iota
	optNull
	optSet
)

// Set returns an Opt that sets the field to v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: optSet} }

// Null returns an Opt that clears the field.
func Null[T any]() Opt[T] { return Opt[T]{state: optNull} }

// Get returns the value to be set; ok is false when the field is cleared or left alone.
func (o Opt[T]) Get() (v T, ok bool) { return o.value, o.state == optSet }

// IsNull reports whether the field is cleared.
func (o Opt[T]) IsNull() bool { return o.state == optNull }

// IsZero reports whether the field is left alone.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// Apply carries the change out on field: it sets it, zeroes it, or leaves it alone.
func (o Opt[T]) Apply(field *T) {
	if o.state != optAbsent {
		*field = o.value // the zero T when cleared
	}
}

// MarshalJSON encodes the value, or null. An absent Opt is left out by omitzero; encoded anyway, it is null too.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optSet {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON decodes a value or null. A member that is not there is never decoded, and so stays absent.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Set(v)
	return nil
}
