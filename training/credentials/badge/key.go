package badge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.Hash, as the next
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// Algorithm is how an issuer signs, in the words of JOSE.
type Algorithm string

// The algorithms that this package signs with. It verifies RS256 and PS256 (RSA of 2048 bits and more), ES384 and ES512 as well.
const (
	EdDSA Algorithm = "EdDSA" // EdDSA is Ed25519: small, fast, and the same signature each time.
	ES256 Algorithm = "ES256" // ES256 is ECDSA with P-256 and SHA-256, which more wallets know.
)

// verifiable are the algorithms that Verify takes; whatever else a header names is refused or unknown.
var verifiable = []jose.SignatureAlgorithm{jose.EdDSA, ed25519Only, jose.ES256, jose.ES384, jose.ES512, jose.RS256, jose.PS256}

// ed25519Only is the newer name (RFC 9864) of what EdDSA is with an Ed25519 key.
const ed25519Only jose.SignatureAlgorithm = "Ed25519"

// SigningKey is an issuer's private key. Its Signer may be a key in memory (ed25519.PrivateKey, *ecdsa.PrivateKey with P-256) or
// stand for one in a key store.
type SigningKey struct {
	// ID becomes the JWT's kid. The standard wants a URI under which the public key is found, such as
	// "https://example.com/.well-known/jwks.json#key-1"; give the key in the JWKS the same.
	ID     string
	Signer crypto.Signer
}

// GenerateKey makes a key whose ID is its thumbprint (RFC 7638).
func GenerateKey(algorithm Algorithm) (SigningKey, error) {
	var signer crypto.Signer
	var err error
	switch algorithm {
	case EdDSA:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case ES256:
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return SigningKey{}, fmt.Errorf("badge: cannot sign with %q, only with EdDSA and ES256", algorithm)
	}
	if err != nil {
		return SigningKey{}, fmt.Errorf("badge: %w", err)
	}
	key := SigningKey{Signer: signer}
	key.ID, err = key.Public().Thumbprint()
	return key, err
}

// Public is what others need to verify.
func (k SigningKey) Public() PublicKey {
	if k.Signer == nil {
		return PublicKey{ID: k.ID}
	}
	return PublicKey{ID: k.ID, Key: k.Signer.Public()}
}

func (k SigningKey) sign(payload []byte, typ string) (string, error) {
	if k.ID == "" || k.Signer == nil {
		return "", errors.New("badge: a signing key needs an ID and a Signer")
	}
	public := k.Signer.Public()
	algorithm, ok := algorithmOf(public)
	if !ok || algorithm != jose.EdDSA && algorithm != jose.ES256 {
		return "", fmt.Errorf("badge: cannot sign with a %T, only with Ed25519 and P-256", public)
	}
	options := (&jose.SignerOptions{}).WithHeader("kid", k.ID).WithType(jose.ContentType(typ))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: cryptosigner.Opaque(k.Signer)}, options)
	if err != nil {
		return "", fmt.Errorf("badge: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("badge: %w", err)
	}
	return signed.CompactSerialize()
}

// algorithmOf is how a key signs; an RSA key may also sign with PS256.
func algorithmOf(key crypto.PublicKey) (jose.SignatureAlgorithm, bool) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return jose.EdDSA, len(key) == ed25519.PublicKeySize
	case *ecdsa.PublicKey:
		if key == nil {
			return "", false
		}
		switch key.Curve {
		case elliptic.P256():
			return jose.ES256, true
		case elliptic.P384():
			return jose.ES384, true
		case elliptic.P521():
			return jose.ES512, true
		}
	case *rsa.PublicKey:
		return jose.RS256, key != nil && key.N != nil && key.N.BitLen() >= 2048 && key.N.BitLen() <= 8192
	}
	return "", false
}

// PublicKey is an issuer's key as others know it. As JSON it is a JWK (RFC 7517) with the members nbf, exp and revoked that OpenID
// Federation gives keys which are no longer used.
type PublicKey struct {
	ID        string           // ID is the JWK's kid.
	Key       crypto.PublicKey // Key is an ed25519.PublicKey, *ecdsa.PublicKey or *rsa.PublicKey.
	NotBefore time.Time        // NotBefore is when it begins to count.
	NotAfter  time.Time        // NotAfter is when it was retired: what is valid from a later instant it cannot have signed.
	RevokedAt time.Time        // RevokedAt is when it was given up as stolen: it proves nothing any more, whatever it signed and whenever.

	algorithm string // the JWK's alg, when it has one
}

// Thumbprint is the key's SHA-256 thumbprint (RFC 7638) in base64url.
func (k PublicKey) Thumbprint() (string, error) {
	sum, err := (&jose.JSONWebKey{Key: k.Key}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("badge: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// keyTimes are the members of a JWK that say when it counts, in seconds since 1970.
type keyTimes struct {
	Operations []string `json:"key_ops,omitempty"`
	NotBefore  *float64 `json:"nbf,omitempty"`
	NotAfter   *float64 `json:"exp,omitempty"`
	Revoked    *struct {
		At float64 `json:"revoked_at"`
	} `json:"revoked,omitempty"`
}

// believable reports whether the times are instants that can be compared: a number that overflows would begin in the past, or never end.
func (t *keyTimes) believable() bool {
	ok := func(seconds float64) bool { return seconds >= 0 && seconds < 253402300800 } // of the year 10000
	return (t.NotBefore == nil || ok(*t.NotBefore)) && (t.NotAfter == nil || ok(*t.NotAfter)) && (t.Revoked == nil || ok(t.Revoked.At))
}

// MarshalJSON writes a JWK of the public half, with use sig.
func (k PublicKey) MarshalJSON() ([]byte, error) {
	algorithm, ok := algorithmOf(k.Key)
	if !ok {
		return nil, fmt.Errorf("badge: a %T is no key that badges are verified with", k.Key)
	}
	jwk, err := json.Marshal(jose.JSONWebKey{Key: k.Key, KeyID: k.ID, Use: "sig", Algorithm: string(algorithm)})
	if err != nil {
		return nil, err
	}
	var times keyTimes
	times.NotBefore, times.NotAfter = seconds(k.NotBefore), seconds(k.NotAfter)
	if at := seconds(k.RevokedAt); at != nil {
		times.Revoked = &struct {
			At float64 `json:"revoked_at"`
		}{*at}
	}
	extra, err := json.Marshal(times)
	if err != nil || len(extra) == len("{}") {
		return jwk, err
	}
	return append(append(jwk[:len(jwk)-1], ','), extra[1:]...), nil
}

// UnmarshalJSON reads a public JWK. It refuses private and symmetric keys, keys that are not for signing, and weak ones.
func (k *PublicKey) UnmarshalJSON(data []byte) error {
	var jwk jose.JSONWebKey
	var times keyTimes
	if err := jwk.UnmarshalJSON(data); err != nil {
		return fmt.Errorf("badge: %w", err)
	}
	if err := decode(data, &times); err != nil {
		return fmt.Errorf("badge: %w", err)
	}
	algorithm, ok := algorithmOf(jwk.Key)
	switch {
	case !ok:
		return fmt.Errorf("badge: key %q is not a public key that badges are verified with", jwk.KeyID)
	case jwk.Use != "" && jwk.Use != "sig", times.Operations != nil && !slices.Contains(times.Operations, "verify"):
		return fmt.Errorf("badge: key %q is not for verifying signatures", jwk.KeyID)
	case jwk.Algorithm != "" && !signsAs(algorithm, jwk.Algorithm):
		return fmt.Errorf("badge: key %q cannot sign with %s", jwk.KeyID, jwk.Algorithm)
	case !times.believable():
		return fmt.Errorf("badge: key %q has a time before 1970 or after 9999", jwk.KeyID)
	}
	*k = PublicKey{
		ID: jwk.KeyID, Key: jwk.Key, algorithm: jwk.Algorithm,
		NotBefore: instant(times.NotBefore), NotAfter: instant(times.NotAfter),
	}
	if times.Revoked != nil {
		k.RevokedAt = instant(&times.Revoked.At)
	}
	return nil
}

// fits reports whether the key may have made a signature with this algorithm.
func (k PublicKey) fits(algorithm string) bool {
	natural, ok := algorithmOf(k.Key)
	if k.algorithm != "" && natural != jose.EdDSA {
		return algorithm == k.algorithm
	}
	return ok && signsAs(natural, algorithm)
}

// signsAs reports whether a key of the one algorithm makes signatures of the other: RSA keys pad in two ways, and EdDSA has two names.
func signsAs(natural jose.SignatureAlgorithm, algorithm string) bool {
	switch jose.SignatureAlgorithm(algorithm) {
	case natural:
		return true
	case jose.PS256:
		return natural == jose.RS256
	case ed25519Only:
		return natural == jose.EdDSA
	}
	return false
}

// verify checks a signature whose algorithm fits the key, over the bytes as they came. The JOSE library would encode header and content
// anew for that, which costs a tenth of all there is to do, and checks what it wrote instead of what it was given.
func (k PublicKey) verify(s *signed) bool {
	switch key := k.Key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, s.input, s.signature)
	case *ecdsa.PublicKey:
		size := (key.Curve.Params().BitSize + 7) / 8
		return len(s.signature) == 2*size && ecdsa.Verify(key, digest(s),
			new(big.Int).SetBytes(s.signature[:size]), new(big.Int).SetBytes(s.signature[size:]))
	case *rsa.PublicKey:
		if s.alg == string(jose.PS256) {
			return rsa.VerifyPSS(key, crypto.SHA256, digest(s), s.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest(s), s.signature) == nil
	}
	return false
}

func digest(s *signed) []byte {
	hash := crypto.SHA256
	switch jose.SignatureAlgorithm(s.alg) {
	case jose.ES384:
		hash = crypto.SHA384
	case jose.ES512:
		hash = crypto.SHA512
	}
	h := hash.New()
	h.Write(s.input)
	return h.Sum(nil)
}

// JWKS is a set of public keys (RFC 7517), as issuers publish it. An issuer keeps retired keys in it as long as what they signed is to
// be verified.
type JWKS struct {
	Keys []PublicKey
}

// maxKeys bounds how many signature checks a token without a kid can cost.
const maxKeys = 64

// MarshalJSON writes a set, of no keys too.
func (s JWKS) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string][]PublicKey{"keys": append([]PublicKey{}, s.Keys...)})
}

// UnmarshalJSON reads a set and leaves out the keys that [PublicKey] refuses, as RFC 7517 asks. It reads at most 64 keys.
func (s *JWKS) UnmarshalJSON(data []byte) error {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := decode(data, &set); err != nil {
		return fmt.Errorf("badge: JWKS: %w", err)
	}
	if set.Keys == nil {
		return errors.New(`badge: JWKS: "keys" is required`)
	}
	if len(set.Keys) > maxKeys {
		return fmt.Errorf("badge: JWKS: %d keys, more than %d", len(set.Keys), maxKeys)
	}
	s.Keys = nil
	for _, raw := range set.Keys {
		var key PublicKey
		if key.UnmarshalJSON(raw) == nil {
			s.Keys = append(s.Keys, key)
		}
	}
	return nil
}

func seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	return new(float64(t.Unix()))
}

func instant(seconds *float64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0).UTC()
}
