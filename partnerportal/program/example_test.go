package program_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// The vendor changes a rule and lets a partner in.
func Example() {
	ctx := context.Background()
	pp := newClient() // partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
	desk := program.New(pp)

	rules, err := desk.Get(ctx, program.DefaultID)
	if err != nil {
		fmt.Println(err)
		return
	}
	rules.Deal.ProtectionDays = 120
	rules, err = desk.Put(ctx, rules.ID, *rules, partnerportal.IfMatch(rules)) // fails if somebody else has changed them meanwhile
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Deal.ProtectionDays, "days of protection, revision", rules.Revision)

	acme, err := desk.InvitePartner(ctx, program.Invitation{Name: "Acme Partners", Country: "US", Domains: []string{"acmepartners.com"}})
	if errors.Is(err, program.ErrDuplicatePartner) {
		fmt.Println("it is there already:", program.ExistingID(err))
		return
	}
	acme, err = desk.ApprovePartner(ctx, acme.ID, program.PartnerApproval{TierID: "silver"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(acme.Name, "is", acme.Status, "in", acme.Tier)
	// Output:
	// 120 days of protection, revision 4
	// Acme Partners is active in silver
}

// What is missing for the next tier.
func ExampleClient_ListMemberships() {
	members, err := program.New(newClient()).ListMemberships(context.Background(), program.ListMembershipsParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range members.Items {
		fmt.Println(m.TierName, "needs for", m.NextTier.Name+":")
		for _, p := range m.NextTier.Missing {
			if p.Kind == program.RequirementKindRevenue {
				fmt.Println("-", p.MissingAmount, "of revenue")
				continue
			}
			fmt.Println("-", p.Missing, p.Name)
		}
	}
	// Output:
	// Silver needs for Gold:
	// - 190000.00 USD of revenue
	// - 2 Certified people
}

// How fast the portal is, and whether that is good.
func ExampleClient_DealRegistrationTime() {
	speed, err := program.New(newClient()).DealRegistrationTime(context.Background(), program.DealRegistrationTimeParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("half of %d registrations took %d s or less, nine of ten %d s: %s\n", speed.Count, speed.MedianSeconds, speed.P90Seconds, speed.Band)
	// Output:
	// half of 120 registrations took 74 s or less, nine of ten 163 s: best_in_class
}

// A form that was given up is reported, or nobody hears of it.
func ExampleClient_RecordTiming() {
	opened := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	timing, err := program.New(newClient()).RecordTiming(context.Background(), program.FlowReport{
		Flow: program.FlowMDFRequest, OpenedAt: opened, SubmittedAt: opened.Add(2 * time.Minute), Abandoned: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(timing.Seconds, "s until it was given up")
	// Output:
	// 120 s until it was given up
}

// A partner puts its logo, which it has uploaded, on the documents of its quotes.
func ExampleClient_SetLogo() {
	partner, err := program.New(newClient()).SetLogo(context.Background(), "par_1", program.Logo{FileID: "file_1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(partner.Name, "signs with", partner.LogoFileID)
	// Output:
	// Acme Partners signs with file_1
}

// A deadline that is a day ends at midnight where the programme is, not where the portal runs.
func ExampleProgram_EndOfDay() {
	rules := program.Program{TimeZone: "America/New_York"}
	fmt.Println(rules.EndOfDay(partnerportal.Date{Year: 2027, Month: 2, Day: 20}).Format(time.RFC3339))
	// Output:
	// 2027-02-21T05:00:00Z
}
