package badge

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of a status list, in entries. The least is the standard's: a short list would tell who was revoked.
const (
	MinStatusEntries = 131072      // MinStatusEntries is the least length of a list: 16 KiB.
	MaxStatusEntries = 8 * 4 << 20 // MaxStatusEntries is the most that is read or made: 4 MiB unpacked.
)

// Bitstring holds one bit for each credential of a status list. The zero value is unusable: see [NewBitstring] and
// [DecodeBitstring]. It may be read by many goroutines, and written by one.
type Bitstring struct{ bits []byte }

// NewBitstring is a list of n entries, all of them false: a multiple of 8 between [MinStatusEntries] and [MaxStatusEntries].
func NewBitstring(n int) (*Bitstring, error) {
	if n < MinStatusEntries || n > MaxStatusEntries || n%8 != 0 {
		return nil, fmt.Errorf("badge: a status list has %d to %d entries and a multiple of 8, not %d", MinStatusEntries, MaxStatusEntries, n)
	}
	return &Bitstring{bits: make([]byte, n/8)}, nil
}

// DecodeBitstring reads what a list's encodedList holds: "u", then base64url without padding, of GZIP.
func DecodeBitstring(encoded string) (*Bitstring, error) {
	packed, ok := strings.CutPrefix(encoded, "u")
	if !ok {
		return nil, errors.New(`badge: encodedList: must begin with "u" (multibase base64url)`)
	}
	zr, err := gzip.NewReader(base64.NewDecoder(base64.RawURLEncoding.Strict(), strings.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("badge: encodedList: %w", err)
	}
	bits, err := io.ReadAll(io.LimitReader(zr, MaxStatusEntries/8+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("badge: encodedList: %w", err)
	case len(bits) > MaxStatusEntries/8:
		return nil, fmt.Errorf("badge: encodedList: more than %d entries", MaxStatusEntries)
	case len(bits) < MinStatusEntries/8:
		return nil, fmt.Errorf("badge: encodedList: %d entries, fewer than %d", len(bits)*8, MinStatusEntries)
	}
	return &Bitstring{bits: bits}, nil
}

// Len is the number of entries.
func (b *Bitstring) Len() int { return len(b.bits) * 8 }

// Get reads an entry. The first is 0; its bit is the leftmost.
func (b *Bitstring) Get(i int) (bool, error) {
	if i < 0 || i >= b.Len() {
		return false, b.outside(i)
	}
	return b.bits[i/8]&(0x80>>(i%8)) != 0, nil
}

// Set writes an entry.
func (b *Bitstring) Set(i int, on bool) error {
	if i < 0 || i >= b.Len() {
		return b.outside(i)
	}
	if on {
		b.bits[i/8] |= 0x80 >> (i % 8)
	} else {
		b.bits[i/8] &^= 0x80 >> (i % 8)
	}
	return nil
}

func (b *Bitstring) outside(i int) error {
	return fmt.Errorf("badge: status index %d is outside of 0 to %d", i, b.Len()-1)
}

// Encode is the list as encodedList holds it.
func (b *Bitstring) Encode() string {
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	_, _ = zw.Write(b.bits) // a buffer takes everything
	_ = zw.Close()
	return "u" + base64.RawURLEncoding.EncodeToString(packed.Bytes())
}
