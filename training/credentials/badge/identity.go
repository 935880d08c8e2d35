package badge

import (
	"crypto/md5" //nolint:gosec // one of the two hashes of the standard; it hides an address, it proves nothing
	"crypto/sha256"
	"encoding/hex"
	"strings"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Identity says who a subject is, by a hash or openly: the IdentityObject of the standard.
type Identity struct {
	Type         string `json:"type"`          // Type is "IdentityObject".
	IdentityHash string `json:"identityHash"`  // IdentityHash is "sha256$" or "md5$" and the hash in hexadecimal, or the plain value.
	IdentityType string `json:"identityType"`  // IdentityType is a word of the standard, such as emailAddress.
	Hashed       bool   `json:"hashed"`        // Hashed says whether IdentityHash is a hash.
	Salt         string `json:"salt,omitzero"` // Salt is what was appended before hashing.

	vague bool // hashed was not there
}

// UnmarshalJSON notices whether hashed is there: without it nobody can tell a hash from a plain value.
func (i *Identity) UnmarshalJSON(data []byte) error {
	type plain Identity
	read := struct {
		*plain
		Hashed *bool `json:"hashed"`
	}{plain: (*plain)(i)}
	if err := strict.Unmarshal(data, &read); err != nil {
		return err
	}
	if i.vague = read.Hashed == nil; !i.vague {
		i.Hashed = *read.Hashed
	}
	return nil
}

// emailAddress is the IdentityType by which WithHolder looks.
const emailAddress = "emailAddress"

// EmailIdentity is the salted SHA-256 of an address in lower case: it lets a person prove who they are and tells nobody else.
// Take a random salt for each credential, so that two of one person cannot be tied together.
func EmailIdentity(email, salt string) Identity {
	sum := sha256.Sum256([]byte(normalEmail(email) + salt))
	return Identity{
		Type: "IdentityObject", IdentityType: emailAddress, Hashed: true, Salt: salt,
		IdentityHash: "sha256$" + hex.EncodeToString(sum[:]),
	}
}

// is reports whether the identity is this address. Issuers hash addresses as they have them: as written and in lower case both count.
func (i Identity) is(email string) bool {
	if normalEmail(email) == "" {
		return false
	}
	for _, candidate := range []string{strings.TrimSpace(email), normalEmail(email)} {
		switch algorithm, hash, _ := strings.Cut(i.IdentityHash, "$"); {
		case !i.Hashed:
			if normalEmail(i.IdentityHash) == normalEmail(email) {
				return true
			}
		case algorithm == "sha256":
			if sum := sha256.Sum256([]byte(candidate + i.Salt)); strings.EqualFold(hash, hex.EncodeToString(sum[:])) {
				return true
			}
		case algorithm == "md5":
			if sum := md5.Sum([]byte(candidate + i.Salt)); strings.EqualFold(hash, hex.EncodeToString(sum[:])) { //nolint:gosec // as above
				return true
			}
		}
	}
	return false
}

// normalEmail lowers the letters of ASCII only: strings.ToLower makes a k of the Kelvin sign too, which another person's address may have.
func normalEmail(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(email))
}
