// Package orders places orders of what a customer has accepted, and follows them until they have arrived and are paid.
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	desk := orders.New(pp)
//	order, err := desk.Place(ctx, orders.Placement{QuoteID: quote.ID, PONumber: "PO-4711"})
//	if errors.Is(err, orders.ErrPriceChanged) {
//		change := orders.PriceChangeOf(err)
//		fmt.Println("it costs", change.Difference, "more now; deal registration expired:", change.DealRegistrationExpired)
//		// whoever agrees says so with the new total:
//		order, err = desk.Place(ctx, orders.Placement{QuoteID: quote.ID, PONumber: "PO-4711", AcceptedTotal: change.After})
//	}
//
// # What is checked
//
// Only an accepted quote is ordered, in the latest of its versions. Its configurations, prices and products are checked as they are now,
// and the credit that finance gives: what has changed is said, and nothing is ordered, until the caller accepts it. A price that the price
// list or special pricing protects does not change.
//
// A quote is ordered once, by however many callers at a time, and a purchase order number is used once by a partner, while the order stands;
// case, spaces and punctuation do not count, except between two digits: "PO-4711" is "po 4711", and "1-11" is not "11-1". Repeating [Client.Place]
// with the same quote and number returns the order that stands. When nothing comes of an order, as it is rejected, failed or canceled, both are
// free again: the quote is accepted as before, and can be ordered again.
//
// # Fulfilment
//
// The vendor moves units of a line through the stages of [LineStatus]; [Units] counts how many are where, and together they are the
// line's quantity. A unit's way ends when it is delivered, provisioned or canceled, and the order's when that of all units has: it is completed if
// all have arrived, partial if some were canceled after others arrived, canceled or failed if none has arrived.
//
// An order that is completed, or partial, proposes to close its deal as won, and earns by the commission plans that pay on orders, both for
// what has arrived, before freight and tax.
package orders

import (
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is. What is wrong with quotes, products and configurations is said as for a quote, and read with the
// functions of package quotes.
const (
	// ErrQuoteNotAccepted says that nobody has accepted the quote, or that it was canceled; the problem's member quote_status says where it stands.
	ErrQuoteNotAccepted = partnerportal.ErrorCode("quote_not_accepted")
	// ErrQuoteNotLatestVersion says that there is a later version of the quote. quotes.LatestOf is the last one.
	ErrQuoteNotLatestVersion = partnerportal.ErrorCode("quote_not_latest_version")
	// ErrQuoteAlreadyOrdered says that the quote has an order that stands, under another purchase order number. [OrderOf] is that order.
	ErrQuoteAlreadyOrdered = partnerportal.ErrorCode("quote_already_ordered")
	// ErrPriceChanged says that the order would cost something else than the quote, or than the accepted total. [PriceChangeOf] has the difference.
	ErrPriceChanged = partnerportal.ErrorCode("price_changed")
	// ErrApprovalRequired says that a discount by hand, given as an amount, would be a larger share of the price of now than somebody has decided, at
	// whatever total: revise the quote, and ask for approval. [PriceChangeOf] has the shares.
	ErrApprovalRequired = partnerportal.ErrorCode("approval_required")
	// ErrConfigurationInvalid says that a configuration no longer keeps the rules; quotes.ViolationsOf and [PriceChangeOf] have the violations.
	ErrConfigurationInvalid = partnerportal.ErrorCode("configuration_invalid")
	// ErrProductNotAuthorised says that the partner may not sell a product any more. quotes.MissingOf says what it lacks.
	ErrProductNotAuthorised = partnerportal.ErrorCode("product_not_authorised")
	// ErrProductEndOfSale says that a product is no longer sold. quotes.ReplacementOf names the one that takes its place.
	ErrProductEndOfSale = partnerportal.ErrorCode("product_end_of_sale")
	// ErrPriceMissing says that no price list has a product any more.
	ErrPriceMissing = partnerportal.ErrorCode("price_missing")
	// ErrSpecialPricingExhausted says that other orders have taken what special pricing gave; quotes.RemainingOf says what is left, by line.
	ErrSpecialPricingExhausted = partnerportal.ErrorCode("special_pricing_exhausted")
	// ErrCreditLimit says that the order is above the partner's credit. [CreditShortfallOf] says by how much.
	ErrCreditLimit = partnerportal.ErrorCode("credit_limit")
	// ErrDuplicatePO says that another order that stands has the purchase order number. [OrderOf] is that order.
	ErrDuplicatePO = partnerportal.ErrorCode("duplicate_po")
	// ErrDuplicateRef says that another order has the external reference; the problem's member existing_id is that order.
	ErrDuplicateRef = partnerportal.ErrorCode("duplicate_external_ref")
	// ErrQuantityExceeds says that fewer units of a line can take the step; the problem's member available is how many.
	ErrQuantityExceeds = partnerportal.ErrorCode("quantity_exceeds")
	// ErrDuplicateInvoice says that the order has an invoice of this number; the problem's member invoice_id is that.
	ErrDuplicateInvoice = partnerportal.ErrorCode("duplicate_invoice")
	// ErrInvoiceExceeds says that more would be invoiced than is ordered; the problem's member left is what can be.
	ErrInvoiceExceeds = partnerportal.ErrorCode("invoice_exceeds")
	// ErrCurrencyMismatch says that an amount is not in the currency of the order. It is the error of [partnerportal.Money] too.
	ErrCurrencyMismatch = partnerportal.ErrCurrencyMismatch
)

// What happens to an order, as its activity and the change feed name it.
const (
	EventSubmitted             = "order.submitted"              // the partner has ordered
	EventUpdated               = "order.updated"                // references, or where and when to deliver, changed
	EventAcknowledged          = "order.acknowledged"           // the vendor takes it on
	EventRejected              = "order.rejected"               // the vendor refused it
	EventHeld                  = "order.held"                   // work on it is stopped
	EventReleased              = "order.released"               // work on it goes on
	EventLineBackordered       = "order.line_backordered"       // units of a line are not in stock
	EventLineAllocated         = "order.line_allocated"         // units of a line are set aside
	EventLineShipped           = "order.line_shipped"           // units of a line are on their way
	EventLineProvisioned       = "order.line_provisioned"       // units of a line can be used
	EventLineDelivered         = "order.line_delivered"         // units of a line have arrived
	EventLineCanceled          = "order.line_canceled"          // units of a line will not come, while the order goes on
	EventCancellationRequested = "order.cancellation_requested" // the partner asks to cancel it, or some of it
	EventCancellationWithdrawn = "order.cancellation_withdrawn" // the partner took that back
	EventCancellationRefused   = "order.cancellation_refused"   // the vendor refused to cancel
	EventCompleted             = "order.completed"              // all that will come of it has arrived
	EventCanceled              = "order.canceled"               // all of it was canceled
	EventFailed                = "order.failed"                 // the vendor gave up what had not arrived
	EventInvoiceIssued         = "order.invoice_issued"         // there is an invoice
	EventInvoicePaid           = "order.invoice_paid"           // an invoice was paid
	EventInvoiceVoided         = "order.invoice_voided"         // an invoice was taken back
)

// PriceChange says how an order would differ from its quote, with totals that hold freight and tax.
type PriceChange struct {
	// Before is the total that was accepted with the quote, After that of an order placed now, Difference what After is more.
	Before     partnerportal.Money `json:"before"`
	After      partnerportal.Money `json:"after"`
	Difference partnerportal.Money `json:"difference"`
	// Lines are the lines whose price has changed.
	Lines []LinePriceChange `json:"lines"`
	// DealRegistrationExpired says that the discount of the deal's registration is gone, as its protection has ended.
	DealRegistrationExpired bool `json:"deal_registration_expired"`
	// Violations are the rules that configurations break now.
	Violations []Violation `json:"violations"`
	// Excesses are the discounts by hand that would be larger than what was decided.
	Excesses []Excess `json:"excesses"`
}

// LinePriceChange says how the price of one line has changed, and why.
type LinePriceChange struct {
	LineID     string              `json:"line_id"` // of the quote
	SKU        string              `json:"sku"`
	Before     partnerportal.Money `json:"before"`
	After      partnerportal.Money `json:"after"`
	Difference partnerportal.Money `json:"difference"`
	Reasons    []ChangeReason      `json:"reasons"`
}

// ChangeReason is one part of a price that has changed: a step of its making, such as deal_registration, or a word such as product_end_of_sale.
type ChangeReason struct {
	Code    string              `json:"code"`
	Before  partnerportal.Money `json:"before"`
	After   partnerportal.Money `json:"after"`
	Message string              `json:"message"`
}

// Violation is a rule of a configuration that is broken.
type Violation struct {
	LineID          string `json:"line_id"`
	ConfigurationID string `json:"configuration_id"`
	RuleID          string `json:"rule_id"`
	Message         string `json:"message"`
}

// Excess is a discount by hand that would be a larger share of a line, after all other discounts, than the partner may decide or the vendor approved.
type Excess struct {
	LineID         string `json:"line_id"` // of the quote
	SKU            string `json:"sku"`
	Percent        string `json:"percent"`
	AllowedPercent string `json:"allowed_percent"`
}

// PriceChangeOf returns what a refusal with [ErrPriceChanged], [ErrApprovalRequired] or [ErrConfigurationInvalid] tells of the difference, and the zero PriceChange of any other error.
func PriceChangeOf(err error) PriceChange {
	change, _ := partnerportal.ExtensionOf[PriceChange](err, "drift")
	return change
}

// CreditShortfall says what of an order the credit does not cover.
type CreditShortfall struct {
	Available, Missing partnerportal.Money
}

// CreditShortfallOf returns what a refusal with [ErrCreditLimit] tells of the credit, and the zero CreditShortfall of any other error.
func CreditShortfallOf(err error) CreditShortfall {
	available, ok := partnerportal.ExtensionOf[partnerportal.Money](err, "available")
	missing, too := partnerportal.ExtensionOf[partnerportal.Money](err, "missing")
	if !ok || !too || !errors.Is(err, ErrCreditLimit) {
		return CreditShortfall{}
	}
	return CreditShortfall{Available: available, Missing: missing}
}

// OrderOf returns the order that there is already, of a refusal with [ErrDuplicatePO] or [ErrQuoteAlreadyOrdered], and "" of any other error.
func OrderOf(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "order_id")
	return id
}
