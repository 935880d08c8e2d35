// Package authn knows the portal's callers: it issues access tokens for client credentials (RFC 6749, 4.4) and recognises who
// sends one. Secrets exist in the clear only in the hands of those who use them; the portal keeps their hashes.
package authn

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// The prefixes tell people, and scanners that look for leaked secrets, what they have found.
const (
	TokenPrefix  = "ppt_" // access token, short-lived
	KeyPrefix    = "ppk_" // API key, sent as a bearer token until it is revoked
	SecretPrefix = "pps_" // client secret, exchanged for access tokens
)

// NewSecret makes a secret of 256 random bits.
func NewSecret(prefix string) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is what the portal keeps of a secret. One round of SHA-256 is enough: there is nothing to guess in 256 random bits,
// unlike in a password.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
