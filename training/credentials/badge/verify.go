package badge

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Option says more about what is asked.
type Option func(*question)

// question is everything beside the badge that a verdict depends on.
type question struct {
	bundle      *Bundle
	at          time.Time
	holder      string
	holderAsked bool
	maxAge      time.Duration
}

// At asks about another moment than now: whether the badge was or will be within its validity then. What status lists say, and which keys
// were stolen, is as of when they were fetched, whatever the moment. The zero time is now.
func At(t time.Time) Option { return func(q *question) { q.at = t } }

// WithHolder asks whether the badge was awarded to the person with this e-mail address.
func WithHolder(email string) Option {
	return func(q *question) { q.holder, q.holderAsked = email, true }
}

// MaxStatusAge makes the status unknown if the status list was fetched longer than d before the moment. Without it, or with 0, a list
// counts until its own validUntil; its ttl, which is for caches, is not heeded.
func MaxStatusAge(d time.Duration) Option { return func(q *question) { q.maxAge = d } }

// Verify judges a badge by what the bundle holds: a VC-JWT, the JSON that envelopes one, a PNG or SVG image with one baked in, JSON
// with an embedded proof, or an assertion of Open Badges 2.0, signed or hosted. It takes any bytes, always answers, and does no input or
// output. A nil bundle trusts nobody.
func Verify(data []byte, bundle *Bundle, options ...Option) Verdict {
	if bundle == nil {
		bundle = &Bundle{}
	}
	q := question{bundle: bundle}
	for _, option := range options {
		option(&q)
	}
	if q.at.IsZero() {
		q.at = time.Now()
	}
	v := q.judge(data)
	v.At = q.at.UTC()
	if !q.holderAsked {
		v.Holder = Check{Result: Unknown, Reason: ReasonHolderNotAsked, Detail: "nobody said who shows it"}
	}
	v.Signature.Name, v.Issuer.Name, v.Validity.Name = "signature", "issuer", "validity"
	v.Status.Name, v.Holder.Name, v.Schema.Name = "status", "holder", "schema"
	return v
}

func (q question) judge(data []byte) Verdict {
	if isImage(data) {
		baked, err := Extract(data)
		if err != nil {
			return unreadable(FormatUnknown, ReasonUnreadable, strings.TrimPrefix(err.Error(), "badge: "))
		}
		data = baked
	}
	if len(data) > maxText {
		return unreadable(FormatUnknown, ReasonTooLarge, fmt.Sprintf("longer than %d bytes", maxText))
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return q.json(text)
	case bytes.HasPrefix(text, []byte("http")) && isAddress(string(text)):
		return unreadable(FormatHosted2, ReasonHosted, "only the address of a badge, "+quoted(string(text)))
	}
	return q.token(string(text))
}

// isAddress recognises what images of Open Badges 2.0 may hold instead of a badge.
func isAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// unreadable is the verdict about what is no badge.
func unreadable(format Format, reason Reason, detail string) Verdict {
	lost := Check{Result: Unknown, Reason: ReasonUnreadable, Detail: "the badge cannot be read"}
	return Verdict{
		Format: format, Signature: lost, Issuer: lost, Validity: lost, Status: lost, Holder: lost,
		Schema: Check{Result: Failed, Reason: reason, Detail: shortened(detail)},
	}
}

// envelope is JSON around a VC-JWT (Verifiable Credentials Data Model 2.0, 4.13).
const (
	typeEnvelope   = "EnvelopedVerifiableCredential"
	envelopePrefix = "data:application/vc+jwt,"
)

// json judges a document that is not a token.
func (q question) json(text []byte) Verdict {
	d, err := read(text)
	switch {
	case slices.Contains(d.Type, typeEnvelope):
		if token, ok := strings.CutPrefix(d.ID, envelopePrefix); ok && err == nil {
			return q.token(token)
		}
		return unreadable(FormatUnknown, ReasonUnreadable, "an enveloped credential's id begins with "+envelopePrefix)
	case slices.Contains(d.Type, typeAssertion):
		return q.assertion(text, nil, nil)
	}
	v := Verdict{Format: FormatUnsigned, Payload: text}
	v.Signature = Check{Result: Failed, Reason: ReasonSignatureMissing, Detail: "nobody signed it"}
	if d.Proof != nil {
		v.Format = FormatDataIntegrity
		v.Signature = Check{Result: Unknown, Reason: ReasonProofUnsupported, Detail: "embedded (Data Integrity) proofs are not checked here"}
	}
	return q.credential(v, d, err)
}

// token judges a compact JWS.
func (q question) token(token string) Verdict {
	s, refused := parseJWS(token)
	if s == nil {
		return unreadable(FormatUnknown, ReasonUnreadable, refused.Error())
	}
	d, err := read(s.payload)
	if slices.Contains(d.Type, typeAssertion) {
		return q.assertion(s.payload, s, refused)
	}
	v := Verdict{Format: FormatJWT, Payload: s.payload}
	v.Signature = q.signature(s, refused, d.Issuer.ID, d.ValidFrom)
	if err == nil {
		err = claimsError(d)
	}
	return q.credential(v, d, err)
}

// signature checks against the keys of the issuer that the credential names, and of nobody else.
func (q question) signature(s *signed, refused error, from string, signedAt time.Time) Check {
	if r, ok := errors.AsType[*refusal](refused); ok {
		return Check{Result: r.result, Reason: r.reason, Detail: r.detail}
	}
	known, ok := q.bundle.issuers[from]
	if !ok {
		return Check{Result: Unknown, Reason: ReasonKeyMissing, Detail: fmt.Sprintf("the bundle has no keys of %.200q", from)}
	}
	return known.verify(s, signedAt, q.at)
}

// mismatch is a token whose claims do not agree with its credential.
type mismatch struct{ error }

func claimsError(d *document) error {
	err := d.agree(d.Issuer.ID, d.ID, d.CredentialSubject.ID, d.ValidFrom, d.ValidUntil)
	if err == nil {
		err = d.lacking(d.CredentialSubject.ID, d.ValidUntil)
	}
	if err != nil {
		return mismatch{err}
	}
	return nil
}

// credential adds the checks of the content to the one of the signature. With an error from reading, what could be read is judged.
func (q question) credential(v Verdict, d *document, err error) Verdict {
	if _, lost := errors.AsType[unreadableError](err); lost {
		payload := v.Payload
		v = unreadable(v.Format, ReasonUnreadable, err.Error())
		v.Payload = payload
		return v
	}
	c := &d.Credential
	v.Credential = c
	v.Issuer = q.issuer(c.Issuer.ID, v.Signature)
	v.Validity = q.validity(c.ValidFrom, c.ValidUntil)
	v.Status = q.bundle.status(c.Issuer.ID, c.CredentialStatus, q.at, q.maxAge)
	v.Holder = q.holds(c.CredentialSubject.ID, c.CredentialSubject.Identifier)
	v.Schema = schema(d, err)
	return v
}

func schema(d *document, err error) Check {
	if d.VC != nil || len(d.Context) > 0 && d.Context[0] == any("https://www.w3.org/2018/credentials/v1") {
		return Check{Result: Failed, Reason: ReasonVersion, Detail: "a credential of data model 1.1, of drafts of Open Badges 3.0"}
	}
	if err == nil {
		err = d.Validate()
	}
	if err == nil {
		return Check{Result: Passed}
	}
	reason := ReasonSchemaInvalid
	if _, ok := errors.AsType[mismatch](err); ok {
		reason = ReasonClaimsMismatch
	}
	return Check{Result: Failed, Reason: reason, Detail: shortened(strings.TrimPrefix(err.Error(), "badge: "))}
}

func (q question) issuer(id string, signature Check) Check {
	known, ok := q.bundle.issuers[id]
	switch {
	case !ok:
		return Check{Result: Failed, Reason: ReasonIssuerUntrusted, Detail: fmt.Sprintf("the bundle does not trust %.200q", id)}
	case signature.Result != Passed:
		return Check{Result: Unknown, Reason: ReasonSignatureUnproven, Detail: "anybody could have written the issuer's name", AsOf: known.AsOf}
	}
	return Check{Result: Passed, AsOf: known.AsOf}
}

func (q question) validity(from, until time.Time) Check {
	switch {
	case from.IsZero():
		return Check{Result: Unknown, Reason: ReasonSchemaInvalid, Detail: "it does not say from when it counts"}
	case q.at.Before(from):
		return Check{Result: Failed, Reason: ReasonNotYetValid, Detail: "valid from " + from.Format(time.RFC3339)}
	case !until.IsZero() && !q.at.Before(until):
		return Check{Result: Failed, Reason: ReasonExpired, Detail: "valid until " + until.Format(time.RFC3339)}
	}
	return Check{Result: Passed}
}

func (q question) holds(subject string, identities []Identity) Check {
	named := false
	if address, ok := strings.CutPrefix(subject, "mailto:"); ok {
		identities = append(slices.Clone(identities), Identity{IdentityType: emailAddress, IdentityHash: address})
	}
	for _, identity := range identities {
		if identity.IdentityType != emailAddress {
			continue
		}
		if named = true; identity.is(q.holder) {
			return Check{Result: Passed}
		}
	}
	if named {
		return Check{Result: Failed, Reason: ReasonHolderMismatch, Detail: "it was awarded to another address"}
	}
	return Check{Result: Unknown, Reason: ReasonHolderNotNamed, Detail: "it names no e-mail address to compare with"}
}
