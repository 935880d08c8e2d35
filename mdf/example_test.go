package mdf_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// Asking for money takes one call and a few values; when there is too little, the error says how much is missing.
func Example() {
	ctx := context.Background()
	funds := newDesk().client() // mdf.New(pp), with a portal in this process

	ask := mdf.QuickRequest{
		TemplateID: "tpl_01jd0000000000000000000000",
		StartsOn:   partnerportal.Date{Year: 2027, Month: 2, Day: 10},
		Amount:     partnerportal.MustMoney("4000.00", "USD"),
	}
	request, err := funds.QuickRequest(ctx, ask, partnerportal.WithIdempotencyKey("campaign-77"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(request.Number, request.Status, request.RequestedTotal)

	_, err = funds.QuickRequest(ctx, ask, partnerportal.WithIdempotencyKey("campaign-78"))
	if errors.Is(err, mdf.ErrInsufficientFunds) {
		short := mdf.ShortfallOf(err)
		fmt.Println(short.Available, "are left,", short.Shortfall, "too little")
	}
	// Output:
	// M-000001 submitted 4000.00 USD
	// 1000.00 USD are left, 3000.00 USD too little
}

// A claim takes two calls: the upload of the invoice, and this one. An invoice counts once, however its number is spelt.
func ExampleClient_QuickClaim() {
	ctx := context.Background()
	funds := newDesk().client() // mdf.New(pp), with a portal in this process

	// file, err := files.New(pp).Upload(ctx, files.Upload{Purpose: files.PurposeProof, File: files.Content{Name: "invoice.pdf", Reader: f}})
	claim := mdf.QuickClaim{
		RequestID:     "mdf_1",
		InvoiceNumber: "2027-0117",
		Supplier:      "Expo Hall Ltd",
		Spent:         partnerportal.MustMoney("8000.00", "USD"),
		FileIDs:       []string{"file_01jd0000000000000000000000"},
	}
	sent, err := funds.QuickClaim(ctx, claim)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Number, sent.Status, sent.ClaimedTotal)

	_, err = funds.QuickClaim(ctx, claim)
	if errors.Is(err, mdf.ErrDuplicateInvoice) {
		fmt.Println("it is in", mdf.ClaimOf(err))
	}
	// Output:
	// C-000001 submitted 4000.00 USD
	// it is in clm_1
}

// The ledger says where every cent went, and the balance after each movement.
func ExampleClient_AllEntries() {
	for entry, err := range newDesk().client().AllEntries(context.Background(), mdf.ListEntriesParams{AllocationID: "alc_1"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d %-8s %s -> %s %s, available %s\n", entry.Sequence, entry.Type, entry.From, entry.To, entry.Amount.Amount(), entry.Balance.Available.Amount())
	}
	// Output:
	// 1 allocate funding -> available 5000.00, available 5000.00
	// 2 hold     available -> held 4000.00, available 1000.00
}

// The forecast says what will be lost when, if nobody does anything.
func ExampleClient_Forecast() {
	forecast, err := newDesk().client().Forecast(context.Background(), mdf.ForecastParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range forecast.Items {
		fmt.Println(item.Amount, item.From, "->", item.To, "after", item.On, "-", item.Reason)
	}
	// Output: 1000.00 USD available -> expired after 2027-06-30 - allocation_end
}
