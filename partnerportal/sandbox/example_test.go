package sandbox_test

import (
	"context"
	"fmt"

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
