package leads_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// A partner takes what is offered to it, and turns it into the draft of a deal.
func Example() {
	ctx := context.Background()
	inbox := newDesk().client() // leads.New(pp), with a portal in this process

	for offered, err := range inbox.All(ctx, leads.ListParams{Status: []leads.Status{leads.StatusOffered}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("offered:", offered.Title, "in", offered.Organization.Industry, "- masked:", offered.Contact.Masked)
		lead, err := inbox.Accept(ctx, offered.ID)
		if errors.Is(err, leads.ErrTaken) || errors.Is(err, leads.ErrOfferExpired) {
			continue // another partner was faster, or it is too late
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("accepted: call", lead.Contact.GivenName, "of", lead.Organization.Name)
		lead, err = inbox.Convert(ctx, lead.ID, leads.Conversion{Amount: partnerportal.MustMoney("25000.00", "USD")})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("converted:", lead.ConvertedDealID)
	}
	// Output:
	// offered: Storage refresh in retail - masked: true
	// accepted: call Ada of Acme Corporation
	// converted: deal_1
}

// A partner refers a customer to the vendor. The contact must have agreed.
func ExampleClient_Create() {
	_, err := newDesk().client().Create(context.Background(), leads.NewLead{
		Title:        "Wants a demo",
		Organization: leads.Organization{Name: "Acme Corporation", Country: "US"},
		Consent:      leads.Consent{MayContact: false},
	})
	fmt.Println(errors.Is(err, leads.ErrConsentMissing))
	// Output: true
}

func ExampleCandidatesOf() {
	_, err := newDesk().client().Distribute(context.Background(), "lead_1", leads.Distribution{Mode: leads.OfferModeBroadcast})
	for _, candidate := range leads.CandidatesOf(err) {
		fmt.Println(candidate.PartnerID, candidate.Reasons)
	}
	// Output: par_1 [does not serve US]
}
