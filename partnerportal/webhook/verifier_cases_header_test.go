package webhook_test

import (
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// headerCases are cases 36 to 65: the three headers, and every other spelling of a number.
func headerCases() []adversarial {
	const missing, malformed = webhook.ErrMissingHeader, webhook.ErrMalformedHeader
	ts := strconv.Itoa(caseNow)
	without := func(name string) func(*attempt) {
		return func(a *attempt) { a.header.Del("webhook-" + name) }
	}
	add := func(name, value string) func(*attempt) {
		return func(a *attempt) { a.header.Add("webhook-"+name, value) }
	}
	svix := func(a *attempt) {
		for _, name := range []string{"id", "timestamp", "signature"} {
			a.header.Set("svix-"+name, a.header.Get("webhook-"+name))
			a.header.Del("webhook-" + name)
		}
	}
	return []adversarial{
		{36, "missing webhook-id", missing, without("id")},
		{37, "missing webhook-timestamp", missing, without("timestamp")},
		{38, "missing webhook-signature", missing, without("signature")},
		{39, "empty webhook-id, correctly signed", missing, named("")},
		{40, "duplicate webhook-id, first one signed", malformed, add("id", "evt_other")},
		{41, "duplicate webhook-timestamp, first one signed", malformed, add("timestamp", strconv.Itoa(caseNow+1))},
		{42, "duplicate webhook-signature, second valid", malformed, func(a *attempt) {
			valid := a.signature()
			a.header["Webhook-Signature"] = []string{"v1,AAAA", valid}
		}},
		{43, "id with '.', correctly signed", malformed, named("evt.1")},
		{44, "boundary shift: day-old message replayed as fresh", malformed, func(a *attempt) {
			// Signed yesterday, with a body that begins with digits and a dot; the same bytes, cut elsewhere, are fresh.
			yesterday := strconv.Itoa(caseNow - 86400)
			a.sign(caseID, yesterday, ts+"."+caseBody)
			a.set("id", caseID+"."+yesterday)
			a.set("timestamp", ts)
			a.body = caseBody
		}},
		{45, "id of 4096 chars, correctly signed", malformed, named(strings.Repeat("a", 4096))},
		{46, "id with non-ASCII, correctly signed", malformed, named("evt_é")},
		{47, "id with space, correctly signed", malformed, named("evt 1")},
		{48, "svix-* headers only", missing, svix},
		{49, "valid svix-* triple + other webhook-id", webhook.ErrSignatureMismatch, func(a *attempt) {
			valid := a.signature()
			svix(a)
			a.set("id", "evt_other")
			a.set("timestamp", ts)
			a.set("signature", valid)
		}},
		{50, "timestamp 302 s old", webhook.ErrTimestampTooOld, at(-302)},
		{51, "timestamp 290 s old", "", at(-290)},
		{52, "timestamp 310 s ahead", webhook.ErrTimestampTooNew, at(310)},
		{53, "timestamp 290 s ahead", "", at(290)},
		{54, "timestamp '+N', signed as N", malformed, spelled("+" + ts)},
		{55, "timestamp '0N', signed as N", malformed, spelled("0" + ts)},
		{56, "timestamp 'N.5', signed as N", malformed, spelled(ts + ".5")},
		{57, "timestamp 'Nabc', signed as N", malformed, spelled(ts + "abc")},
		{58, "timestamp with leading tab, signed as N", malformed, spelled("\t" + ts)},
		{59, "timestamp with '_' separators, signed as N", malformed, spelled("1_760_000_000")},
		{60, "timestamp in exponent form, signed as N", malformed, spelled("176e7")},
		{61, "timestamp in full-width digits, signed as N", malformed, spelled(strings.Map(func(r rune) rune { return r - '0' + '０' }, ts))},
		{62, "timestamp in milliseconds", malformed, func(a *attempt) { a.sign(caseID, ts+"000", caseBody) }},
		{63, "timestamp negative", malformed, func(a *attempt) { a.sign(caseID, "-"+ts, caseBody) }},
		{64, "timestamp overflows int64", malformed, func(a *attempt) { a.sign(caseID, "18446744073709551616", caseBody) }},
		{65, "timestamp 'nan'", malformed, func(a *attempt) { a.sign(caseID, "nan", caseBody) }},
	}
}
