package badge_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func set(name string, value any) func(*forgery) {
	return func(f *forgery) { f.header[name] = value }
}

// rawHeader signs a header that is given as text.
func rawHeader(text string) func(*forgery) {
	return func(f *forgery) { f.data = f.token([]byte(text), f.payload, f.sign25519) }
}

// confused signs with HMAC under what a careless verifier would take for the secret: the public key.
func confused(secret func(public ed25519.PublicKey) []byte) func(*forgery) {
	return func(f *forgery) {
		f.header["alg"] = "HS256"
		f.data = f.token(marshal(f.tb, f.header), f.payload, func(input []byte) []byte {
			mac := hmac.New(sha256.New, secret(f.key.Signer.Public().(ed25519.PublicKey)))
			mac.Write(input)
			return mac.Sum(nil)
		})
	}
}

// attacker signs with a key of its own, after the header was changed.
func attacker(change func(f *forgery, public ed25519.PublicKey)) func(*forgery) {
	return func(f *forgery) {
		public, private, _ := ed25519.GenerateKey(rand.Reader)
		change(f, public)
		f.data = f.token(marshal(f.tb, f.header), f.payload, func(input []byte) []byte { return ed25519.Sign(private, input) })
	}
}

func jwk(public ed25519.PublicKey) map[string]any {
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": segment(public)}
}

func hostileHeaders() []hostile {
	return []hostile{
		{"alg none without signature", func(f *forgery) {
			f.header["alg"] = "none"
			f.data = []byte(segment(marshal(f.tb, f.header)) + "." + segment(f.payload) + ".")
		}, unreadable},
		{"alg none with a signature", set("alg", "none"), refused},
		{"alg none in other letters", set("alg", "nOnE"), refused},
		{"alg missing", func(f *forgery) { delete(f.header, "alg") }, refused},
		{"alg a number", set("alg", 1), refused},
		{"alg empty", set("alg", ""), refused},
		{"HS256 under the public key", confused(func(p ed25519.PublicKey) []byte { return p }), refused},
		{"HS256 under the public key in PEM", confused(func(p ed25519.PublicKey) []byte {
			der, _ := x509.MarshalPKIXPublicKey(p)
			return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		}), refused},
		{"HS512", set("alg", "HS512"), refused},
		{"ES256 with an Ed25519 key", set("alg", "ES256"), keyless},
		{"RS256 with an Ed25519 key", set("alg", "RS256"), keyless},
		{"an algorithm that is not known", set("alg", "ES256K"), "signature unknown algorithm_unsupported, issuer unknown signature_unproven"},
		{"an algorithm for encryption", set("alg", "RSA-OAEP"), "signature unknown algorithm_unsupported, issuer unknown signature_unproven"},
		{"crit of something unknown", set("crit", []string{"urn:example:terms"}), header},
		{"crit of b64, which the JOSE library understands", func(f *forgery) {
			f.header["crit"], f.header["b64"] = []string{"b64"}, false
		}, header},
		{"b64 without crit", set("b64", false), header},
		{"crit empty", set("crit", []string{}), header},
		{"crit not a list", set("crit", "exp"), header},
		{"jwk of the attacker, kid of the issuer", attacker(func(f *forgery, p ed25519.PublicKey) { f.header["jwk"] = jwk(p) }), forged},
		{"jwk of the attacker, no kid", attacker(func(f *forgery, p ed25519.PublicKey) {
			delete(f.header, "kid")
			f.header["jwk"] = jwk(p)
		}), forged},
		{"jwk with a private key", func(f *forgery) {
			k := jwk(f.key.Signer.Public().(ed25519.PublicKey))
			k["d"] = segment(f.key.Signer.(ed25519.PrivateKey).Seed())
			f.header["jwk"] = k
		}, header},
		{"jku of the attacker is not followed", set("jku", "https://evil.example/jwks.json"), ""},
		{"x5u of the attacker is not followed", set("x5u", "http://169.254.169.254/latest/meta-data"), ""},
		{"x5c that is no certificate", set("x5c", []string{"AAAA"}), header},
		{"the newer name of EdDSA is harmless", set("alg", "Ed25519"), ""},
		{"the newer name of EdDSA with a key of P-256", func(f *forgery) {
			f.useP256()
			f.header["alg"] = "Ed25519"
		}, keyless + ", status unknown status_list_invalid"},
		{"kid of nobody", set("kid", "another"), keyless},
		{"kid a path", set("kid", "../../../../dev/null"), keyless},
		{"kid a statement", set("kid", "x' UNION SELECT 'secret"), keyless},
		{"kid a number", set("kid", 7), header},
		{"kid of the issuer by its fragment", set("kid", "key-1"), ""},
		{"kid whose fragment is empty", set("kid", "https://portal.example.com/jwks#"), keyless},
		{"no kid, and the one key fits", func(f *forgery) { delete(f.header, "kid") }, ""},
		{"typ of an access token", set("typ", "at+jwt"), header},
		{"typ not text", set("typ", []int{1}), header},
		{"cty of a nested token", set("cty", "JWT"), header},
		{"alg twice", rawHeader(`{"alg":"none","alg":"EdDSA","kid":"` + keyID + `"}`), header},
		{"header an array", rawHeader(`["EdDSA"]`), header},
		{"header not JSON", rawHeader(`alg=EdDSA`), header},
		{"header with text behind", rawHeader(`{"alg":"EdDSA","kid":"` + keyID + `"}{}`), header},
		{"header of 20 KB", set("note", strings.Repeat("x", 20000)), unreadable},
	}
}

func hostileSignatures() []hostile {
	return []hostile{
		{"one letter of the content changed", func(f *forgery) {
			signed := strings.Split(string(f.valid()), ".")
			f.swap("Level 2", "Level 3")
			f.data = []byte(signed[0] + "." + segment(f.payload) + "." + signed[2])
		}, forged},
		{"one bit of the signature changed", func(f *forgery) {
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte {
				s := f.sign25519(in)
				s[10] ^= 1
				return s
			})
		}, forged},
		{"signature cut short", func(f *forgery) {
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte { return f.sign25519(in)[:63] })
		}, forged},
		{"signature with the group's order added", func(f *forgery) {
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte { return malleable(f.sign25519(in)) })
		}, forged},
		{"signed by another issuer that is trusted", func(f *forgery) {
			other := f.rival()
			f.header["kid"] = other.ID
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte { return ed25519.Sign(other.Signer.(ed25519.PrivateKey), in) })
		}, keyless},
		{"signed by another issuer under the same kid", func(f *forgery) {
			other := f.rival()
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte { return ed25519.Sign(other.Signer.(ed25519.PrivateKey), in) })
		}, forged},
		{"two keys of one kid, of which the second fits", func(f *forgery) {
			wrong, _ := badge.GenerateKey(badge.EdDSA)
			wrong.ID = keyID
			keys := &f.contents.Issuers[0].Keys.Keys
			*keys = append([]badge.PublicKey{wrong.Public()}, *keys...)
		}, ""},
		{"signed by nobody who is known", func(f *forgery) { f.contents.Issuers[0].ID = "https://somebody.example" },
			"signature unknown key_missing, issuer failed issuer_untrusted, status unknown status_list_invalid"},
		{"nobody is trusted", func(f *forgery) { f.contents = badge.Contents{} },
			"signature unknown key_missing, issuer failed issuer_untrusted, status unknown status_list_missing"},
		{"key retired before the credential begins", func(f *forgery) { f.contents.Issuers[0].Keys.Keys[0].NotAfter = from.Add(-time.Second) },
			"signature failed key_expired, issuer unknown signature_unproven, status unknown status_list_invalid"},
		{"key retired after the credential began", func(f *forgery) {
			f.contents.Issuers[0].Keys.Keys[0].NotAfter = from.Add(time.Hour)
			f.contents.StatusLists[0].JWT = f.signedByNewKey()
		}, ""},
		{"key given up as stolen", stolen(now.Add(-time.Hour)), "signature failed key_revoked, issuer unknown signature_unproven"},
		{"key given up as stolen, asked about a day before", func(f *forgery) {
			stolen(now.Add(-time.Hour))(f)
			f.options = append(f.options, badge.At(now.AddDate(0, 0, -1)))
		}, "signature failed key_revoked, issuer unknown signature_unproven"},
		{"key given up as stolen, which is in the set once more", func(f *forgery) {
			again := f.key.Public()
			stolen(now)(f)
			f.contents.Issuers[0].Keys.Keys = append([]badge.PublicKey{again}, f.contents.Issuers[0].Keys.Keys...)
		}, "signature failed key_revoked, issuer unknown signature_unproven"},
		{"key that is in the set once more, retired", func(f *forgery) {
			again := f.key.Public()
			again.NotAfter = from.Add(-time.Hour)
			f.contents.Issuers[0].Keys.Keys = append(f.contents.Issuers[0].Keys.Keys, again)
		}, ""},
		{"key that is not in use yet", func(f *forgery) { f.contents.Issuers[0].Keys.Keys[0].NotBefore = now.Add(time.Hour) },
			"signature failed key_expired, issuer unknown signature_unproven, status unknown status_list_invalid"},
		{"ES256 of zeros", func(f *forgery) {
			f.useP256()
			f.data = f.token(marshal(f.tb, f.header), f.payload, func([]byte) []byte { return make([]byte, 64) })
		}, forged + ", status unknown status_list_invalid"},
		{"ES256 in DER", func(f *forgery) {
			private := f.useP256()
			f.data = f.token(marshal(f.tb, f.header), f.payload, func(in []byte) []byte {
				digest := sha256.Sum256(in)
				der, _ := ecdsa.SignASN1(rand.Reader, private, digest[:])
				return der
			})
		}, forged + ", status unknown status_list_invalid"},
		{"a line break in the token", func(f *forgery) { f.data = []byte(strings.Replace(string(f.valid()), ".", "\n.", 1)) }, unreadable},
		{"spare bits in the last letter", func(f *forgery) { f.data = spareBits(f.valid()) }, unreadable},
		{"padding", func(f *forgery) { f.data = append(f.valid(), "=="...) }, unreadable},
		{"four parts", func(f *forgery) { f.data = append(f.valid(), ".AAAA"...) }, unreadable},
		{"five parts, as of encryption", func(f *forgery) { f.data = []byte("e30.AA.AA.AA.AA") }, unreadable},
		{"a byte order mark before it is harmless", func(f *forgery) { f.data = []byte("\xef\xbb\xbf" + string(f.valid()) + "\r\n") }, ""},
		{"spaces around it are harmless", func(f *forgery) { f.data = []byte("\n " + string(f.valid()) + "\r\n") }, ""},
		{"text behind it", func(f *forgery) { f.data = append(f.valid(), " and more"...) }, unreadable},
		{"nothing", func(f *forgery) { f.data = []byte{} }, unreadable},
		{"only dots", func(f *forgery) { f.data = []byte("..") }, unreadable},
	}
}

// rival is another issuer that the verifier trusts, whose key has the same kid in its own set.
func (f *forgery) rival() badge.SigningKey {
	key, _ := badge.GenerateKey(badge.EdDSA)
	key.ID = "https://rival.example/jwks.json#key-1"
	f.contents.Issuers = append(f.contents.Issuers, badge.Issuer{
		ID: "https://rival.example", Keys: badge.JWKS{Keys: []badge.PublicKey{key.Public(), {ID: keyID, Key: key.Signer.Public()}}},
	})
	return key
}

// signedByNewKey is the status list after a rotation.
func (f *forgery) signedByNewKey() string {
	key, _ := badge.GenerateKey(badge.EdDSA)
	f.contents.Issuers[0].Keys.Keys = append(f.contents.Issuers[0].Keys.Keys, key.Public())
	token, err := badge.SignStatusList(f.world.list(), key)
	if err != nil {
		f.tb.Fatal(err)
	}
	return token
}

// stolen gives up the key that signed the badge; the list has another.
func stolen(at time.Time) func(*forgery) {
	return func(f *forgery) {
		f.contents.Issuers[0].Keys.Keys[0].RevokedAt = at
		f.contents.StatusLists[0].JWT = f.signedByNewKey()
	}
}

// useP256 makes the issuer's key one of ES256.
func (f *forgery) useP256() *ecdsa.PrivateKey {
	private, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.header["alg"] = "ES256"
	f.contents.Issuers[0].Keys.Keys[0].Key = private.Public()
	return private
}

// malleable is another signature of the same message for verifiers that do not reduce S.
func malleable(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	little := make([]byte, 32)
	for i, b := range signature[32:] {
		little[31-i] = b
	}
	sum := new(big.Int).Add(new(big.Int).SetBytes(little), order).FillBytes(make([]byte, 32))
	for i, b := range sum {
		signature[63-i] = b
	}
	return signature
}

// spareBits is the same token for decoders that ignore what does not fill a byte.
func spareBits(token []byte) []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(token) - 1
	token[last] = letters[strings.IndexByte(letters, token[last])|1]
	return token
}
