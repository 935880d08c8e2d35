package portal_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// A host opens a portal, makes a partner and a caller that acts for it, and serves it; here a client calls it in process.
func Example() {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite::memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	// go p.Run(ctx); http.ListenAndServe("127.0.0.1:8080", p)

	partner, err := p.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		fmt.Println(err)
		return
	}
	caller, err := p.Admin().CreateClient(ctx, portal.ClientSpec{PartnerID: partner.ID, Name: "Acme CRM"})
	if err != nil {
		fmt.Println(err)
		return
	}

	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithClientCredentials(caller.ClientID, caller.ClientSecret))
	if err != nil {
		fmt.Println(err)
		return
	}
	deal, err := deals.New(pp).Register(ctx, registration("Initech", "initech.com", p.Now()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Number, deal.Status, "by", deal.CreatedBy.Name)
	// Output: D-000001 submitted by Acme CRM
}

// A rule that approves small deals at once: begin with the programme as it is, and change what differs.
func ExampleAdmin_PutProgram() {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite::memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()

	rules, err := p.Admin().Program(ctx, portal.DefaultProgramID)
	if err != nil {
		fmt.Println(err)
		return
	}
	rules.Deal.ProtectionDays = 60
	rules.Deal.AutoApprove = []policy.AutoApproval{{ID: "small", MaxAmount: partnerportal.MustMoney("25000", "USD")}}
	if err := p.Admin().PutProgram(ctx, *rules); err != nil {
		fmt.Println(err)
		return
	}

	deal, err := deals.New(acme(ctx, p)).Register(ctx, registration("Initech", "initech.com", p.Now()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Status, deal.Review.Approvals[0].RuleID, deal.Protection.DaysRemaining > 59)
	// Output: approved small true
}

// The vendor keeps a customer for itself.
func ExampleAdmin_ReserveAccount() {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite::memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	err = p.Admin().ReserveAccount(ctx, portal.Reservation{
		Holder:   "Named accounts",
		Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = deals.New(acme(ctx, p)).Register(ctx, registration("Initech", "initech.com", p.Now()))
	if errors.Is(err, deals.ErrConflict) {
		fmt.Println("held by:", deals.MatchesOf(err)[0].Holder)
	}
	// Output: held by: house_account
}

// The clock of a sandbox can be turned forward; what falls due on the way has happened when Advance returns.
func ExamplePortal_Advance() {
	ctx := context.Background()
	start := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	p, err := portal.Open(ctx, "sqlite::memory:", portal.WithSandbox(), portal.WithClock(func() time.Time { return start }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	fired, err := p.Advance(ctx, 91*24*time.Hour)
	fmt.Println(p.Now().Format(time.DateOnly), fired, err)
	// Output: 2027-02-21 0 <nil>
}

// acme is a client of a partner of p.
func acme(ctx context.Context, p *portal.Portal) *partnerportal.Client {
	partner, err := p.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		panic(err)
	}
	key, err := p.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: partner.ID, Name: "Acme CRM"})
	if err != nil {
		panic(err)
	}
	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		panic(err)
	}
	return pp
}

func registration(name, domain string, now time.Time) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: name, Country: "US", Domain: domain},
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		Amount:          partnerportal.MustMoney("12500.00", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(now.AddDate(0, 3, 0)),
	}
}
