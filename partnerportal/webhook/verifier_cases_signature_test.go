package webhook_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// bodyAndSignatureCases are cases 1 to 35: what is signed, and how the signature is written.
func bodyAndSignatureCases() []adversarial {
	const mismatch, noScheme = webhook.ErrSignatureMismatch, webhook.ErrNoSupportedScheme
	ts := strconv.Itoa(caseNow)
	text := func(valid string) string { return strings.TrimPrefix(valid, "v1,") }
	raw := func(valid string) []byte {
		b, err := base64.StdEncoding.DecodeString(text(valid))
		if err != nil {
			panic(err)
		}
		return b
	}
	old := "whsec_" + base64.StdEncoding.EncodeToString([]byte("an older secret of 32 bytes ...."))
	other := v1([]byte("somebody else's secret, 32 bytes"), caseID, ts, caseBody)
	return []adversarial{
		{1, "valid v1", "", func(*attempt) {}},
		{2, "valid, header names in other case", "", func(a *attempt) {
			// As a serverless runtime hands them over, past net/http's canonical form.
			lower := http.Header{}
			for name, values := range a.header {
				lower[strings.ToLower(name)] = values
			}
			a.header = lower
		}},
		{3, "wrong secret", mismatch, func(a *attempt) { a.keys = []string{old} }},
		{4, "one body byte flipped", mismatch, tamper(strings.Replace(caseBody, "1", "0", 1))},
		{5, "body re-indented", mismatch, tamper(strings.ReplaceAll(caseBody, ":", ": "))},
		{6, "keys reordered", mismatch, tamper(`{"type":"deal.approved","data":{"b":2,"a":1}}`)},
		{7, "newline appended", mismatch, tamper(caseBody + "\n")},
		{8, "UTF-8 BOM prepended", mismatch, tamper("\xef\xbb\xbf" + caseBody)},
		{9, "body truncated", mismatch, tamper(caseBody[:len(caseBody)-1])},
		{10, "empty body, correctly signed", "", func(a *attempt) { a.sign(caseID, ts, "") }},
		{11, "invalid UTF-8 body, correctly signed", "", func(a *attempt) { a.sign(caseID, ts, "{\"a\":\"\xff\xfe\"}") }},
		{12, "signed U+FFFD, delivered byte 0xFF", mismatch, func(a *attempt) {
			a.sign(caseID, ts, "{\"a\":\"\uFFFD\"}")
			a.body = "{\"a\":\"\xff\"}"
		}},
		{13, "id replaced", mismatch, func(a *attempt) { a.set("id", "evt_other") }},
		{14, "timestamp replaced, still fresh", mismatch, func(a *attempt) { a.set("timestamp", strconv.Itoa(caseNow+1)) }},
		{15, "signature of another message", mismatch, func(a *attempt) {
			a.set("signature", v1(secretBytes(caseSecret), "evt_other", ts, "{}"))
		}},
		{16, "signature over body only", mismatch, func(a *attempt) {
			a.set("signature", "v1,"+base64.StdEncoding.EncodeToString(hmacOf(secretBytes(caseSecret), caseBody)))
		}},
		{17, "signature over id.ts. only", mismatch, func(a *attempt) {
			a.set("signature", v1(secretBytes(caseSecret), caseID, ts, ""))
		}},
		{18, "version upper case V1", noScheme, claim(func(valid string) string { return "V1," + text(valid) })},
		{19, "hex signature", mismatch, claim(func(valid string) string { return "v1," + hex.EncodeToString(raw(valid)) })},
		{20, "base64url signature", mismatch, func(a *attempt) {
			// Only a signature with one of the two differing characters shows the difference.
			for n := 0; ; n++ {
				a.sign("evt_"+strconv.Itoa(n), ts, caseBody)
				if url := base64.URLEncoding.EncodeToString(raw(a.signature())); url != text(a.signature()) {
					a.set("signature", "v1,"+url)
					return
				}
			}
		}},
		{21, "base64 without padding", mismatch, claim(func(valid string) string { return strings.TrimRight(valid, "=") })},
		{22, "base64 with junk characters inside", mismatch, claim(func(valid string) string { return valid[:10] + "!\r\n*" + valid[10:] })},
		{23, "base64 non-canonical trailing bits", mismatch, claim(func(valid string) string {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			last := len(valid) - 2 // before the "=": its two lowest bits encode nothing
			return valid[:last] + string(alphabet[strings.IndexByte(alphabet, valid[last])|1]) + "="
		})},
		{24, "signature with a third comma part", mismatch, claim(func(valid string) string { return valid + ",x" })},
		{25, "signature cut to 8 chars", mismatch, claim(func(valid string) string { return valid[:len("v1,")+8] })},
		{26, "empty signature 'v1,'", mismatch, claim(func(string) string { return "v1," })},
		{27, "token without comma 'v1'", noScheme, claim(func(string) string { return "v1" })},
		{28, "junk token then valid", "", claim(func(valid string) string { return "junk " + valid })},
		{29, "right bytes under unknown version v2", noScheme, claim(func(valid string) string { return "v2," + text(valid) })},
		{30, "right HMAC bytes under v1a", noScheme, claim(func(valid string) string { return "v1a," + text(valid) })},
		{31, "unknown version then valid v1", "", claim(func(valid string) string { return "v9,AAAA " + valid })},
		{32, "two v1, second valid (sender rotates)", "", claim(func(valid string) string { return other + " " + valid })},
		{33, "two secrets configured, signed with the old one", "", func(a *attempt) { a.keys = []string{old, caseSecret} }},
		{34, "double space between signatures", "", claim(func(valid string) string { return other + "  " + valid })},
		{35, "100 bad signatures then a valid one", webhook.ErrMalformedHeader, claim(func(valid string) string {
			return strings.Repeat("v1,AAAA ", 100) + valid
		})},
	}
}
