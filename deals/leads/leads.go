// Package leads takes the leads that a vendor hands out, works them against their clocks, turns them into deals, and sends the
// vendor referrals.
//
// A lead that is offered says what it is about, but not who: the company's name and the contact are masked until the partner
// accepts, and the answer to [Client.Accept] is the first that shows them.
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	inbox := leads.New(pp)
//	for lead, err := range inbox.All(ctx, leads.ListParams{Status: []leads.Status{leads.StatusOffered}}) {
//		…
//		switch lead, err := inbox.Accept(ctx, lead.ID); {
//		case errors.Is(err, leads.ErrTaken), errors.Is(err, leads.ErrOfferExpired): // somebody was faster, or it is too late
//		case err == nil:
//			fmt.Println("call", lead.Contact.Phone, "until", lead.SLA.FirstContactBy)
//		}
//	}
//
// # The life of a lead
//
// The vendor offers a lead to one partner (exclusive), to one after the other (round_robin), or to several at once (broadcast),
// of whom exactly one gets it. Accepting starts two clocks: the first contact, which [Client.LogContact] stops, and the next report, which
// every contact restarts; a clock that runs out is noted in [SLA] and stays with the partner. The lead ends as the draft of
// a deal ([Client.Convert], which may be repeated safely), closed, or given back to the vendor, who offers it to others until it
// is out of rounds. A partner whose offer is over, or who gave the lead back, sees it masked again, as returned or recalled.
//
// A referral goes the other way: a partner creates it, the vendor accepts or rejects it. Both ways need the contact's [Consent].
//
// What a caller may do with a lead now is in Lead.AllowedActions, and what it may change in Lead.EditableFields.
package leads

import (
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrTaken says that another partner was faster: of a lead offered to several, exactly one gets it.
	ErrTaken = partnerportal.ErrorCode("lead_taken")
	// ErrOfferExpired says that the time to answer the offer is over, see [Offer.AcceptBy].
	ErrOfferExpired = partnerportal.ErrorCode("lead_offer_expired")
	// ErrMasked says that a member was named that is withheld until the lead is accepted.
	ErrMasked = partnerportal.ErrorCode("lead_masked")
	// ErrNotAssigned says that the lead is not, or no longer, the caller's to work.
	ErrNotAssigned = partnerportal.ErrorCode("not_assigned_to_you")
	// ErrConsentMissing says that the contact has not agreed to be approached, see [Consent].
	ErrConsentMissing = partnerportal.ErrorCode("consent_missing")
	// ErrNoCandidates says that no partner fits the lead; [CandidatesOf] says why.
	ErrNoCandidates = partnerportal.ErrorCode("no_candidates")
	// ErrDuplicateRef says that the caller has given one of the external references to another lead: [ExistingID] is that lead.
	// Of [Client.Convert] it says the same of a deal.
	ErrDuplicateRef = partnerportal.ErrorCode("duplicate_external_ref")
)

// What happens to leads, as their activity and the change feed name it.
const (
	EventCreated       = "lead.created"        // the vendor made a lead
	EventOffered       = "lead.offered"        // it was offered to a partner
	EventAccepted      = "lead.accepted"       // a partner took it, or the vendor accepted a referral
	EventDeclined      = "lead.declined"       // a partner declined its offer
	EventOfferExpired  = "lead.offer_expired"  // a partner did not answer in time
	EventRecalled      = "lead.recalled"       // the vendor took an offer back
	EventUpdated       = "lead.updated"        // fields changed, or another partner was faster
	EventContacted     = "lead.contacted"      // the partner approached the contact
	EventReturned      = "lead.returned"       // the lead is back with the vendor
	EventUnplaced      = "lead.unplaced"       // no partner kept it in all its rounds
	EventConverted     = "lead.converted"      // it became the draft of a deal
	EventClosed        = "lead.closed"         // it led nowhere
	EventSLABreached   = "lead.sla_breached"   // a partner let a clock run out, see [SLAClock]
	EventSubmitted     = "lead.submitted"      // a partner sent a referral
	EventReviewStarted = "lead.review_started" // the vendor is looking at a referral
	EventRejected      = "lead.rejected"       // the vendor rejected a referral
)

// ExistingID returns the lead, or the deal, that has the external reference already, of a refusal with [ErrDuplicateRef], and ""
// of any other error.
func ExistingID(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "existing_id")
	return id
}

// CandidatesOf returns the partners that were considered for a lead, each with the reasons that kept it out, of a refusal with
// [ErrNoCandidates], and nil of any other error.
func CandidatesOf(err error) []Candidate {
	candidates, _ := partnerportal.ExtensionOf[[]Candidate](err, "candidates")
	return candidates
}
