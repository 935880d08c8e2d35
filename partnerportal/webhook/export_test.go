package webhook

import "reflect"

// Len returns how many events the store remembers.
func (m *MemoryStore) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.events)
}

// ParseEnvelope is what the receiver reads a body with.
func ParseEnvelope(body []byte) (h Header, data []byte, err error) {
	env, err := parseEnvelope(body)
	return env.Header, env.data, err
}

// Decode reads the data of an event as On does.
func Decode[T any](data []byte) (v T, err error) {
	err = decode(decoders{}.of(reflect.TypeFor[T]()), data, &v)
	return v, err
}

// DecodesItself reports whether T is read without encoding/json.
func DecodesItself[T any](data []byte) bool {
	var v T
	s := scanner{buf: data}
	return decoders{}.of(reflect.TypeFor[T]())(&s, reflect.ValueOf(&v).Elem())
}
