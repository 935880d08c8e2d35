package badge_test

import (
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const (
	unsigned   = "signature failed signature_missing, issuer unknown signature_unproven"
	invalid    = "schema failed schema_invalid"
	mismatched = "schema failed claims_mismatch"
	nothing    = "signature unknown key_missing, issuer failed issuer_untrusted, validity unknown schema_invalid, holder unknown holder_not_named, "
)

// swapped replaces text of the payload, which the issuer then signs: issuers make mistakes, and some are hostile.
func swapped(old, replacement string) func(*forgery) {
	return func(f *forgery) { f.swap(old, replacement) }
}

func edited(change func(m map[string]any)) func(*forgery) {
	return func(f *forgery) { f.edit(change) }
}

func payload(text string) func(*forgery) {
	return func(f *forgery) { f.payload = []byte(text) }
}

// unread is a token that holds no credential, whoever signed it.
const unread = unreadable

func hostileDocuments() []hostile {
	return []hostile{
		{"33 levels of JSON", edited(func(m map[string]any) {
			m["extension"] = nested(32)
		}), unread},
		{"a megabyte of empty objects", func(f *forgery) {
			f.data = []byte(`{"credentialSubject":{"achievement":{"resultDescription":[` + string(repeat("{},", 300_000)) + `{}]}}}`)
		}, unread},
		{"a long name twice", func(f *forgery) {
			name := `"` + string(repeat("x", 100_000)) + `":1,`
			f.data = []byte("{" + name + name + `"id":""}`)
		}, unread},
		{"a million brackets", payload(string(repeat("[", 700_000))), unread},
		{"a million escapes", payload(`{"id":"` + string(repeat(`\\`, 350_000)) + `"}`), nothing + mismatched},
		{"issuer twice", swapped(`"issuer":`, `"issuer":"https://rival.example","issuer":`), unread},
		{"name twice, deep inside", swapped(`"achievementType":`, `"name":"Chief","achievementType":`), "holder unknown holder_not_named, " + invalid},
		{"issuer in capitals beside the true one", swapped(`"issuer":`, `"ISSUER":"https://rival.example","issuer":`), ""},
		{"validUntil in capitals only", swapped(`"validUntil":`, `"VALIDUNTIL":`), mismatched},
		{"not UTF-8", swapped("Certified", "\xff\xfe"), unread},
		{"text behind the object", func(f *forgery) { f.payload = append(f.payload, `{"id":"x"}`...) }, unread},
		{"null", payload(`null`), nothing + mismatched},
		{"an array", payload(`[]`), unread},
		{"a token inside the token", func(f *forgery) { f.payload = f.valid() }, unread},
		{"a number that no float64 holds", swapped(`"nbf":`, `"nbf":1e999,"x":`), invalid},
		{"name a number", edited(func(m map[string]any) { m["name"] = 7 }), invalid},
		{"name a number, after expiry", func(f *forgery) {
			f.edit(func(m map[string]any) { m["name"] = 7 })
			f.options = append(f.options, badge.At(until.Add(time.Hour)))
		}, "validity failed credential_expired, " + invalid},
		{"id with a line break", edited(func(m map[string]any) { m["id"], m["jti"] = "urn:x\ny", "urn:x\ny" }), invalid},
		{"id relative", edited(func(m map[string]any) { m["id"], m["jti"] = "cred_1", "cred_1" }), invalid},
		{"type of a presentation", edited(func(m map[string]any) { m["type"] = []string{"VerifiablePresentation"} }), invalid},
		{"context of the draft", edited(func(m map[string]any) {
			m["@context"] = []string{"https://www.w3.org/2018/credentials/v1", "https://purl.imsglobal.org/spec/ob/v3p0/context.json"}
		}), "schema failed version_unsupported"},
		{"contexts in the wrong order", edited(func(m map[string]any) { m["@context"] = []string{badge.ContextOB, badge.ContextVC} }), invalid},
		{"context of a look-alike", edited(func(m map[string]any) {
			m["@context"] = []string{badge.ContextVC, "https://purl.imsglobal.org.evil.example/spec/ob/v3p0/context-3.0.3.json"}
		}), invalid},
		{"no achievement", edited(func(m map[string]any) { delete(m["credentialSubject"].(map[string]any), "achievement") }), invalid},
		{"two subjects", edited(func(m map[string]any) {
			m["credentialSubject"] = []any{m["credentialSubject"], m["credentialSubject"]}
		}), "holder unknown holder_not_named, " + invalid},
		{"more than a megabyte", func(f *forgery) { f.data = repeat("A", 1<<20+1) },
			strings.TrimSuffix(unreadable, "unreadable") + "too_large"},
		{"an evidence that is no list", edited(func(m map[string]any) { m["evidence"] = "see me" }), invalid},
		{"creator by reference, which only an issuer may be", edited(func(m map[string]any) {
			m["credentialSubject"].(map[string]any)["achievement"].(map[string]any)["creator"] = issuerID
		}), invalid},
		{"id that reads backwards", edited(func(m map[string]any) { m["id"], m["jti"] = "urn:x\u202ey", "urn:x\u202ey" }), invalid},
		{"markup in the name is only text", edited(func(m map[string]any) { m["name"] = "<script>alert(1)</script>" }), ""},
	}
}

func nested(levels int) any {
	if levels == 0 {
		return 1
	}
	return []any{nested(levels - 1)}
}

func hostileClaims() []hostile {
	return []hostile{
		{"nbf is not validFrom", edited(func(m map[string]any) { m["nbf"] = from.Unix() - 3600 }), mismatched},
		{"exp is not validUntil", edited(func(m map[string]any) { m["exp"] = until.Unix() + 86400 }), mismatched},
		{"exp missing", edited(func(m map[string]any) { delete(m, "exp") }), mismatched},
		{"exp without validUntil", edited(func(m map[string]any) { delete(m, "validUntil") }), mismatched},
		{"nbf missing", edited(func(m map[string]any) { delete(m, "nbf") }), mismatched},
		{"iss of somebody else", edited(func(m map[string]any) { m["iss"] = "https://rival.example" }), mismatched},
		{"iss missing", edited(func(m map[string]any) { delete(m, "iss") }), mismatched},
		{"issuer of somebody else", edited(func(m map[string]any) { m["issuer"] = "https://rival.example" }),
			"signature unknown key_missing, issuer failed issuer_untrusted, status unknown status_list_invalid, " + mismatched},
		{"sub of somebody else", edited(func(m map[string]any) { m["sub"] = "urn:uuid:00000000-0000-0000-0000-000000000000" }), mismatched},
		{"sub without a subject's id", edited(func(m map[string]any) { delete(m["credentialSubject"].(map[string]any), "id") }), mismatched},
		{"jti of another credential", edited(func(m map[string]any) { m["jti"] = "https://portal.example.com/credentials/1" }), mismatched},
		{"another credential in vc", edited(func(m map[string]any) { m["vc"] = map[string]any{"name": "Chief Engineer"} }),
			"schema failed version_unsupported"},
		{"the credential in vc only, as in data model 1.1", edited(func(m map[string]any) {
			vc := map[string]any{}
			for name, value := range m {
				if len(name) > 3 {
					vc[name] = value
					delete(m, name)
				}
			}
			m["vc"] = vc
		}), nothing + "schema failed version_unsupported"},
		{"expired", func(f *forgery) { f.options = append(f.options, badge.At(until.Add(time.Second))) }, "validity failed credential_expired"},
		{"at the end of its validity", func(f *forgery) { f.options = append(f.options, badge.At(until)) }, "validity failed credential_expired"},
		{"a moment before the end of its validity", func(f *forgery) { f.options = append(f.options, badge.At(until.Add(-1))) }, ""},
		{"a moment before it counts", func(f *forgery) { f.options = append(f.options, badge.At(from.Add(-1))) },
			"validity failed credential_not_yet_valid"},
		{"an end before its beginning", edited(func(m map[string]any) {
			m["validUntil"], m["exp"] = from.Add(-time.Hour).Format(time.RFC3339), from.Unix()-3600
		}), "validity failed credential_expired, " + invalid},
		{"validFrom not an instant", edited(func(m map[string]any) { m["validFrom"] = "2026-03-01" }), "validity unknown schema_invalid, " + invalid},
		{"validFrom in the year 20000", edited(func(m map[string]any) { m["validFrom"] = "20000-01-01T00:00:00Z" }), "validity unknown schema_invalid, " + invalid},
		{"validUntil in the year 1", ends("0001-01-01T00:00:00Z"), "validity unknown schema_invalid, " + invalid},
		{"validUntil in the year 1, elsewhere", ends("0001-01-01T01:00:00+01:00"), "validity unknown schema_invalid, " + invalid},
		{"validUntil null", ends(nil), "validity unknown schema_invalid, " + invalid},
		{"validUntil not an instant", edited(func(m map[string]any) { m["validUntil"] = "never" }), "validity unknown schema_invalid, " + invalid},
	}
}

// ends leaves no claim behind that says when the badge ends.
func ends(until any) func(*forgery) {
	return edited(func(m map[string]any) {
		m["validUntil"] = until
		delete(m, "exp")
	})
}

// identified replaces who the badge was awarded to.
func identified(identity map[string]any) func(*forgery) {
	return edited(func(m map[string]any) { m["credentialSubject"].(map[string]any)["identifier"] = []any{identity} })
}

func hostileOthers() []hostile {
	identity := func(hash string, hashed bool) map[string]any {
		return map[string]any{"type": "IdentityObject", "identityType": "emailAddress", "identityHash": hash, "hashed": hashed, "salt": "s"}
	}
	return []hostile{
		{"shown by somebody else", func(f *forgery) { f.options = append(f.options, badge.WithHolder("eve@partner.example")) },
			"holder failed holder_mismatch"},
		{"shown by nobody", func(f *forgery) { f.options = append(f.options, badge.WithHolder("")) }, "holder failed holder_mismatch"},
		{"shown by nobody, and awarded to nobody", func(f *forgery) {
			identified(identity("", false))(f)
			f.options = append(f.options, badge.WithHolder(" "))
		}, "holder failed holder_mismatch, " + invalid},
		{"address in other letters", func(f *forgery) { f.options = append(f.options, badge.WithHolder(" ADA@Partner.example ")) }, ""},
		{"address with the Kelvin sign", func(f *forgery) {
			identified(identity("k@partner.example", false))(f)
			f.options = append(f.options, badge.WithHolder("\u212A@partner.example"))
		}, "holder failed holder_mismatch"},
		{"address in the open", identified(identity(holder, false)), ""},
		{"hash that claims to be plain", identified(identity(badge.EmailIdentity(holder, "s").IdentityHash, false)), "holder failed holder_mismatch"},
		{"plain that claims to be hashed", identified(identity(holder, true)), "holder failed holder_mismatch, " + invalid},
		{"hash of an unknown kind", identified(identity("sha1$00", true)), "holder failed holder_mismatch, " + invalid},
		{"hash that is empty", identified(identity("sha256$", true)), "holder failed holder_mismatch"},
		{"identity by another scheme", edited(func(m map[string]any) {
			m["credentialSubject"].(map[string]any)["identifier"].([]any)[0].(map[string]any)["identityType"] = "nationalIdentityNumber"
		}), "holder unknown holder_not_named"},
		{"JSON without a proof", func(f *forgery) { f.data = f.payload }, unsigned},
		{"JSON with a proof that proves nothing", func(f *forgery) {
			f.edit(func(m map[string]any) { m["proof"] = map[string]any{"type": "DataIntegrityProof", "proofValue": "z1"} })
			f.data = f.payload
		}, "signature unknown proof_unsupported, issuer unknown signature_unproven"},
		{"JSON whose proof is null", func(f *forgery) {
			f.edit(func(m map[string]any) { m["proof"] = nil })
			f.data = f.payload
		}, unsigned},
		{"envelope", envelope("data:application/vc+jwt,", 1), ""},
		{"envelope around an envelope", envelope("data:application/vc+jwt,", 2), unreadable},
		{"envelope of another kind", envelope("data:text/html,", 1), unreadable},
		{"envelope that points elsewhere", envelope("https://evil.example/", 1), unreadable},
		{"JWS in its JSON form", func(f *forgery) {
			parts := strings.Split(string(f.valid()), ".")
			f.data = marshal(f.tb, map[string]any{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
		}, strings.Replace(nothing, "unknown key_missing", "failed signature_missing", 1) + invalid},
		{"a status list instead of a badge", func(f *forgery) { f.data = []byte(f.contents.StatusLists[0].JWT) },
			"holder unknown holder_not_named, " + mismatched},
	}
}

func envelope(prefix string, times int) func(*forgery) {
	return func(f *forgery) {
		f.data = f.valid()
		for range times {
			f.data = marshal(f.tb, map[string]any{
				"@context": badge.ContextVC, "type": "EnvelopedVerifiableCredential", "id": prefix + string(f.data),
			})
		}
	}
}
