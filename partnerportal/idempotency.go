package partnerportal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// maxKeyLength is the contract's limit on an idempotency key, in bytes.
const maxKeyLength = 255

// DeriveKey makes the idempotency key of a business event from what identifies it, so that a program that is started again
// uses the same key without having stored it:
//
//	partnerportal.DeriveKey("crm-import", "opportunity/006Qx00000A1b2C/register")
//
// The same two texts give the same key on every machine and in every version of this SDK: "pp1_" and the first 40 hexadecimal
// digits of the SHA-256 over the length of namespace in bytes as a decimal number, a colon, namespace and businessKey. The key
// shows neither text. Use another businessKey for another intent: the portal refuses the same key with other content as
// [ErrIdempotencyKeyReused].
func DeriveKey(namespace, businessKey string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(namespace), namespace, businessKey))
	return "pp1_" + hex.EncodeToString(sum[:20])
}

// newKey returns a random UUID, version 4, for a call whose caller gave no key.
func newKey() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func checkKey(key string) error {
	if key == "" || len(key) > maxKeyLength {
		return fmt.Errorf("an idempotency key has 1 to %d characters, this one %d", maxKeyLength, len(key))
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return fmt.Errorf("an idempotency key consists of visible ASCII characters, the one at position %d is not", i)
		}
	}
	return nil
}
