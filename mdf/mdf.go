// Package mdf asks for market development funds, claims what was spent of them, and shows where every cent is.
//
// Asking takes one call, from a template, from a past request or from the kind of an activity; claiming takes two, with the upload of
// the invoice:
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	funds := mdf.New(pp)
//	request, err := funds.QuickRequest(ctx, mdf.QuickRequest{
//		TemplateID: template, StartsOn: firstDay, Amount: partnerportal.MustMoney("4000.00", "USD"),
//	})
//	if errors.Is(err, mdf.ErrInsufficientFunds) {
//		fmt.Println("short of", mdf.ShortfallOf(err).Shortfall)
//	}
//	…
//	claim, err := funds.QuickClaim(ctx, mdf.QuickClaim{
//		RequestID: request.ID, InvoiceNumber: "2027-0117", Spent: partnerportal.MustMoney("8000.00", "USD"), FileIDs: []string{file.ID},
//	})
//
// # Where money is
//
// The vendor allocates money of a [Fund] to a partner. Of each [Allocation], what is available can be asked for; it is held while a
// request waits, committed when it is approved, claimed when the partner asks to be reimbursed, payable when the vendor agrees, and
// paid. What is not used in time expires, unless the fund releases it; [Client.Forecast] says when. The [Balance] is derived from a ledger of entries that are only
// ever added to, and at each of them
//
//	allocated = available + held + committed + claimed + payable + paid + expired + converted
//
// with no account below zero. A correction is another entry. [Client.AllEntries] reads the ledger; each [Entry] carries the balance
// after it.
//
// # Amounts
//
// Amounts are exact. What is computed from a percentage is rounded half to even at the currency's minor unit, such as cents; an amount
// that is given must not be finer than that. A fund has one currency, and nothing is converted: other currencies are refused with [ErrCurrencyMismatch].
//
// # Deadlines
//
// A deadline that is a day ends at 24:00 in the time zone of the programme. What a caller may do now is in the AllowedActions of each
// resource; an action that the state does not allow fails with [partnerportal.ErrInvalidState].
package mdf

import (
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrInsufficientFunds says that less is available than is asked for. [ShortfallOf] says how much is there and how much is missing.
	ErrInsufficientFunds = partnerportal.ErrorCode("insufficient_funds")
	// ErrFundNotOpen says that the fund is a draft, frozen or closed, or that the time for earning it is over.
	ErrFundNotOpen = partnerportal.ErrorCode("fund_not_open")
	// ErrAllocationExpired says that the allocation has ended.
	ErrAllocationExpired = partnerportal.ErrorCode("allocation_expired")
	// ErrAllocationFrozen says that the vendor has stopped new requests against the allocation.
	ErrAllocationFrozen = partnerportal.ErrorCode("allocation_frozen")
	// ErrAllocationAccruing says that the money is still being earned; it can be asked for when the earning period is over.
	ErrAllocationAccruing = partnerportal.ErrorCode("allocation_accruing")
	// ErrActivityOutsidePeriod says that an activity is not within the days of the fund or the allocation.
	ErrActivityOutsidePeriod = partnerportal.ErrorCode("activity_outside_period")
	// ErrPreApprovalRequired says that an activity begins before it is approved, which the fund does not allow.
	ErrPreApprovalRequired = partnerportal.ErrorCode("pre_approval_required")
	// ErrPercentExceeded says that more of the cost is asked for, or claimed, than is reimbursed.
	ErrPercentExceeded = partnerportal.ErrorCode("reimbursement_percent_exceeded")
	// ErrCurrencyMismatch says that an amount is not in the currency of the fund. It is the error of [partnerportal.Money] too.
	ErrCurrencyMismatch = partnerportal.ErrCurrencyMismatch
	// ErrActivityNotStarted says that an activity cannot be claimed before its first day.
	ErrActivityNotStarted = partnerportal.ErrorCode("activity_not_started")
	// ErrClaimWindowClosed says that the time for claims of the activity is over. The problem's member closed_on is its last day.
	ErrClaimWindowClosed = partnerportal.ErrorCode("claim_window_closed")
	// ErrClaimExceedsApproved says that more is claimed, or approved, than is left. [MostOf] is what is possible.
	ErrClaimExceedsApproved = partnerportal.ErrorCode("claim_exceeds_approved")
	// ErrProofMissing says that a claim lacks proof. [MissingProofOf] names the requirements.
	ErrProofMissing = partnerportal.ErrorCode("proof_missing")
	// ErrDuplicateInvoice says that another claim of the partner that stands has the invoice, or the same file: [ClaimOf] is that claim.
	ErrDuplicateInvoice = partnerportal.ErrorCode("duplicate_invoice")
	// ErrDuplicateAccrual says that the revenue of this reference has been counted.
	ErrDuplicateAccrual = partnerportal.ErrorCode("duplicate_accrual")
)

// What happens to funds, allocations, requests and claims, as their activity and the change feed name it.
const (
	EventFundOpened              = "mdf.fund_opened"               // a fund can be used
	EventFundUpdated             = "mdf.fund_updated"              // a fund or its rules changed
	EventFundFrozen              = "mdf.fund_frozen"               // a fund takes no new requests
	EventFundClosed              = "mdf.fund_closed"               // a fund was closed
	EventAllocated               = "mdf.allocated"                 // a partner got money
	EventAccrued                 = "mdf.accrued"                   // a partner earned co-op money
	EventAccrualClosed           = "mdf.accrual_closed"            // the earning period of an allocation is over, and its rule was applied
	EventAllocationUpdated       = "mdf.allocation_updated"        // the days or the state of an allocation changed
	EventBalanceChanged          = "mdf.balance_changed"           // money moved in an allocation
	EventFundsExpiring           = "mdf.funds_expiring"            // what is available expires in so many days
	EventFundsExpired            = "mdf.funds_expired"             // an allocation has ended
	EventRequestCreated          = "mdf.request_created"           // a draft was made
	EventRequestUpdated          = "mdf.request_updated"           // members of a request changed
	EventRequestSubmitted        = "mdf.request_submitted"         // the partner asks for money
	EventRequestResubmitted      = "mdf.request_resubmitted"       // the partner sent it back with changes
	EventRequestReviewStarted    = "mdf.request_review_started"    // the vendor looks at it
	EventRequestChangesRequested = "mdf.request_changes_requested" // the vendor asks for changes, or reminds of them
	EventRequestApproved         = "mdf.request_approved"          // the vendor approved it, or part of it
	EventRequestRejected         = "mdf.request_rejected"          // the vendor refused it
	EventRequestWithdrawn        = "mdf.request_withdrawn"         // the partner withdrew it, or the requested changes did not come in time
	EventRequestCanceled         = "mdf.request_canceled"          // it was canceled after its approval
	EventRequestClosed           = "mdf.request_closed"            // all its money is settled
	EventAmendmentRequested      = "mdf.amendment_requested"       // a change of an approved request was proposed
	EventAmendmentApproved       = "mdf.amendment_approved"        // the change was accepted and made
	EventAmendmentRejected       = "mdf.amendment_rejected"        // the change was refused
	EventActivityStarted         = "mdf.activity_started"          // an activity began
	EventActivityCompleted       = "mdf.activity_completed"        // an activity is over
	EventActivityCanceled        = "mdf.activity_canceled"         // an activity was canceled
	EventActivityExpired         = "mdf.activity_expired"          // an activity was not claimed in time
	EventClaimCreated            = "mdf.claim_created"             // a draft was made
	EventClaimUpdated            = "mdf.claim_updated"             // members of a claim changed
	EventClaimSubmitted          = "mdf.claim_submitted"           // the partner claims what it spent
	EventClaimResubmitted        = "mdf.claim_resubmitted"         // the partner sent it back with changes
	EventClaimReviewStarted      = "mdf.claim_review_started"      // the vendor looks at it
	EventClaimChangesRequested   = "mdf.claim_changes_requested"   // the vendor asks for changes, or reminds of them
	EventClaimApproved           = "mdf.claim_approved"            // the vendor approved it, or part of it
	EventClaimRejected           = "mdf.claim_rejected"            // the vendor refused it
	EventClaimWithdrawn          = "mdf.claim_withdrawn"           // the partner withdrew it, or the requested changes did not come in time
	EventClaimScheduled          = "mdf.claim_scheduled"           // its payment is planned
	EventClaimPaid               = "mdf.claim_paid"                // it was paid
	EventClaimPaymentFailed      = "mdf.claim_payment_failed"      // its payment failed or bounced
	EventClaimDueSoon            = "mdf.claim_due_soon"            // an activity can be claimed for so many days only
)

// Shortfall says how much less there is than was asked for.
type Shortfall struct {
	Available, Shortfall partnerportal.Money
}

// ShortfallOf returns what a refusal with [ErrInsufficientFunds] tells of the money that is there, and the zero Shortfall of any other error.
func ShortfallOf(err error) Shortfall {
	available, ok := partnerportal.ExtensionOf[partnerportal.Money](err, "available")
	shortfall, too := partnerportal.ExtensionOf[partnerportal.Money](err, "shortfall")
	if !ok || !too || !errors.Is(err, ErrInsufficientFunds) {
		return Shortfall{}
	}
	return Shortfall{Available: available, Shortfall: shortfall}
}

// MostOf returns the largest amount that is possible, of a refusal with [ErrClaimExceedsApproved], and no amount of any other error.
func MostOf(err error) partnerportal.Money {
	most, _ := partnerportal.ExtensionOf[partnerportal.Money](err, "max")
	return most
}

// MissingProofOf returns the requirements that a claim does not meet, of a refusal with [ErrProofMissing], and nil of any other error.
func MissingProofOf(err error) []string {
	missing, _ := partnerportal.ExtensionOf[[]string](err, "requirement_ids")
	return missing
}

// ClaimOf returns the claim that has the invoice or file already, of a refusal with [ErrDuplicateInvoice], and "" of any other error.
func ClaimOf(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "claim_id")
	return id
}
