package sandbox_test

import (
	"context"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// A partner's test plays the vendor, and lets three months pass.
func Example() {
	router := partnerportal.NewRouter() // stands in for a portal
	sandbox.Mount(router, new(fake))
	pp, err := partnerportal.New("https://sandbox.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	sb, ctx := sandbox.New(pp), context.Background()

	outcome, err := sb.SimulateDeal(ctx, "deal_01jd0000000000000000000000", sandbox.DealSimulation{Action: sandbox.DealActionApprove})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcome.Status)

	clock, err := sb.Advance(ctx, sandbox.Days(91))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(clock.Fired, "deadlines passed")
	// Output:
	// approved
	// 3 deadlines passed
}

// A partner's test needs a lead to accept, and the vendor to take it back.
func ExampleClient_CreateLead() {
	router := partnerportal.NewRouter() // stands in for a portal
	sandbox.Mount(router, new(fake))
	pp, err := partnerportal.New("https://sandbox.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	sb, ctx := sandbox.New(pp), context.Background()

	lead, err := sb.CreateLead(ctx, sandbox.NewLead{Title: "Storage refresh", AcceptWithinHours: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lead.Status)
	lead, err = sb.SimulateLead(ctx, lead.ID, sandbox.LeadSimulation{Action: sandbox.LeadActionRecall, Text: "It went to somebody else."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lead.Status)
	// Output:
	// offered
	// new
}

// The clock is turned by a duration, by days, or to an instant.
func ExampleTurn() {
	fmt.Println(sandbox.By(36 * time.Hour).Advance)
	fmt.Println(sandbox.Days(91).Advance)
	fmt.Println(sandbox.To(time.Date(2027, 2, 21, 0, 0, 0, 0, time.UTC)).To.Format(time.DateOnly))
	// Output:
	// PT129600S
	// P91D
	// 2027-02-21
}
