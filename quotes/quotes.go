// Package quotes offers customers products at prices that show every step from the list price to the net, in versions that can be
// traced, and carries the offer on to an order.
//
// From a registered deal to a quote that the customer accepts:
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	cpq := quotes.New(pp)
//	quote, err := cpq.Create(ctx, quotes.NewQuote{
//		DealID: deal.ID, Lines: []quotes.LineInput{{SKU: "GTX-9000", Quantity: 10}},
//	})
//	…
//	for _, c := range quote.Lines[0].Components {
//		fmt.Println(c.Kind, c.Amount, c.Note) // list, tier, deal_registration, …
//	}
//	quote, err = cpq.Present(ctx, quote.ID)
//	pdf, err := cpq.OpenDocument(ctx, quote.ID, quotes.OpenDocumentParams{})
//	…
//	quote, err = cpq.Accept(ctx, quote.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@acme.com"})
//
// [Client.Preview] prices without storing anything. Ordering an accepted quote is the business of package orders.
//
// # Prices
//
// A price list gives the list price, the vendor's [PricePolicy] the discounts. Of each line the components from list to manual add up
// to net, and all of them to total, exactly; of a quote, each total is the sum of its lines that are not optional. Amounts that come
// from percentages are rounded half to even at the currency's minor unit, such as cents, once for each component. The [Pricing] of a
// quote says which version of the policy it was made with.
//
// # Versions
//
// What was presented never changes. [Client.Revise] makes the next version, priced as of now; it is a [Quote] with an id of its own,
// and the one before stays readable. What nobody presents after its approval, or accepts after it was presented, expires; a deadline that is a day
// ends at 24:00 in the time zone of the programme.
//
// # When prices move
//
// A list price rises, a promotion ends, the protection of the deal runs out: presenting such a quote, once its prices are no longer
// fresh (the FreshUntil of its [Pricing]), and ordering it are refused with [ErrPriceChanged], and [DriftOf] says line by line what differs
// and why. [Client.Check] says it beforehand.
//
// # Special pricing
//
// A price below what the policy gives is asked of the vendor for a number of units ([Client.CreateSpecialPricing]); quotes use it by
// its id. Orders take from the quantity, canceled ones give back, and it never goes below zero.
//
// # Sessions
//
// A [Session], begun with [Client.StartSession], is kept by the portal and carries what is known from the deal to the order: calls that
// give its id need not repeat it, and whoever of the partner has the id can go on where somebody stopped. It expires a week after its
// last use.
package quotes

import "github.com/partnerportal/partnerportal-go/partnerportal"

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrProductNotAuthorised says that the partner may not sell a product. [MissingOf] says what it lacks.
	ErrProductNotAuthorised = partnerportal.ErrorCode("product_not_authorised")
	// ErrProductEndOfSale says that a product is not sold any more. [ReplacementOf] names the one that takes its place.
	ErrProductEndOfSale = partnerportal.ErrorCode("product_end_of_sale")
	// ErrPriceMissing says that no price list that applies to the partner has a price for a line.
	ErrPriceMissing = partnerportal.ErrorCode("price_missing")
	// ErrCurrencyMismatch says that an amount is not in the currency of the quote. It is the error of [partnerportal.Money] too.
	ErrCurrencyMismatch = partnerportal.ErrCurrencyMismatch
	// ErrConfigurationInvalid says that a configuration breaks a rule. [ViolationsOf] says which.
	ErrConfigurationInvalid = partnerportal.ErrorCode("configuration_invalid")
	// ErrApprovalRequired says that a discount is larger than what the partner may decide: ask with RequestApproval.
	ErrApprovalRequired = partnerportal.ErrorCode("approval_required")
	// ErrApprovalNotNeeded says that there is nothing to approve: present the quote.
	ErrApprovalNotNeeded = partnerportal.ErrorCode("approval_not_needed")
	// ErrDiscountExceedsAuthority says that a discount is larger than anybody may approve: ask for special pricing.
	ErrDiscountExceedsAuthority = partnerportal.ErrorCode("discount_exceeds_authority")
	// ErrPriceChanged says that the quote would cost something else now. [DriftOf] says what differs.
	ErrPriceChanged = partnerportal.ErrorCode("price_changed")
	// ErrQuoteExpired says that the last day of the quote, approved or presented, is over. Revise it.
	ErrQuoteExpired = partnerportal.ErrorCode("quote_expired")
	// ErrNotLatestVersion says that the quote has a newer version. [LatestOf] is that version.
	ErrNotLatestVersion = partnerportal.ErrorCode("quote_not_latest_version")
	// ErrSpecialPricingDisabled says that the programme takes no requests for special pricing.
	ErrSpecialPricingDisabled = partnerportal.ErrorCode("special_pricing_disabled")
	// ErrDuplicateRef says that another quote of the partner has this external reference.
	ErrDuplicateRef = partnerportal.ErrorCode("duplicate_external_ref")
	// ErrNoStorage says that the portal keeps no files, and so no documents. OpenDocument renders them all the same.
	ErrNoStorage = partnerportal.ErrorCode("file_storage_missing")
	// ErrGlyphMissing says that no font of the portal has a character that the document needs. [GlyphsOf] names them.
	ErrGlyphMissing = partnerportal.ErrorCode("glyph_missing")
)

// What happens to quotes, special pricing, price policies and sessions, as their activity and the change feed name it.
const (
	EventCreated           = "quote.created"            // a draft was made, or the next version
	EventUpdated           = "quote.updated"            // members of a draft changed
	EventPriced            = "quote.priced"             // a draft was priced anew
	EventApprovalRequested = "quote.approval_requested" // the vendor is asked to approve discounts
	EventApproved          = "quote.approved"           // the discounts were approved
	EventCountered         = "quote.countered"          // the vendor offers other discounts
	EventRejected          = "quote.rejected"           // the discounts were refused
	EventChangesRequested  = "quote.changes_requested"  // the vendor asks for changes
	EventPresented         = "quote.presented"          // the customer has it
	EventAccepted          = "quote.accepted"           // the customer accepts
	EventDeclined          = "quote.declined"           // the customer declines
	EventSuperseded        = "quote.superseded"         // it has a next version
	EventExpiring          = "quote.expiring"           // it is valid for so many days only
	EventExpired           = "quote.expired"            // its last day is over, and nobody has accepted it
	EventOrdered           = "quote.ordered"            // it was ordered
	EventReopened          = "quote.reopened"           // nothing came of its order, and it can be ordered again
	EventCanceled          = "quote.canceled"           // it was canceled
	EventDocumentCreated   = "quote.document_created"   // a document was made of it

	EventSpecialPricingCreated          = "special_pricing.created"           // a draft was made
	EventSpecialPricingUpdated          = "special_pricing.updated"           // members changed
	EventSpecialPricingSubmitted        = "special_pricing.submitted"         // the vendor is asked
	EventSpecialPricingChangesRequested = "special_pricing.changes_requested" // the vendor asks for changes
	EventSpecialPricingCountered        = "special_pricing.countered"         // the vendor makes another offer
	EventSpecialPricingApproved         = "special_pricing.approved"          // it can be used
	EventSpecialPricingRejected         = "special_pricing.rejected"          // the vendor refused it
	EventSpecialPricingWithdrawn        = "special_pricing.withdrawn"         // the partner took it back
	EventSpecialPricingExpired          = "special_pricing.expired"           // it can be used no longer
	EventSpecialPricingUsed             = "special_pricing.used"              // an order took some of its quantity
	EventSpecialPricingReturned         = "special_pricing.returned"          // what was canceled of an order is left again
	EventSpecialPricingConsumed         = "special_pricing.consumed"          // nothing is left of any quantity

	EventPricePolicyUpdated = "price_policy.updated" // a price policy has a next version

	EventSessionStarted    = "session.started"    // a session began
	EventSessionUpdated    = "session.updated"    // what it knows changed
	EventSessionConfigured = "session.configured" // a configuration was made in it
	EventSessionQuoted     = "session.quoted"     // a quote was made in it
	EventSessionOrdered    = "session.ordered"    // a quote of it was ordered
	EventSessionExpired    = "session.expired"    // it was not used in time
	EventSessionAbandoned  = "session.abandoned"  // it ended without an order
)
