package webhook

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// Key is one key of an endpoint: a shared secret (whsec_…), a public key (whpk_…) that verifies, or a private key (whsk_…)
// that signs. Make one with [ParseKey], [RawHMACKey], [GenerateSecret], [GenerateKeyPair] or [CryptoKey]; the zero Key is none.
//
// However a Key is printed, logged or encoded, it shows its kind and fingerprint only; [Key.Reveal] gives the text.
//
// The material lives behind a closure, because fmt and dumpers reach into unexported fields, past every String method.
type Key struct{ load func() *material }

// kind decides the algorithm, never the header: a public key must not be usable as an HMAC secret by whoever knows it.
type kind byte

const (
	kindNone    kind = iota
	kindSecret       // HMAC-SHA256, scheme v1
	kindPublic       // Ed25519, scheme v1a, verifies
	kindPrivate      // Ed25519, scheme v1a, signs
)

var prefixes = [...]string{kindSecret: "whsec_", kindPublic: "whpk_", kindPrivate: "whsk_"}

type material struct {
	kind        kind
	fingerprint string
	text        string            // what ParseKey reads; "" when the key has no such form
	macs        sync.Pool         // of *mac, kindSecret
	public      ed25519.PublicKey // kindPublic and kindPrivate
	signer      crypto.Signer     // kindPrivate
	limit       int               // longest message that signer takes, 0 = any
}

var noMaterial material

func (m *material) key() Key { return Key{func() *material { return m }} }

func (k Key) material() *material {
	if k.load == nil {
		return &noMaterial
	}
	return k.load()
}

// fingerprintOf identifies a key in logs by 32 bits of its hash: enough to tell an endpoint's few keys apart, and nothing
// to work back from. The private and the public half of a pair have the same one, so both ends log the same word.
func fingerprintOf(k kind, b []byte) string {
	if k == kindPrivate {
		k = kindPublic
	}
	sum := sha256.Sum256(append([]byte(prefixes[k]), b...))
	return hex.EncodeToString(sum[:4])
}

// IsZero reports whether k is the zero Key.
func (k Key) IsZero() bool { return k.load == nil }

// Fingerprint returns 8 hexadecimal digits that tell keys apart in logs, metrics and delivery records. It is no secret, and
// the same for both halves of a key pair.
func (k Key) Fingerprint() string { return k.material().fingerprint }

// Reveal returns the key's text, the one that [ParseKey] reads: to show a new secret to its owner once, or to keep it in a
// vault. It is "" for a key of [RawHMACKey] or [CryptoKey].
func (k Key) Reveal() string { return k.material().text }

// Public returns the public half (whpk_…) of a private or public key, to be handed to receivers. ok is false for a shared
// secret, which has none.
func (k Key) Public() (public Key, ok bool) {
	m := k.material()
	switch m.kind {
	case kindPublic:
		return k, true
	case kindPrivate:
		return publicKey(m.public), true
	}
	return Key{}, false
}

// String returns the kind and the fingerprint, such as whsec_…1f0e5a7c.
func (k Key) String() string {
	m := k.material()
	if m.kind == kindNone {
		return "no key"
	}
	return prefixes[m.kind] + "…" + m.fingerprint
}

// GoString returns what [Key.String] does.
func (k Key) GoString() string { return k.String() }

// Format writes what [Key.String] returns, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue returns what [Key.String] does.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns what [Key.String] does: a key that is written to a file by accident is no longer one.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalJSON returns what [Key.String] does, as a JSON string.
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"` + k.String() + `"`), nil }

// UnmarshalText reads what [ParseKey] does, so that a Key can be a field of a configuration.
func (k *Key) UnmarshalText(text []byte) error {
	parsed, err := ParseKey(string(text))
	if err == nil {
		*k = parsed
	}
	return err
}
