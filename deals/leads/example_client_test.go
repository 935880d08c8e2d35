package leads_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// worked is a desk whose lead can be worked and given back.
type worked struct{ *desk }

func newWorked() *leads.Client {
	router := partnerportal.NewRouter()
	leads.Mount(router, worked{newDesk()})
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return leads.New(pp)
}

func (w worked) LogContact(_ context.Context, _, _ string, _ *leads.ContactLog) (*leads.Lead, error) {
	w.lead.Status = leads.StatusWorking
	w.lead.SLA.UpdateBy = friday.AddDate(0, 0, 14)
	return w.seen(), nil
}

func (w worked) Decline(_ context.Context, _, _ string, body *leads.Declining) (*leads.Lead, error) {
	w.lead.Status = leads.StatusReturned
	w.lead.Offer.Status, w.lead.Offer.DeclineReason = leads.OfferStatusDeclined, body.Reason
	return w.seen(), nil
}

// Every contact is told to the vendor. The first one stops the first-contact clock, each one restarts the other.
func ExampleClient_LogContact() {
	inbox, ctx := newWorked(), context.Background()
	lead, err := inbox.Accept(ctx, "lead_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	lead, err = inbox.LogContact(ctx, lead.ID, leads.ContactLog{Channel: leads.ContactChannelPhone, Note: "Wants a demo."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lead.Status, "- next report until", lead.SLA.UpdateBy.Format(time.DateOnly))
	// Output: working - next report until 2026-12-11
}

// A lead that does not fit goes to the next partner.
func ExampleClient_Decline() {
	lead, err := newWorked().Decline(context.Background(), "lead_1", leads.Declining{Reason: leads.DeclineReasonTerritory})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lead.Offer.Status, lead.Offer.DeclineReason)
	// Output: declined territory
}

// A refusal as a duplicate reference names the lead that has it.
func ExampleExistingID() {
	_, err := newWorked().Create(context.Background(), leads.NewLead{
		Title:        "Wants a demo",
		Organization: leads.Organization{Name: "Acme Corporation", Country: "US"},
		Consent:      leads.Consent{MayContact: true, Basis: leads.ConsentBasisConsent},
		ExternalRefs: []partnerportal.ExternalRef{{System: "crm", ID: "00Q-1"}},
	})
	if errors.Is(err, leads.ErrDuplicateRef) {
		fmt.Println("exists as", leads.ExistingID(err))
	}
	// Output: exists as lead_1
}
