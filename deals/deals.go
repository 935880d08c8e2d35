// Package deals registers deals with a vendor, so that nobody else is protected for the same customer and business.
//
// One call does it: the portal fills in what it knows of the customer, looks for conflicts, gives the registration its priority
// and, where the programme has a rule for it, approves at once.
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	deal, err := deals.New(pp).Register(ctx, deals.Registration{
//		Customer:        partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
//		Products:        []deals.Product{{Family: "GTX"}},
//		Amount:          partnerportal.MustMoney("125000.00", "USD"),
//		ExpectedCloseOn: closeOn,
//	}, partnerportal.WithIdempotencyKey("crm-006Qx00000AbCdE"))
//	if errors.Is(err, deals.ErrConflict) {
//		fmt.Println(deals.MatchesOf(err)) // what may be told of the other side, and the ways out
//	}
//
// # The life of a deal
//
// A draft holds nothing. Submitting it gives it the next priority by the portal's clock; the earlier registration holds the
// customer, and a priority survives a request for changes, but not a recall. The vendor approves, rejects, or asks for changes. Approval
// starts the protection: a window, a customer and a scope of product families and territories in which nobody else is protected
// exclusively. It ends at 24:00 of a day in the programme's time zone, unless it is extended; with a win, a loss or a cancellation it is released.
// When what was ordered for a deal has arrived, Deal.WinProposal says how much of it: [Client.Win] with an empty [Win] takes that.
//
// What a caller may do with a deal now is in Deal.AllowedActions, and what it may change in Deal.EditableFields. An action that
// the state does not allow fails with [partnerportal.ErrInvalidState], which names both the state and the actions.
package deals

import (
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrConflict says that somebody else holds the customer for this business. [MatchesOf] gives what may be told of it.
	ErrConflict = partnerportal.ErrorCode("conflict_blocked")
	// ErrOwnDuplicate says that the partner has registered this business already: [ExistingID] is the deal.
	ErrOwnDuplicate = partnerportal.ErrorCode("own_duplicate")
	// ErrDuplicateRef says that another deal of the partner has one of the external references: [ExistingID] is that deal.
	ErrDuplicateRef = partnerportal.ErrorCode("duplicate_external_ref")
	// ErrConflictUnresolved says that a conflict of the deal must be settled, or overridden with a reason, before it is approved.
	ErrConflictUnresolved = partnerportal.ErrorCode("conflict_unresolved")
	// ErrProtectionTaken says that another deal is protected exclusively for this customer and scope. No reason overrides it.
	ErrProtectionTaken = partnerportal.ErrorCode("protection_taken")
	// ErrProductNotAuthorised says that the partner may not register one of the product families.
	ErrProductNotAuthorised = partnerportal.ErrorCode("product_not_authorised")
	// ErrTerritoryNotAuthorised says that the partner may not register business in the territory.
	ErrTerritoryNotAuthorised = partnerportal.ErrorCode("territory_not_authorised")
	// ErrProgramNotActive says that the programme takes no registrations, or none of this partner.
	ErrProgramNotActive = partnerportal.ErrorCode("program_not_active")
	// ErrBelowMinimum says that the amount is smaller than the programme's minimum.
	ErrBelowMinimum = partnerportal.ErrorCode("below_minimum_value")
	// ErrCloseDateOutOfRange says that the expected close date is past, or too far ahead.
	ErrCloseDateOutOfRange = partnerportal.ErrorCode("close_date_out_of_range")
	// ErrPreCheckQuota says that the day's pre-checks are used up; RetryAfter of the error says until when.
	ErrPreCheckQuota = partnerportal.ErrorCode("precheck_quota")
	// ErrAppealClosed says that the rejection was appealed before, or that the time for it is over.
	ErrAppealClosed = partnerportal.ErrorCode("appeal_closed")
	// ErrNotProtected says that the deal has no protection to be extended.
	ErrNotProtected = partnerportal.ErrorCode("deal_not_protected")
	// ErrExtensionPending says that an extension is waiting for its decision; there is one at a time.
	ErrExtensionPending = partnerportal.ErrorCode("extension_pending")
	// ErrExtensionLimit says that the deal was extended as often as the programme allows.
	ErrExtensionLimit = partnerportal.ErrorCode("extension_limit_reached")
	// ErrExtensionNotOpen says that it is too early to ask. The problem's member extension_opens_at says when it is not.
	ErrExtensionNotOpen = partnerportal.ErrorCode("extension_not_open_yet")
	// ErrExtensionTooLong says that the day asked for, or granted, is later than the programme allows.
	ErrExtensionTooLong = partnerportal.ErrorCode("requested_until_too_late")
	// ErrAmendmentPending says that an amendment is waiting for its decision; there is one at a time.
	ErrAmendmentPending = partnerportal.ErrorCode("amendment_pending")
	// ErrAmendmentStale says that a field no longer has the value that the amendment starts from.
	ErrAmendmentStale = partnerportal.ErrorCode("amendment_stale")
)

// What happens to deals, as their activity and the change feed name it.
const (
	EventCreated            = "deal.created"             // a draft was made
	EventUpdated            = "deal.updated"             // fields changed
	EventSubmitted          = "deal.submitted"           // it was submitted and has its priority
	EventReviewStarted      = "deal.review_started"      // somebody at the vendor is looking at it
	EventChangesRequested   = "deal.changes_requested"   // the vendor sent it back
	EventResubmitted        = "deal.resubmitted"         // the partner has answered
	EventApproved           = "deal.approved"            // the vendor, or a rule, approved it
	EventRejected           = "deal.rejected"            // the vendor rejected it
	EventRecalled           = "deal.recalled"            // the partner took it back to draft
	EventWithdrawn          = "deal.withdrawn"           // the partner gave it up, or did not answer in time
	EventAppealed           = "deal.appealed"            // the partner asks for a second look
	EventProtectionStarted  = "deal.protection_started"  // nobody else is protected from now on
	EventExpiring           = "deal.expiring"            // the protection ends soon
	EventExpired            = "deal.expired"             // the protection has ended
	EventExtensionRequested = "deal.extension_requested" // the partner asks for a longer protection
	EventExtensionApproved  = "deal.extension_approved"  // it has it
	EventExtensionRejected  = "deal.extension_rejected"  // it does not get it
	EventAmendmentRequested = "deal.amendment_requested" // the partner proposes a change
	EventAmendmentApproved  = "deal.amendment_approved"  // the change is made
	EventAmendmentRejected  = "deal.amendment_rejected"  // the change is not made
	EventConverted          = "deal.converted"           // it is an opportunity in the vendor's CRM
	EventConversionFailed   = "deal.conversion_failed"   // the vendor's CRM did not take it
	EventWinProposed        = "deal.win_proposed"        // what was ordered has arrived; once approved it can be closed as won
	EventWon                = "deal.won"                 // it was won
	EventLost               = "deal.lost"                // it was lost
	EventCanceled           = "deal.canceled"            // it was cancelled after its approval
	EventReinstated         = "deal.reinstated"          // it is protected again after it had expired
	EventConflictOpened     = "deal.conflict_opened"     // somebody else has to do with the customer
	EventConflictResolved   = "deal.conflict_resolved"   // a conflict was settled
)

// MatchesOf returns what a refusal with [ErrConflict] tells of those who hold the customer: what the customers have in common, how
// far the scopes overlap, and what the partner can do about it. It tells as much as the programme discloses, which may be
// nothing, and never who the other partner is. For any other error it returns nil.
func MatchesOf(err error) []Match {
	conflict, _ := partnerportal.ExtensionOf[struct {
		Matches []Match `json:"matches"`
	}](err, "conflict")
	return conflict.Matches
}

// ExistingID returns the partner's own deal that stands in the way, of a refusal with [ErrOwnDuplicate] or [ErrDuplicateRef],
// and "" of any other error.
func ExistingID(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "existing_id")
	return id
}
