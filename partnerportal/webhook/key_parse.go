package webhook

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Sizes in bytes. 24 to 64 is the standard's range for a secret; a raw key may be somebody else's choice, but not a guessable one.
const (
	minSecret, newSecret, maxSecret = 24, 32, 64
	minRawKey                       = 16
	maxKeyText                      = 128  // longer than any key: not worth decoding
	maxCryptoMessage                = 4096 // AWS KMS
)

// b64 refuses what would give one key or signature many spellings.
var b64 = base64.StdEncoding.Strict()

func badKey(reason string) error { return fail(ErrInvalidKey, errors.New(reason)) }

// ParseKey reads the text form of a key: whsec_ with 24 to 64 bytes, whpk_ with a 32-byte Ed25519 public key, or whsk_ with a
// 32-byte seed or the 64 bytes of seed and public key, each in padded standard base64.
//
// It is strict, since what it lets through decides who may forge: the prefix must be there, white space must not, and a public
// key of small order, for which anybody can sign, is refused. The error is [ErrInvalidKey].
func ParseKey(s string) (Key, error) {
	k, data := kindNone, ""
	for candidate := kindSecret; candidate <= kindPrivate; candidate++ {
		if rest, ok := strings.CutPrefix(s, prefixes[candidate]); ok {
			k, data = candidate, rest
		}
	}
	switch {
	case k == kindNone:
		return Key{}, badKey("it begins with none of whsec_, whpk_ and whsk_")
	case len(data) > maxKeyText:
		return Key{}, badKey("it is too long")
	case strings.ContainsAny(data, " \t\r\n\v\f"): // base64 skips line breaks without being asked
		return Key{}, badKey("it contains white space")
	}
	raw, err := b64.DecodeString(data)
	if err != nil {
		return Key{}, badKey("what follows the prefix is not padded standard base64")
	}
	switch k {
	case kindSecret:
		if len(raw) < minSecret || len(raw) > maxSecret {
			return Key{}, badKey(fmt.Sprintf("a secret has %d to %d bytes, not %d", minSecret, maxSecret, len(raw)))
		}
		return secretKey(raw, s), nil
	case kindPublic:
		if len(raw) != ed25519.PublicKeySize || smallOrder(raw) {
			return Key{}, badKey("it is no Ed25519 public key: 32 bytes, not of small order")
		}
		return publicKey(raw), nil
	}
	return parsePrivate(raw)
}

// parsePrivate takes both forms in use: the bare seed, and Svix's, which has the public key after it.
func parsePrivate(raw []byte) (Key, error) {
	if len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return Key{}, badKey("a private key has 32 or 64 bytes")
	}
	private := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !bytes.Equal(raw, private) {
		return Key{}, badKey("the two halves of the private key do not belong together")
	}
	return privateKey(private), nil
}

// RawHMACKey makes a shared secret of bytes that are not in the whsec_ form, for senders of another making. At least 16 bytes.
// Pass exactly the bytes that the sender feeds to HMAC-SHA256.
func RawHMACKey(b []byte) (Key, error) {
	if len(b) < minRawKey {
		return Key{}, badKey(fmt.Sprintf("a raw secret has at least %d bytes", minRawKey))
	}
	return secretKey(b, ""), nil
}

// GenerateSecret returns a new shared secret of 32 random bytes (whsec_…, scheme v1): one per endpoint.
func GenerateSecret() Key {
	b := make([]byte, newSecret)
	_, _ = rand.Read(b) // never fails: the program ends first
	return secretKey(b, prefixes[kindSecret]+b64.EncodeToString(b))
}

// GenerateKeyPair returns a new Ed25519 pair (scheme v1a): the private half (whsk_…) signs and stays with the sender, the public
// half (whpk_…) verifies and may be seen by anyone.
func GenerateKeyPair() (private, public Key) {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed)
	p := ed25519.NewKeyFromSeed(seed)
	return privateKey(p), publicKey(p[ed25519.SeedSize:])
}

// CryptoKey makes a private key of an Ed25519 key that lives elsewhere, in a KMS or an HSM. Such services sign the whole message
// and bound its length: maxMessage is that bound in bytes for id, timestamp and body together, 0 for the 4096 of AWS KMS.
func CryptoKey(s crypto.Signer, maxMessage int) (Key, error) {
	if s == nil {
		return Key{}, badKey("no signer")
	}
	public, ok := s.Public().(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize || smallOrder(public) {
		return Key{}, badKey("the signer's key is not an Ed25519 key")
	}
	if maxMessage < 0 {
		return Key{}, badKey("the longest message cannot be negative")
	}
	if maxMessage == 0 {
		maxMessage = maxCryptoMessage
	}
	m := &material{kind: kindPrivate, public: bytes.Clone(public), signer: s, limit: maxMessage}
	m.fingerprint = fingerprintOf(m.kind, m.public)
	return m.key(), nil
}

func secretKey(b []byte, text string) Key {
	b = bytes.Clone(b)
	m := &material{kind: kindSecret, fingerprint: fingerprintOf(kindSecret, b), text: text}
	m.macs.New = func() any { return newMAC(b) }
	return m.key()
}

func publicKey(b []byte) Key {
	m := &material{kind: kindPublic, fingerprint: fingerprintOf(kindPublic, b), public: bytes.Clone(b)}
	m.text = prefixes[kindPublic] + b64.EncodeToString(b)
	return m.key()
}

// privateKey reveals itself in the 64-byte form, which Svix's server and the standard's examples use.
func privateKey(p ed25519.PrivateKey) Key {
	m := &material{kind: kindPrivate, public: bytes.Clone(p[ed25519.SeedSize:]), signer: p}
	m.fingerprint = fingerprintOf(m.kind, m.public)
	m.text = prefixes[kindPrivate] + b64.EncodeToString(p)
	return m.key()
}

// smallOrder reports whether an encoded point has an order of 1, 2, 4 or 8. For such a public key a signature can be made
// without a private key, for any message in one of eight at worst, and crypto/ed25519 accepts it: the standard for the
// algorithm leaves the check to whoever takes the key in. The list is complete: every y of the eight points, p and p+1 being
// the second spellings of 0 and 1; the top bit is only the sign of x.
func smallOrder(point []byte) bool {
	y := [ed25519.PublicKeySize]byte(point)
	y[31] &= 0x7f
	for _, s := range smallOrderY {
		if y == s {
			return true
		}
	}
	return false
}

var smallOrderY = [...][ed25519.PublicKeySize]byte{
	{},  // 0: order 4
	{1}, // 1: order 1, the identity
	fieldEnd(0xec),
	fieldEnd(0xed),
	fieldEnd(0xee),
	{ // order 8
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{ // order 8, the negative of the one above
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
}

// fieldEnd is the little-endian number that ends the field of 2^255-19 with the given lowest byte: 0xec is p-1 (order 2).
func fieldEnd(lowest byte) (y [ed25519.PublicKeySize]byte) {
	for i := range y {
		y[i] = 0xff
	}
	y[0], y[31] = lowest, 0x7f
	return y
}
