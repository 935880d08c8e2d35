// Package credentials is what people at partners have proved: certifications that end, are renewed and are taken away, and that
// anyone can verify.
//
//	proofs := credentials.New(pp)
//	for k, err := range proofs.All(ctx, credentials.ListParams{ExpiresBefore: time.Now().AddDate(0, 0, 90), Status: credentials.InForce}) {
//		… // whom the partner loses in the next 90 days, unless
//		_, err = proofs.RequestRenewal(ctx, k.ID)
//	}
//
// A [Definition] says what people are certified for, how long that lasts and how it is renewed. The vendor certifies by hand ([Client.Issue]), or the portal does when the
// training that the definition asks for is completed. Badges of other issuers are brought in with [Client.Import]: what fails a
// check is refused, and [ChecksOf] says which; so is what nobody can read, or prove to be signed by its issuer. Whatever else cannot be checked
// makes a badge wait for the vendor.
//
// # Verifying
//
// Each credential is an Open Badges 3.0 credential, a W3C Verifiable Credential as a JWT, which [Client.OpenBadge] returns; [Client.OpenPNG] and [Client.OpenSVG] have it inside a
// picture. Package credentials/badge verifies it offline. The portal publishes what that takes, to everybody: the keys under
// /.well-known/credentials/jwks.json, the status lists under /credentials/status/, the issuer under /credentials/issuer, and for people the page
// /verify/{credential_id}.
//
// The holder's e-mail address stands in a badge as a salted hash only.
//
// # Tiers
//
// A tier of a programme may ask for credentials (package program). They are counted from what is in force, in the same moment in which a
// credential is issued, renewed or revoked, or ends; membership.at_risk comes before it hurts.
package credentials

import (
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrIssuerMissing says that the vendor has not said yet who issues the credentials.
	ErrIssuerMissing = partnerportal.ErrorCode("issuer_missing")
	// ErrDefinitionRetired says that nobody is certified by the definition any more.
	ErrDefinitionRetired = partnerportal.ErrorCode("definition_retired")
	// ErrAlreadyHeld says that the person has such a credential already: [ExistingID] is that one. Renew it.
	ErrAlreadyHeld = partnerportal.ErrorCode("already_held")
	// ErrNotRenewable says that the credential lasts for ever, was imported, is issued anew instead of being renewed, or that its holder has left.
	ErrNotRenewable = partnerportal.ErrorCode("not_renewable")
	// ErrRenewalNotOpen says that it is too early: [OpensAt] is when the window opens.
	ErrRenewalNotOpen = partnerportal.ErrorCode("renewal_not_open")
	// ErrRenewalClosed says that it is too late, and the credential has to be earned anew.
	ErrRenewalClosed = partnerportal.ErrorCode("renewal_closed")
	// ErrSignature says that nothing proves that a badge was signed by its issuer. [ChecksOf] has all that was checked, of this and the following.
	ErrSignature = partnerportal.ErrorCode("signature_invalid")
	// ErrIssuerUntrusted says that the vendor does not trust the issuer of a badge.
	ErrIssuerUntrusted = partnerportal.ErrorCode("issuer_untrusted")
	// ErrRevoked says that the issuer has taken a badge away.
	ErrRevoked = partnerportal.ErrorCode("credential_revoked")
	// ErrExpired says that a badge has ended, or has not begun.
	ErrExpired = partnerportal.ErrorCode("credential_expired")
	// ErrHolderMismatch says that a badge is not that of the learner, by the e-mail address.
	ErrHolderMismatch = partnerportal.ErrorCode("holder_mismatch")
	// ErrUnsupported says that something is no badge that can be brought in, or that no definition accepts it.
	ErrUnsupported = partnerportal.ErrorCode("unsupported_credential")
	// ErrDuplicate says that the badge was brought in before: [ExistingID] is the credential, if it is the caller's.
	ErrDuplicate = partnerportal.ErrorCode("duplicate_credential")
)

// What happens to credentials, as the change feed names it.
const (
	EventIssued           = "credential.issued"            // a person was certified, or an imported badge accepted
	EventImported         = "credential.imported"          // a badge was brought in, or failed a check later; the state says whether it counts
	EventRenewalOpen      = "credential.renewal_open"      // it can be renewed
	EventRenewalRequested = "credential.renewal_requested" // the partner asks for a renewal
	EventExpiring         = "credential.expiring"          // it ends in so many days
	EventRenewed          = "credential.renewed"           // it goes on
	EventExpired          = "credential.expired"           // its time is over
	EventRevoked          = "credential.revoked"           // it was taken away
	EventSuperseded       = "credential.superseded"        // another one replaces it
	EventInDoubt          = "credential.in_doubt"          // the learning system has taken back what it was issued for
)

// InForce are the states in which a credential counts, for [ListParams].
var InForce = []Status{StatusIssued, StatusRenewalOpen}

// InForceAt says that the credential counts at an instant, if nothing becomes of it before. What is yet to be accepted, was taken away or was replaced
// never does.
func (k *Credential) InForceAt(t time.Time) bool {
	return (slices.Contains(InForce, k.Status) || k.Status == StatusExpired) && !t.Before(k.ValidFrom) && (k.ValidUntil.IsZero() || t.Before(k.ValidUntil))
}

// Lapses says that the credential counts now, and no longer at an instant unless it is renewed.
func (k *Credential) Lapses(by time.Time) bool {
	return slices.Contains(InForce, k.Status) && !k.ValidUntil.IsZero() && !by.Before(k.ValidUntil)
}

// Check returns one of the checks of a verdict. One that is not there is unknown.
func (v *Verdict) Check(name CheckName) Check {
	i := slices.IndexFunc(v.Checks, func(c Check) bool { return c.Name == name })
	if i < 0 {
		return Check{Name: name, Result: CheckResultUnknown}
	}
	return v.Checks[i]
}

// ChecksOf returns what was checked of a badge that was refused, and nil of any other error.
func ChecksOf(err error) []Check {
	checks, _ := partnerportal.ExtensionOf[[]Check](err, "checks")
	return checks
}

// ExistingID returns the credential that is there already, of a refusal with [ErrAlreadyHeld] or [ErrDuplicate], and "" of any other error.
func ExistingID(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "existing_id")
	return id
}

// OpensAt returns when the renewal window opens, of a refusal with [ErrRenewalNotOpen], and the zero time of any other error.
func OpensAt(err error) time.Time {
	at, _ := partnerportal.ExtensionOf[time.Time](err, "opens_at")
	return at
}
