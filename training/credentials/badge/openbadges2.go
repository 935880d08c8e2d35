package badge

import (
	"time"

	strict "github.com/go-jose/go-jose/v4/json"
)

// typeAssertion is what Open Badges 2.0 calls a badge.
const typeAssertion = "Assertion"

// assertion is what is read of Open Badges 2.0 (Open Badges 2.0, 3.2).
type assertion struct {
	ID        string      `json:"id"`
	Type      Set[string] `json:"type"`
	Recipient struct {
		Type     string `json:"type"`
		Identity string `json:"identity"`
		Hashed   bool   `json:"hashed"`
		Salt     string `json:"salt"`
	} `json:"recipient"`
	Badge    badgeClass `json:"badge"`
	IssuedOn time.Time  `json:"issuedOn"`
	Expires  end        `json:"expires"`
	Revoked  bool       `json:"revoked"`
}

// badgeClass is an achievement of 2.0: its URL, or the document when it is embedded.
type badgeClass struct {
	ID     string  `json:"id"`
	Issuer Profile `json:"issuer"`
}

func (c *badgeClass) UnmarshalJSON(data []byte) error {
	if isString(data) {
		return strict.Unmarshal(data, &c.ID)
	}
	type plain badgeClass
	return strict.Unmarshal(data, (*plain)(c))
}

// assertion judges a badge of Open Badges 2.0, of which less can be known offline: a signed one revokes by a list of its own kind, and
// a hosted one is whatever its host says today. Neither is ever OK.
func (q question) assertion(payload []byte, s *signed, refused error) Verdict {
	var a assertion
	format := FormatHosted2
	if s != nil {
		format = FormatSigned2
	}
	if err := decode(payload, &a); err != nil {
		return unreadable(format, ReasonUnreadable, err.Error())
	}
	v := Verdict{
		Format: format, Payload: payload,
		Signature: Check{Result: Unknown, Reason: ReasonHosted, Detail: "only its host can say whether it is true: compare with " + quoted(a.ID)},
		Status:    Check{Result: Unknown, Reason: ReasonHosted, Detail: "only its host can say whether it was revoked"},
		Schema:    Check{Result: Passed},
	}
	if s != nil {
		v.Signature = q.signature(s, refused, a.Badge.Issuer.ID, a.IssuedOn)
		v.Status = Check{Result: Unknown, Reason: ReasonStatusUnsupported, Detail: "revocation lists of Open Badges 2.0 are not checked here"}
	}
	if a.Revoked {
		v.Status = Check{Result: Failed, Reason: ReasonRevoked, Detail: "it says itself that it was revoked"}
	}
	if a.ID == "" || a.Badge.ID == "" && a.Badge.Issuer.ID == "" || a.IssuedOn.IsZero() || a.Recipient.Identity == "" {
		v.Schema = Check{Result: Failed, Reason: ReasonSchemaInvalid, Detail: "an assertion needs id, recipient, badge and issuedOn"}
	}
	v.Issuer = q.issuer(a.Badge.Issuer.ID, v.Signature)
	if a.Badge.Issuer.ID == "" {
		v.Issuer = Check{Result: Unknown, Reason: ReasonUnreadable, Detail: "who issues " + quoted(a.Badge.ID) + " stands in another document"}
	}
	v.Validity = q.validity(a.IssuedOn, a.Expires.Time)
	identity := Identity{IdentityHash: a.Recipient.Identity, Hashed: a.Recipient.Hashed, Salt: a.Recipient.Salt}
	if a.Recipient.Type == "email" {
		identity.IdentityType = emailAddress
	}
	v.Holder = q.holds("", []Identity{identity})
	return v
}
