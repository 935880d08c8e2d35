package badge_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const (
	brokenList = "status unknown status_list_invalid"
	badIndex   = "status failed status_index_invalid"
)

func entry(name string, value any) func(*forgery) {
	return func(f *forgery) { f.status(func(e map[string]any) { e[name] = value }) }
}

func encodedList(list string) func(*forgery) {
	return func(f *forgery) {
		f.listJSON(func(m map[string]any) { m["credentialSubject"].(map[string]any)["encodedList"] = list })
	}
}

func gzipped(data []byte) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func hostileStatuses() []hostile {
	return []hostile{
		{"revoked", func(f *forgery) {
			_ = f.bits.Set(ownIndex, true)
			f.list(func(*badge.StatusList) {})
		}, "status failed credential_revoked"},
		{"the neighbours revoked", func(f *forgery) {
			_, _ = f.bits.Set(ownIndex-1, true), f.bits.Set(ownIndex+1, true)
			f.list(func(*badge.StatusList) {})
		}, ""},
		{"suspended", func(f *forgery) {
			_ = f.bits.Set(ownIndex, true)
			f.list(func(l *badge.StatusList) { l.Purpose = badge.Suspension })
			f.status(func(e map[string]any) { e["statusPurpose"] = "suspension" })
		}, "status failed credential_suspended"},
		{"no status at all", edited(func(m map[string]any) { delete(m, "credentialStatus") }), ""},
		{"a list that nobody fetched", entry("statusListCredential", "https://portal.example.com/credentials/status/2"),
			"status unknown status_list_missing"},
		{"a list of the attacker", func(f *forgery) {
			const url = "https://evil.example/list"
			key, _ := badge.GenerateKey(badge.EdDSA)
			token, _ := badge.SignStatusList(badge.StatusList{ID: url, Issuer: issuerID, Purpose: badge.Revocation, ValidFrom: asOf, Bits: f.bits}, key)
			f.contents.StatusLists = append(f.contents.StatusLists, badge.Snapshot{URL: url, JWT: token, AsOf: asOf})
			f.status(func(e map[string]any) { e["statusListCredential"] = url })
		}, brokenList},
		{"a list of another issuer that is trusted", func(f *forgery) {
			token, _ := badge.SignStatusList(badge.StatusList{
				ID: listURL, Issuer: "https://rival.example", Purpose: badge.Revocation, ValidFrom: asOf, Bits: f.bits,
			}, f.rival())
			f.contents.StatusLists[0].JWT = token
		}, brokenList},
		{"a list for another purpose", func(f *forgery) { f.list(func(l *badge.StatusList) { l.Purpose = badge.Suspension }) }, brokenList},
		{"a list for two purposes", func(f *forgery) {
			f.listJSON(func(m map[string]any) {
				m["credentialSubject"].(map[string]any)["statusPurpose"] = []string{"revocation", "suspension"}
			})
		}, brokenList},
		{"a list that was published under another URL", func(f *forgery) {
			f.list(func(l *badge.StatusList) { l.ID = "https://portal.example.com/credentials/status/7" })
		}, brokenList},
		{"a list whose signature is wrong", func(f *forgery) {
			token := f.contents.StatusLists[0].JWT
			f.contents.StatusLists[0].JWT = token[:len(token)-4] + "AAAA"
		}, brokenList},
		{"a list of alg none", func(f *forgery) {
			parts := strings.Split(f.contents.StatusLists[0].JWT, ".")
			f.contents.StatusLists[0].JWT = segment([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + parts[2]
		}, brokenList},
		{"a badge instead of a list", func(f *forgery) { f.contents.StatusLists[0].JWT = string(f.valid()) }, brokenList},
		{"a list with claims of another", func(f *forgery) { f.listJSON(func(m map[string]any) { m["jti"] = "https://other.example" }) }, brokenList},
		{"a list by a key given up as stolen", func(f *forgery) { f.listBy(func(k *badge.PublicKey) { k.RevokedAt = now.Add(time.Hour) }, asOf) }, brokenList},
		{"the same, fetched nobody knows when", func(f *forgery) { f.listBy(func(k *badge.PublicKey) { k.RevokedAt = now }, time.Time{}) }, brokenList},
		{"a list by a key that was retired", func(f *forgery) { f.listBy(func(k *badge.PublicKey) { k.NotAfter = asOf.Add(-1) }, asOf) }, brokenList},
		{"a list that does not say when it was made, by a key that was retired", func(f *forgery) {
			f.contents.Issuers[0].Keys.Keys[0].NotAfter = asOf.Add(-time.Hour)
			f.listJSON(func(m map[string]any) {
				delete(m, "validFrom")
				delete(m, "nbf")
			})
		}, brokenList},
		{"the same, fetched nobody knows when, and neither made", func(f *forgery) {
			f.contents.Issuers[0].Keys.Keys[0].NotAfter = now
			f.contents.StatusLists[0].AsOf = time.Time{}
			f.listJSON(func(m map[string]any) {
				delete(m, "validFrom")
				delete(m, "nbf")
			})
		}, brokenList},
		{"a list fetched nobody knows when, by a key in use", func(f *forgery) { f.listBy(func(k *badge.PublicKey) { k.NotBefore = from }, time.Time{}) }, ""},
		{"a list with a long name twice", func(f *forgery) {
			name := `"` + string(repeat("x", 10_000)) + `":1,`
			f.contents.StatusLists[0].JWT = string(f.token(marshal(f.tb, f.header), []byte("{"+name+name+`"id":""}`), f.sign25519))
		}, brokenList},
		{"a list that ended in the year 1", func(f *forgery) {
			f.listJSON(func(m map[string]any) { m["validUntil"] = "0001-01-01T00:00:00Z" })
		}, brokenList},
		{"a list of 8 MB of text", func(f *forgery) { f.contents.StatusLists[0].JWT = string(repeat("A", 8<<20+1)) }, brokenList},
		{"a list that unpacks to 64 MB", encodedList(gzipped(make([]byte, 64<<20))), brokenList},
		{"a list within a list", encodedList(gzipped([]byte(gzipped(make([]byte, 1<<20))))), brokenList},
		{"a list of 8 bytes", encodedList(gzipped(make([]byte, 8))), brokenList},
		{"a list cut short", encodedList(gzipped(make([]byte, 16<<10))[:30]), brokenList},
		{"a list without multibase letter", encodedList(gzipped(make([]byte, 16<<10))[1:]), brokenList},
		{"a list in another multibase", encodedList("z" + gzipped(make([]byte, 16<<10))[1:]), brokenList},
		{"a list that is not packed", encodedList("u" + base64.RawURLEncoding.EncodeToString(make([]byte, 16<<10))), brokenList},
		{"an empty list", encodedList(""), brokenList},
		{"a list that is no longer good", func(f *forgery) { f.list(func(l *badge.StatusList) { l.ValidUntil = now }) },
			"status unknown status_list_stale"},
		{"a list too old for the verifier", func(f *forgery) { f.options = append(f.options, badge.MaxStatusAge(time.Hour)) },
			"status unknown status_list_stale"},
		{"any list too old for the verifier", func(f *forgery) { f.options = append(f.options, badge.MaxStatusAge(-time.Hour)) },
			"status unknown status_list_stale"},
		{"index outside of the list", entry("statusListIndex", strconv.Itoa(badge.MinStatusEntries)), badIndex},
		{"index outside of any list", entry("statusListIndex", "99999999999999999999999"), badIndex + ", " + invalid},
		{"index negative", entry("statusListIndex", "-1"), badIndex + ", " + invalid},
		{"index with an exponent", entry("statusListIndex", "1e3"), badIndex + ", " + invalid},
		{"index with a leading zero", entry("statusListIndex", "094567"), badIndex + ", " + invalid},
		{"index in other digits", entry("statusListIndex", "٩٤٥"), badIndex + ", " + invalid},
		{"index missing", entry("statusListIndex", ""), badIndex + ", " + invalid},
		{"index a number", entry("statusListIndex", ownIndex), "status unknown status_unsupported, " + invalid},
		{"status of another shape", edited(func(m map[string]any) { m["credentialStatus"] = "fine" }), "status unknown status_unsupported, " + invalid},
		{"status null", edited(func(m map[string]any) { m["credentialStatus"] = nil }), "status unknown status_unsupported, " + invalid},
		{"a status of two bits", entry("statusSize", 2), "status unknown status_unsupported"},
		{"a status of minus one bit", entry("statusSize", -1), "status unknown status_unsupported"},
		{"a purpose in capitals", entry("statusPurpose", "REVOCATION"), "status unknown status_unsupported"},
		{"a purpose of the issuer's own", entry("statusPurpose", "retraction"), "status unknown status_unsupported"},
		{"no purpose", entry("statusPurpose", ""), "status unknown status_unsupported, " + invalid},
		{"a status of another type", entry("type", "1EdTechRevocationList"), "status unknown status_unsupported"},
		{"a purpose that is no matter of validity", entry("statusPurpose", "message"), ""},
		{"revoked by the second of two lists", func(f *forgery) {
			const url = "https://portal.example.com/credentials/status/2"
			_ = f.bits.Set(5, true)
			token, _ := badge.SignStatusList(badge.StatusList{ID: url, Issuer: issuerID, Purpose: badge.Suspension, ValidFrom: asOf, Bits: f.bits}, f.key)
			f.contents.StatusLists = append(f.contents.StatusLists, badge.Snapshot{URL: url, JWT: token, AsOf: asOf})
			f.edit(func(m map[string]any) {
				m["credentialStatus"] = []any{m["credentialStatus"], badge.Status(url, 5, badge.Suspension)}
			})
		}, "status failed credential_suspended, " + invalid},
		{"passed by the first of two lists, the second unknown", edited(func(m map[string]any) {
			m["credentialStatus"] = []any{m["credentialStatus"], badge.Status("https://portal.example.com/gone", 5, badge.Suspension)}
		}), "status unknown status_list_missing, " + invalid},
	}
}

// listBy signs the list with another key of the issuer, after something happened to that key.
func (f *forgery) listBy(change func(*badge.PublicKey), fetched time.Time) {
	f.contents.StatusLists[0].JWT = f.signedByNewKey()
	f.contents.StatusLists[0].AsOf = fetched
	change(&f.contents.Issuers[0].Keys.Keys[1])
}
