package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// jwk is an Ed25519 public key as RFC 8037 writes it.
type jwk struct {
	Kty string          `json:"kty"`
	Crv string          `json:"crv"`
	X   string          `json:"x"`
	Kid string          `json:"kid,omitempty"`
	Use string          `json:"use,omitempty"`
	Alg string          `json:"alg,omitempty"`
	D   json.RawMessage `json:"d,omitempty"` // the private half, which nobody publishes on purpose
}

var jwkEncoding = base64.RawURLEncoding.Strict()

func parseJWK(raw []byte) (Key, bool) {
	var k jwk
	if json.Unmarshal(raw, &k) != nil || k.Kty != "OKP" || k.Crv != "Ed25519" {
		return Key{}, false
	}
	if k.Use != "" && k.Use != "sig" || k.Alg != "" && k.Alg != "EdDSA" && k.Alg != "Ed25519" {
		return Key{}, false
	}
	if k.D != nil { // the whole world can sign with it
		return Key{}, false
	}
	x, err := jwkEncoding.DecodeString(k.X)
	if err != nil || len(x) != 32 || smallOrder(x) {
		return Key{}, false
	}
	return publicKey(x), true
}

func newJWK(public []byte) jwk {
	x := jwkEncoding.EncodeToString(public)
	// The thumbprint of RFC 7638: these members, in this order, without spaces.
	thumbprint := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return jwk{
		Kty: "OKP", Crv: "Ed25519", X: x,
		Kid: jwkEncoding.EncodeToString(thumbprint[:]), Use: "sig", Alg: "EdDSA",
	}
}

// JWKSHandler publishes the public halves of the source's asymmetric keys as a JSON Web Key Set, usually at
// /.well-known/webhooks-jwks.json. Shared secrets are left out. Receivers keep the set for an hour and longer: publish a new key
// 24 hours before it signs, and keep an old one as long as deliveries signed with it may be repeated.
func JWKSHandler(source KeySource) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		keys, err := source.Keys(r.Context())
		if err != nil {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		set := map[string][]jwk{"keys": {}}
		for _, k := range keys[:min(len(keys), maxKeys)] {
			if public, ok := k.Public(); ok {
				set["keys"] = append(set["keys"], newJWK(public.material().public))
			}
		}
		body, err := json.Marshal(set)
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = w.Write(body)
	})
}
