package webhook

import (
	"bytes"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// mac is an HMAC-SHA256 that is used again and again and allocates nothing.
//
// crypto/hmac does that too, but each of its sums copies both digests and pads them anew: a tenth of the time for a small event.
// So the states that follow the key's block are kept, the padding is written as part of the message, and the sum is read off
// the state. What a state looks like is crypto/sha256's own affair, hence the check in newMAC, which goes back to crypto/hmac
// if it ever changes, and in FIPS 140 mode, where the construction must be the validated one.
type mac struct {
	inner, outer digest
	ipad, opad   []byte    // their states after the key's block
	checked      hash.Hash // crypto/hmac, when it has to be

	// Scratch space lives here and not on the stack, because arguments of an interface's methods escape.
	message [maxID + maxTimestamp + 2]byte
	padding [sha256.BlockSize + 8]byte
	block   [sha256.BlockSize]byte // what the outer digest hashes: the inner sum and its padding
	state   [128]byte
}

type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// stateSum is where the eight words of the hash stand in a digest's state.
const stateSum = len("sha\x03")

func newMAC(key []byte) *mac {
	m := &mac{checked: hmac.New(sha256.New, key)}
	if fips140.Enabled() || !m.prepare(key) {
		return m
	}
	want := m.checked.Sum(nil)
	m.checked = nil
	if !bytes.Equal(m.finish(0), want) {
		m.checked = hmac.New(sha256.New, key)
	}
	return m
}

func (m *mac) prepare(key []byte) (ok bool) {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var block [sha256.BlockSize]byte
	state := func(d digest, pad byte) []byte {
		clear(block[:])
		copy(block[:], key)
		for i := range block {
			block[i] ^= pad
		}
		d.Write(block[:])
		b, err := d.AppendBinary(nil)
		ok = ok && err == nil && len(b) <= len(m.state) && len(b) >= stateSum+sha256.Size
		return b
	}
	var isDigest [2]bool
	m.inner, isDigest[0] = sha256.New().(digest)
	m.outer, isDigest[1] = sha256.New().(digest)
	if ok = isDigest[0] && isDigest[1]; !ok {
		return false
	}
	m.ipad, m.opad = state(m.inner, 0x36), state(m.outer, 0x5c)
	m.padding[0], m.block[sha256.Size] = 0x80, 0x80
	binary.BigEndian.PutUint16(m.block[sha256.BlockSize-2:], 8*(sha256.BlockSize+sha256.Size))
	return ok
}

// sum returns the MAC of id, timestamp and body, joined by dots. It is valid until the next call.
func (m *mac) sum(id, timestamp string, body []byte) []byte {
	start := appendMessage(m.message[:0], id, timestamp, nil)
	if m.checked != nil {
		m.checked.Reset()
		m.checked.Write(start)
		m.checked.Write(body)
		return m.checked.Sum(m.state[:0])
	}
	_ = m.inner.UnmarshalBinary(m.ipad)
	m.inner.Write(start)
	m.inner.Write(body)
	return m.finish(len(start) + len(body))
}

// finish pads a message of n bytes, which the inner digest has taken in after the key's block, and hashes its sum.
func (m *mac) finish(n int) []byte {
	length := uint64(sha256.BlockSize + n)
	zeros := (2*sha256.BlockSize - 9 - length%sha256.BlockSize) % sha256.BlockSize
	bits := m.padding[1+zeros:][:8]
	binary.BigEndian.PutUint64(bits, 8*length)
	m.inner.Write(m.padding[:1+zeros+8])
	clear(bits)

	state, _ := m.inner.AppendBinary(m.state[:0])
	copy(m.block[:sha256.Size], state[stateSum:])
	_ = m.outer.UnmarshalBinary(m.opad)
	m.outer.Write(m.block[:])
	state, _ = m.outer.AppendBinary(m.state[:0])
	return state[stateSum:][:sha256.Size]
}
