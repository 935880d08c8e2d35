package webhook

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strconv"
	"time"
)

// check compares the signatures with the body, and fills d when one matches.
func (p *pending) check(d *Delivery, body []byte) error {
	i, scheme := p.match(body)
	if i < 0 {
		i, scheme = p.matchAgain(body)
	}
	if i < 0 {
		p.v.report(Observation{Code: ErrSignatureMismatch, Skew: p.skew})
		return fail(ErrSignatureMismatch, p.hint(body))
	}
	d.ID, d.Timestamp, d.Body = p.id, time.Unix(p.seconds, 0), body
	d.Scheme, d.KeyIndex, d.Key = scheme, i, p.ring.keys[i].Fingerprint()
	p.v.report(Observation{Key: d.Key, Skew: p.skew})
	return nil
}

func (p *pending) match(body []byte) (index int, scheme string) {
	if p.try.v1 {
		if i := p.matchHMAC(body); i >= 0 {
			return i, schemeV1
		}
	}
	if p.try.v1a {
		return p.matchEd25519(body), schemeV1a
	}
	return -1, ""
}

// matchAgain asks a source that may have missed a rotation for newer keys. The source bounds how often it really looks.
func (p *pending) matchAgain(body []byte) (index int, scheme string) {
	source, ok := p.v.source.(interface {
		refetch(ctx context.Context, known []Key) (newer []Key, ok bool)
	})
	if !ok {
		return -1, ""
	}
	keys, ok := source.refetch(context.Background(), p.ring.keys)
	if !ok {
		return -1, ""
	}
	p.ring = ringOf(keys)
	return p.match(body)
}

// matchHMAC computes one MAC per key, whatever the number of signatures.
func (p *pending) matchHMAC(body []byte) int {
	for i, k := range p.ring.keys {
		m := k.material()
		if m.kind != kindSecret {
			continue
		}
		state := m.macs.Get().(*mac) //nolint:forcetypeassert // the pool is ours and holds nothing else
		matched := false
		sum := state.sum(p.id, p.timestamp, body)
		for list := p.signature; list != "" && !matched; {
			var signature string
			signature, list = nextSignature(list)
			var buf [sha256.Size + 1]byte // base64 wants room for its padding
			given, ok := decodeSignature(buf[:], signature, schemeV1, sha256.Size)
			matched = ok && subtle.ConstantTimeCompare(given, sum) == 1
		}
		m.macs.Put(state)
		if matched {
			return i
		}
	}
	return -1
}

// matchEd25519 tries the keys signature by signature: one that was made by any of our keys is found within one round, so that
// the bound on the number of checks never turns an honest delivery away.
func (p *pending) matchEd25519(body []byte) int {
	message := appendMessage(make([]byte, 0, len(p.id)+len(p.timestamp)+2+len(body)), p.id, p.timestamp, body)
	budget := maxEd25519
	for list := p.signature; list != ""; {
		var signature string
		signature, list = nextSignature(list)
		var buf [ed25519.SignatureSize + 2]byte
		given, ok := decodeSignature(buf[:], signature, schemeV1a, ed25519.SignatureSize)
		if !ok {
			continue
		}
		for i, k := range p.ring.keys {
			m := k.material()
			if m.kind != kindPublic {
				continue
			}
			if budget--; budget < 0 {
				return -1
			}
			if ed25519.Verify(m.public, message, given) {
				return i
			}
		}
	}
	return -1
}

// decodeSignature decodes a signature of the given scheme and size into buf. Only the one canonical spelling is taken: base64
// would skip line breaks, but then the length is not the right one.
func decodeSignature(buf []byte, signature, scheme string, size int) (decoded []byte, ok bool) {
	n := len(scheme)
	if len(signature) != n+1+b64.EncodedLen(size) || signature[:n] != scheme || signature[n] != ',' {
		return nil, false
	}
	wrote, err := b64.Decode(buf, []byte(signature[n+1:]))
	return buf[:wrote], err == nil && wrote == size
}

// hint names the most frequent cause of a mismatch, a framework that has read the body before us.
func (p *pending) hint(body []byte) error {
	if n, err := strconv.ParseInt(p.header.Get("Content-Length"), 10, 64); len(body) == 0 && err == nil && n > 0 {
		return errors.New("the body is empty although its declared length is not: it was read before it was verified")
	}
	return nil
}

func appendMessage(b []byte, id, timestamp string, body []byte) []byte {
	b = append(append(b, id...), '.')
	b = append(append(b, timestamp...), '.')
	return append(b, body...)
}
