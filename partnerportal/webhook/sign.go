package webhook

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Signer signs deliveries, at the sender's end or in a receiver's tests. It is safe for concurrent use.
type Signer struct{ keys []Key }

// NewSigner returns a Signer for the keys that are live now, newest first, 1 to 4: during a rotation the old key signs beside
// the new one, so that a receiver may change at any moment. Secrets (whsec_) sign with v1, private keys (whsk_) with v1a.
func NewSigner(keys ...Key) (*Signer, error) {
	if len(keys) < 1 || len(keys) > maxKeys {
		return nil, badKey(fmt.Sprintf("a signer takes 1 to %d keys, not %d", maxKeys, len(keys)))
	}
	for i, k := range keys {
		if kind := k.material().kind; kind != kindSecret && kind != kindPrivate {
			return nil, badKey(fmt.Sprintf("key %d cannot sign: %v", i, k))
		}
	}
	return &Signer{append([]Key(nil), keys...)}, nil
}

var standardHeaders = headerNamesOf("webhook-")

// SetHeaders signs body and sets webhook-id, webhook-timestamp and webhook-signature, so that what is sent is what was signed.
// See [Signer.Sign].
func (s *Signer) SetHeaders(h http.Header, id string, at time.Time, body []byte) error {
	signature, err := s.Sign(id, at, body)
	if err != nil {
		return err
	}
	h[standardHeaders.id] = []string{id}
	h[standardHeaders.timestamp] = []string{strconv.FormatInt(at.Unix(), 10)}
	h[standardHeaders.signature] = []string{signature}
	return nil
}

// Sign returns the value of the webhook-signature header: one signature per key, separated by spaces.
//
// id names the message and stays the same on every attempt: 1 to 128 of the characters A-Z a-z 0-9 _ -. at is the time of this
// attempt, signed to the second. A key of [CryptoKey] refuses a message that is longer than its service takes.
func (s *Signer) Sign(id string, at time.Time, body []byte) (string, error) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	if !validID(id) {
		return "", malformed(standardHeaders.id, "is not 1 to 128 of the characters A-Z a-z 0-9 _ -")
	}
	if _, ok := parseTimestamp(timestamp); !ok {
		return "", malformed(standardHeaders.timestamp, "is before 1970 or after 33658")
	}
	header := make([]byte, 0, len(s.keys)*(len(schemeV1a)+2+b64.EncodedLen(ed25519.SignatureSize)))
	var message []byte // for the keys that need it in one piece
	for i, k := range s.keys {
		if i > 0 {
			header = append(header, ' ')
		}
		m := k.material()
		if m.kind == kindSecret {
			header = m.appendHMAC(header, id, timestamp, body)
			continue
		}
		if message == nil {
			message = appendMessage(nil, id, timestamp, body)
		}
		signature, err := m.signEd25519(message)
		if err != nil {
			return "", fmt.Errorf("webhook: %v: %w", k, err)
		}
		header = append(append(header, schemeV1a...), ',')
		header = b64.AppendEncode(header, signature)
	}
	return string(header), nil
}

func (m *material) appendHMAC(header []byte, id, timestamp string, body []byte) []byte {
	state := m.macs.Get().(*mac) //nolint:forcetypeassert // the pool is ours and holds nothing else
	defer m.macs.Put(state)
	header = append(append(header, schemeV1...), ',')
	return b64.AppendEncode(header, state.sum(id, timestamp, body))
}

func (m *material) signEd25519(message []byte) ([]byte, error) {
	if m.limit > 0 && len(message) > m.limit {
		return nil, fmt.Errorf("the message has %d bytes and the key's service takes %d", len(message), m.limit)
	}
	signature, err := m.signer.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	if m.limit > 0 && !ed25519.Verify(m.public, message, signature) {
		// A service that is set to another variant (prehashed, DER) would otherwise be found out by every receiver at once.
		return nil, errors.New("the key's service returned what is no Ed25519 signature of the message")
	}
	return signature, nil
}
