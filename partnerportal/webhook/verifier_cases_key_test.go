package webhook_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// keyCases are cases 66 to 78: keys that must not be taken, and one kind of key used as another.
func keyCases() []adversarial {
	const bad, mismatch, noScheme = webhook.ErrInvalidKey, webhook.ErrSignatureMismatch, webhook.ErrNoSupportedScheme
	ts := strconv.Itoa(caseNow)
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	whpk := "whpk_" + base64.StdEncoding.EncodeToString(public)
	whsk := "whsk_" + base64.StdEncoding.EncodeToString(private)
	asymmetric := func(change func(signature []byte) []byte) func(*attempt) {
		return func(a *attempt) {
			a.keys = []string{whpk}
			signature, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(v1a(private, caseID, ts, caseBody), "v1a,"))
			a.set("signature", "v1a,"+base64.StdEncoding.EncodeToString(change(signature)))
		}
	}
	identity := append([]byte{1}, make([]byte, 31)...)
	return []adversarial{
		{66, "secret 'whsec_' (empty key), attacker signs with empty key", bad, forged("whsec_", nil)},
		{67, "secret of one byte, attacker signs with it", bad, forged("whsec_AA==", []byte{0})},
		{68, "secret not base64", bad, forged("whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", nil)},
		{69, "secret with trailing newline", bad, forged(caseSecret+"\n", secretBytes(caseSecret))},
		{70, "secret written 'v1,whsec_...'", bad, forged("v1,"+caseSecret, secretBytes(caseSecret))},
		{71, "secret without prefix", bad, forged(caseSecret[len("whsec_"):], secretBytes(caseSecret))},
		{72, "whpk_ configured, valid v1a", "", asymmetric(func(s []byte) []byte { return s })},
		{73, "whpk_ configured, v1a with S+L", mismatch, asymmetric(addGroupOrder)},
		{74, "whpk_ configured, v1a 63 bytes", mismatch, asymmetric(func(s []byte) []byte { return s[:63] })},
		{75, "algorithm confusion: v1 keyed with the public key bytes", noScheme, forged(whpk, public)},
		{76, "algorithm confusion: v1 keyed with sloppy decode of the 'whpk_...' text", noScheme, forged(whpk, sloppy(whpk))},
		{77, "whpk_ of small order (identity)", bad, func(a *attempt) {
			// R = identity, S = 0: verifies any message in crypto/ed25519.
			a.keys = []string{"whpk_" + base64.StdEncoding.EncodeToString(identity)}
			a.set("signature", "v1a,"+base64.StdEncoding.EncodeToString(append(slices.Clone(identity), make([]byte, 32)...)))
		}},
		{78, "whsk_ (private key) given to a verifier", bad, func(a *attempt) {
			a.keys = []string{whsk}
			a.set("signature", v1a(private, caseID, ts, caseBody))
		}},
	}
}

// addGroupOrder makes the second signature that a lax implementation accepts for the same message.
func addGroupOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s)
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return append(slices.Clone(signature[:32]), sum...)
}

// sloppy decodes base64 as Python does: what is not of the alphabet is skipped.
func sloppy(text string) []byte {
	kept := strings.Map(func(r rune) rune {
		if r == '_' || r == '=' {
			return -1
		}
		return r
	}, text)
	kept = kept[:len(kept)/4*4]
	b, _ := base64.StdEncoding.DecodeString(kept)
	return b
}
