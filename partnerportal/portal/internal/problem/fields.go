package problem

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// Fields collects what is wrong with a request, to say it all at once.
type Fields []partnerportal.FieldError

// Add notes that a field breaks a rule.
func (f *Fields) Add(pointer, code, message string) { *f = append(*f, Field(pointer, code, message)) }

// Err is the refusal, or nil when nothing is wrong.
func (f *Fields) Err() error {
	if len(*f) == 0 {
		return nil
	}
	e := New(http.StatusUnprocessableEntity, partnerportal.ErrValidation, (*f)[0].Message)
	e.Fields = *f
	return e
}

// Invalid refuses one field.
func Invalid(pointer, code, message string) error {
	var f Fields
	f.Add(pointer, code, message)
	return f.Err()
}

// Text wants a text that is not blank and has at most so many characters.
func (f *Fields) Text(pointer, value string, most int) {
	switch n := len([]rune(value)); {
	case strings.TrimSpace(value) == "":
		f.Add(pointer, "required", "Give it a name.")
	case n > most:
		f.Add(pointer, "out_of_range", fmt.Sprintf("Give at most %d characters.", most))
	}
}

// Identifier wants an id that somebody chose: it travels in URLs and logs.
func (f *Fields) Identifier(pointer, id string) {
	if len(id) == 0 || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) {
		f.Add(pointer, "invalid_format", "Give up to 64 letters, digits, hyphens and underscores.")
	}
}

// Between wants a number from least to most.
func (f *Fields) Between(pointer string, value, least, most int) {
	if value < least || value > most {
		f.Add(pointer, "out_of_range", fmt.Sprintf("Give a number from %d to %d.", least, most))
	}
}

// OneOf wants one of the values.
func OneOf[T ~string](f *Fields, pointer string, value T, values ...T) {
	if !slices.Contains(values, value) {
		f.Add(pointer, "invalid_enum", "Use one of: "+strings.Join(texts(values), ", ")+".")
	}
}

// AllOf wants each to be one of the values.
func AllOf[T ~string](f *Fields, pointer string, given []T, values ...T) {
	for i, value := range given {
		OneOf(f, fmt.Sprintf("%s/%d", pointer, i), value, values...)
	}
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
