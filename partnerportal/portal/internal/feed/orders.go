package feed

import (
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// QuoteMade is the Payload of quote.created: the deal and the session, if it is made for one, keep their quotes.
type QuoteMade struct {
	QuoteID   string
	Number    string // all versions of a quote have it
	DealID    string // "" when it is made for none
	SessionID string // "" when it is made outside of one
}

// OrderPlaced is the Payload of order.submitted: the quote is ordered, and the deal and the session know of it.
type OrderPlaced struct {
	OrderID, Number string
	QuoteID         string
	QuoteNumber     string
	DealID          string // "" when the quote is of none
	SessionID       string // "" when it was placed outside of one
	ProgramID       string
	Total           partnerportal.Money
	Lines           []OrderedLine // all of them
}

// OrderCanceled is the Payload of order.line_canceled, order.canceled, order.rejected and order.failed: units that will not come. Each
// of an order's units is in one of them at most.
type OrderCanceled struct {
	OrderID string
	QuoteID string
	DealID  string
	Lines   []OrderedLine
	Void    bool // nothing of the order has come, or will: its quote is free
}

// OrderedLine is a number of units of one line of a quote.
type OrderedLine struct {
	QuoteLineID string
	Quantity    int

	SpecialPricingID string // whose price some of the units have; "" for none. Of order.submitted only
	SpecialQuantity  int    // how many of them
}

// OrderCompleted is the Payload of order.completed: what was ordered has arrived, or as much of it as will.
type OrderCompleted struct {
	OrderID, Number string
	QuoteID         string
	DealID          string // "" when the quote is of none
	ProgramID       string
	Amount          partnerportal.Money // of what has arrived, before freight and tax
	CompletedAt     time.Time
	CompletedOn     partnerportal.Date // in the programme's time zone
}
