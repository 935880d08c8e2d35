package webhook

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// A decoder reads a JSON value into a Go value that is still zero, as encoding/json does. It exists because decoding the data is half of
// the time of a receive, and the scanner that has proved the JSON goes through it in a third of that. It knows the kinds that events
// are made of; whatever else there is, and every mistake, it leaves to encoding/json, so that there is one set of rules.
type decoder func(s *scanner, v reflect.Value) bool

// decode reads the data of an event, which the scanner has seen. An event without data leaves the zero value: some say all in their header.
func decode[T any](read decoder, data []byte, v *T) error {
	if len(data) == 0 {
		return nil
	}
	var room [scanNames][]byte
	s := scanner{buf: data, names: room[:0]}
	if read(&s, reflect.ValueOf(v).Elem()) {
		return nil
	}
	*v = *new(T)
	return json.Unmarshal(data, v)
}

// decoders makes decoders for types; it holds those in the making, since a type may contain itself.
type decoders map[reflect.Type]*decoder

func (d decoders) of(t reflect.Type) decoder {
	if known, ok := d[t]; ok {
		return func(s *scanner, v reflect.Value) bool { return (*known)(s, v) }
	}
	made := new(decoder)
	d[t] = made
	*made = d.make(t)
	return *made
}

func (d decoders) make(t reflect.Type) decoder {
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(reflect.TypeFor[json.Unmarshaler]()):
		return readOwn
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()), t == reflect.TypeFor[json.Number]():
		return readAny
	}
	switch t.Kind() {
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Pointer:
		return d.pointer(t)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 {
			return d.slice(t)
		}
	case reflect.Struct:
		return d.structure(t)
	}
	return readAny
}

// raw goes past a value and returns it.
func (s *scanner) raw() []byte {
	start := s.pos
	s.value(1)
	return s.buf[start:s.pos:s.pos]
}

func readAny(s *scanner, v reflect.Value) bool {
	return json.Unmarshal(s.raw(), v.Addr().Interface()) == nil
}

func readOwn(s *scanner, v reflect.Value) bool {
	own, ok := reflect.TypeAssert[json.Unmarshaler](v.Addr())
	return ok && own.UnmarshalJSON(s.raw()) == nil
}

func readString(s *scanner, v reflect.Value) bool {
	var text string
	ok := s.text(&text)
	v.SetString(text)
	return ok
}

func readBool(s *scanner, v reflect.Value) bool {
	var flag bool
	ok := s.flag(&flag)
	v.SetBool(flag)
	return ok
}

func readInt(s *scanner, v reflect.Value) bool {
	if s.null() {
		return true
	}
	start := s.pos
	s.number()
	n, err := strconv.ParseInt(string(s.buf[start:s.pos]), 10, v.Type().Bits())
	v.SetInt(n)
	return err == nil
}

func (d decoders) pointer(t reflect.Type) decoder {
	read := d.of(t.Elem())
	return func(s *scanner, v reflect.Value) bool {
		if s.null() {
			return true
		}
		v.Set(reflect.New(t.Elem()))
		return read(s, v.Elem())
	}
}

func (d decoders) slice(t reflect.Type) decoder {
	read := d.of(t.Elem())
	return func(s *scanner, v reflect.Value) bool {
		if s.null() {
			return true
		}
		if s.peek() != '[' {
			return false
		}
		v.Set(reflect.MakeSlice(t, 0, 0))
		s.pos++
		for s.space(); s.peek() != ']'; s.space() {
			if s.peek() == ',' {
				s.pos++
				s.space()
			}
			n := v.Len()
			if n == v.Cap() {
				v.Grow(max(n, 4))
			}
			v.SetLen(n + 1)
			if !read(s, v.Index(n)) {
				return false
			}
		}
		s.pos++
		return true
	}
}

// structure reads the members of an object into fields. Rules that events have no use for (embedded fields, two fields of a name, the
// option "string") are encoding/json's.
func (d decoders) structure(t reflect.Type) decoder {
	type field struct {
		index int
		read  decoder
	}
	fields := map[string]field{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous || strings.Contains(options, "string") || !plainName(name):
			return readAny
		case !f.IsExported() || tag == "-":
			continue
		case name == "":
			name = f.Name
		}
		for other := range fields {
			if strings.EqualFold(other, name) {
				return readAny
			}
		}
		fields[name] = field{i, d.of(f.Type)}
	}
	return func(s *scanner, v reflect.Value) bool {
		if s.null() {
			return true
		}
		return s.object(1, func(name []byte) bool {
			f, ok := fields[string(name)]
			if !ok {
				for known := range fields {
					if strings.EqualFold(known, string(name)) {
						return false // encoding/json does not mind the case, and has rules for two spellings of a name
					}
				}
				return s.value(1)
			}
			return f.read(s, v.Field(f.index))
		})
	}
}

// plainName holds for names in tags that need no rules of their own; "" is one.
func plainName(name string) bool {
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == ""
}
