package badge

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Outcome is how a check ended.
type Outcome string

// The outcomes of a check.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown" // Unknown is what could not be decided; the check's Detail says what is missing.
)

// Reason says why a check did not pass, in a word for programs. More may be added.
type Reason string

// The reasons.
const (
	ReasonUnreadable           Reason = "unreadable"
	ReasonTooLarge             Reason = "too_large"
	ReasonSignatureInvalid     Reason = "signature_invalid"
	ReasonSignatureMissing     Reason = "signature_missing"
	ReasonSignatureUnproven    Reason = "signature_unproven" // ReasonSignatureUnproven is of checks that need a signature which passed.
	ReasonAlgorithmRefused     Reason = "algorithm_refused"
	ReasonAlgorithmUnsupported Reason = "algorithm_unsupported"
	ReasonHeaderRefused        Reason = "header_refused"
	ReasonProofUnsupported     Reason = "proof_unsupported" // ReasonProofUnsupported is an embedded (Data Integrity) proof.
	ReasonHosted               Reason = "hosted"            // ReasonHosted is a badge that only its host can confirm.
	ReasonKeyMissing           Reason = "key_missing"
	ReasonKeyExpired           Reason = "key_expired"
	ReasonKeyRevoked           Reason = "key_revoked"
	ReasonIssuerUntrusted      Reason = "issuer_untrusted"
	ReasonExpired              Reason = "credential_expired"
	ReasonNotYetValid          Reason = "credential_not_yet_valid"
	ReasonRevoked              Reason = "credential_revoked"
	ReasonSuspended            Reason = "credential_suspended"
	ReasonStatusMissing        Reason = "status_list_missing"
	ReasonStatusInvalid        Reason = "status_list_invalid"
	ReasonStatusStale          Reason = "status_list_stale"
	ReasonStatusIndex          Reason = "status_index_invalid"
	ReasonStatusUnsupported    Reason = "status_unsupported"
	ReasonHolderMismatch       Reason = "holder_mismatch"
	ReasonHolderNotNamed       Reason = "holder_not_named" // ReasonHolderNotNamed is a credential without an address to compare with.
	ReasonHolderNotAsked       Reason = "holder_not_asked"
	ReasonSchemaInvalid        Reason = "schema_invalid"
	ReasonClaimsMismatch       Reason = "claims_mismatch"
	ReasonVersion              Reason = "version_unsupported" // ReasonVersion is a credential of another version of the standard.
)

// Check is one of the things that make a badge believable.
type Check struct {
	Name   string  `json:"name"`            // Name is signature, issuer, validity, status, holder or schema.
	Result Outcome `json:"result"`          // Result is passed, failed or unknown.
	Reason Reason  `json:"reason,omitzero"` // Reason is why it did not pass.
	Detail string  `json:"detail,omitzero"` // Detail is the same for people. It may quote the badge, which may be hostile: escape it.
	// AsOf is when what it was checked against was fetched: keys and status lists age.
	AsOf time.Time `json:"as_of,omitzero"`
}

// Format is what kind of document was verified.
type Format string

// The formats that are told apart.
const (
	FormatJWT           Format = "vc-jwt"         // FormatJWT is Open Badges 3.0 as VC-JWT, alone, enveloped or baked.
	FormatDataIntegrity Format = "data-integrity" // FormatDataIntegrity is Open Badges 3.0 with an embedded proof.
	FormatUnsigned      Format = "unsigned"       // FormatUnsigned is Open Badges 3.0 without any proof.
	FormatSigned2       Format = "ob2-signed"     // FormatSigned2 is an Open Badges 2.0 assertion as JWS.
	FormatHosted2       Format = "ob2-hosted"     // FormatHosted2 is an Open Badges 2.0 assertion that its issuer hosts.
	FormatUnknown       Format = "unknown"
)

// Verdict is what [Verify] found.
type Verdict struct {
	Format Format `json:"format"`
	// At is the moment that validity was judged for.
	At        time.Time `json:"at"`
	Signature Check     `json:"signature"`
	Issuer    Check     `json:"issuer"`
	Validity  Check     `json:"validity"`
	Status    Check     `json:"status"`
	Holder    Check     `json:"holder"`
	Schema    Check     `json:"schema"`
	// Credential is what the badge says, true or not: nil when it could not be read, and for Open Badges 2.0.
	Credential *Credential `json:"credential,omitzero"`
	// Payload is the JSON that was signed, with all its extensions.
	Payload []byte `json:"-"`
}

// OK reports whether the badge can be relied on: no check failed and none is unknown. Holder counts only if [WithHolder] asked.
func (v Verdict) OK() bool {
	return !slices.ContainsFunc(v.Checks(), Check.matters)
}

// matters reports whether the check stands in the way of relying on the badge.
func (c Check) matters() bool { return c.Result != Passed && c.Reason != ReasonHolderNotAsked }

// Checks are all six, in the order in which a person would ask.
func (v Verdict) Checks() []Check {
	return []Check{v.Signature, v.Issuer, v.Validity, v.Status, v.Holder, v.Schema}
}

// Err is nil if the verdict is OK, and otherwise a [*NotVerifiedError] that names what failed and what is unknown.
func (v Verdict) Err() error {
	if v.OK() {
		return nil
	}
	return &NotVerifiedError{Checks: slices.DeleteFunc(v.Checks(), func(c Check) bool { return !c.matters() })}
}

// NotVerifiedError is a badge that cannot be relied on.
type NotVerifiedError struct {
	Checks []Check // Checks are those that did not pass.
}

// Error names each check that did not pass, and why.
func (e *NotVerifiedError) Error() string {
	lines := make([]string, len(e.Checks))
	for i, c := range e.Checks {
		lines[i] = fmt.Sprintf("%s %s (%s): %s", c.Name, c.Result, c.Reason, c.Detail)
	}
	return "badge: not verified: " + strings.Join(lines, "; ")
}
