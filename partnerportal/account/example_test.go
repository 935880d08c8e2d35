package account_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// A partner's money takes one call. A figure whose system could not be read is absent and says so.
func Example() {
	ctx := context.Background()
	pp := newClient() // partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
	money := account.New(pp)

	sum, err := money.Summary(ctx, account.SummaryParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("sold:", sum.RevenueYTD.Value, "in", sum.RevenueYTD.Deals, "deals")
	fmt.Println("open:", sum.OpenPipeline.Value)
	fmt.Println("due:", sum.Commissions.Due)
	if problem := sum.MDF.Source.Error; problem != "" {
		fmt.Println("MDF: nobody knows:", problem)
	}
	for _, r := range sum.Tier.Missing {
		fmt.Println(sum.Tier.NextTierName, "needs", r.Missing, "more:", r.Name)
	}

	_, err = money.Summary(ctx, account.SummaryParams{}, partnerportal.IfNoneMatch(sum))
	fmt.Println("unchanged:", errors.Is(err, partnerportal.ErrNotModified))
	// Output:
	// sold: 1250000.00 USD in 14 deals
	// open: 640000.00 USD
	// due: 18400.00 USD
	// MDF: nobody knows: The system has not been read yet.
	// Gold needs 1 more: Certified engineers
	// unchanged: true
}

// What a figure is made of.
func ExampleClient_AllLines() {
	for line, err := range account.New(newClient()).AllLines(context.Background(), account.FigureCommissionsDue, account.ListLinesParams{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(line.ResourceID, line.Amount)
	}
	// Output:
	// com_1 5000.00 USD
	// com_2 13400.00 USD
}

// The vendor pays what is due; the partner gets a statement.
func ExampleClient_SchedulePayout() {
	ctx, books := context.Background(), account.New(newClient())
	day := partnerportal.Date{Year: 2026, Month: 11, Day: 30}
	payout, err := books.SchedulePayout(ctx, account.PayoutOrder{PartnerID: "par_1", Currency: "USD", PeriodToOn: day, ScheduledOn: day})
	if errors.Is(err, account.ErrNothingDue) {
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(payout.Number, payout.Amount)
	statement, err := books.Statement(ctx, payout.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer statement.Close()
	if _, err := io.Copy(os.Stdout, statement); err != nil {
		fmt.Println(err)
	}
	// Output:
	// P-000001 18400.00 USD
	// commission,amount
	// com_1,5000.00
}
