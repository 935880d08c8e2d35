package orders_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// An order is placed with the quote and the number of a purchase order. What has changed since the quote was accepted is said before
// anything is ordered, and ordered when somebody has agreed to the new total.
func Example() {
	ctx := context.Background()
	desk := new(warehouse).client() // orders.New(pp), with a portal in this process

	placement := orders.Placement{QuoteID: "quo_1", PONumber: "PO-4711"}
	order, err := desk.Place(ctx, placement)
	if errors.Is(err, orders.ErrPriceChanged) {
		change := orders.PriceChangeOf(err)
		fmt.Println("it costs", change.Difference, "more; deal registration expired:", change.DealRegistrationExpired)
		for _, line := range change.Lines {
			fmt.Println(" ", line.SKU, line.Before.Amount(), "->", line.After.Amount(), line.Reasons[0].Message)
		}
		placement.AcceptedTotal = change.After
		order, err = desk.Place(ctx, placement)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(order.Number, order.Status, order.Totals.Total)
	// Output:
	// it costs 3000.00 USD more; deal registration expired: true
	//   SRV-100 41000.00 -> 44000.00 The registration has expired.
	// O-000001 submitted 44000.00 USD
}

// The vendor says what becomes of each unit, in as many steps as it takes.
func ExampleClient_Fulfil() {
	ctx := context.Background()
	desk := new(warehouse).client() // orders.New(pp), with a portal in this process
	order, err := desk.Place(ctx, orders.Placement{QuoteID: "quo_1", PONumber: "PO-4711", AcceptedTotal: usd("44000.00")})
	if err != nil {
		fmt.Println(err)
		return
	}

	order, err = desk.Fulfil(ctx, order.ID, order.Lines[0].ID, orders.Fulfilment{
		Quantity: 4, Status: orders.LineStatusShipped, Tracking: []orders.Tracking{{Carrier: "UPS", Number: "1Z999AA10123456784"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	units := order.Lines[0].Units
	fmt.Println(order.Status, units.Shipped, "shipped,", units.Acknowledged, "to come")

	_, err = desk.Fulfil(ctx, order.ID, order.Lines[0].ID, orders.Fulfilment{Quantity: 7, Status: orders.LineStatusShipped})
	fmt.Println(errors.Is(err, orders.ErrQuantityExceeds))
	// Output:
	// in_progress 4 shipped, 6 to come
	// true
}

// A quote is ordered once: whoever orders it under another number is told of the order that there is.
func ExampleOrderOf() {
	ctx := context.Background()
	desk := new(warehouse).client() // orders.New(pp), with a portal in this process
	placement := orders.Placement{QuoteID: "quo_1", PONumber: "PO-4711", AcceptedTotal: usd("44000.00")}
	if _, err := desk.Place(ctx, placement); err != nil {
		fmt.Println(err)
		return
	}

	placement.PONumber = "PO-4712"
	_, err := desk.Place(ctx, placement)
	fmt.Println(errors.Is(err, orders.ErrQuoteAlreadyOrdered), orders.OrderOf(err))
	// Output: true ord_1
}

// Before a large order it is worth to look at what finance lets one order, and how old that is.
func ExampleClient_Credit() {
	credit, err := new(warehouse).client().Credit(context.Background(), orders.CreditParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, limit := range credit.Limits {
		fmt.Println(limit.Available, "of", limit.Given, "as of", credit.Source.AsOf.Format("2006-01-02"), "by", credit.Source.System)
	}
	// Output: 6000.00 USD of 50000.00 USD as of 2026-12-04 by netsuite
}

// The amount by which an order is above the credit can be asked for.
func ExampleCreditShortfallOf() {
	desk := new(warehouse).client() // orders.New(pp), with a portal in this process
	_, err := desk.Place(context.Background(), orders.Placement{QuoteID: "quo_1", PONumber: "PO-4711", AcceptedTotal: usd("51000.00")})
	if short := orders.CreditShortfallOf(err); !short.Missing.IsZero() {
		fmt.Println(short.Missing, "more than the", short.Available, "that are left")
	}
	// Output: 1000.00 USD more than the 50000.00 USD that are left
}

// Orders are read page by page, as the loop goes on.
func ExampleClient_All() {
	ctx := context.Background()
	desk := new(warehouse).client() // orders.New(pp), with a portal in this process
	if _, err := desk.Place(ctx, orders.Placement{QuoteID: "quo_1", PONumber: "PO-4711", AcceptedTotal: usd("44000.00")}); err != nil {
		fmt.Println(err)
		return
	}
	for order, err := range desk.All(ctx, orders.ListParams{Status: []orders.Status{orders.StatusSubmitted}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(order.Number, order.PONumber, order.Totals.Total)
	}
	// Output: O-000001 PO-4711 44000.00 USD
}
