// Quickstart shows the main job of a partner portal, end to end, on the portal that this module carries: leads, deal
// registration, a conflict, an approval, the end of a protection, and the signed webhook that tells of it. It needs nothing but Go.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	var world *world
	defer func() { world.close() }()
	tour := &tour{out: out}

	tour.step("Open the portal on a SQLite file and listen", func() (string, error) {
		var err error
		world, err = openWorld(ctx)
		return world.String(), err
	})
	var acme, globex, vendor *partnerportal.Client
	tour.step("Authenticate three API clients by client credentials", func() (string, error) {
		var err error
		if acme, err = world.login(ctx, world.acme); err != nil {
			return "", err
		}
		if globex, err = world.login(ctx, world.globex); err != nil {
			return "", err
		}
		vendor, err = world.login(ctx, world.vendor)
		return "access tokens issued to Acme Partners, Globex Integrators and the vendor", err
	})

	var lead *leads.Lead
	tour.step("The vendor offers Acme Partners a lead", func() (string, error) {
		var err error
		lead, err = offerLead(ctx, vendor, world.acme.PartnerID)
		if err != nil {
			return "", err
		}
		seen, err := leads.New(acme).Get(ctx, lead.ID)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s %q is %s until %s; Acme sees country %s, and the contact is masked: %t",
			seen.Number, seen.Title, seen.Status, seen.SLA.AcceptBy.Format(time.DateTime), seen.Organization.Country, seen.Contact.Masked), nil
	})
	tour.step("Acme accepts it and turns it into a draft", func() (string, error) {
		taken, err := leads.New(acme).Accept(ctx, lead.ID)
		if err != nil {
			return "", err
		}
		converted, err := leads.New(acme).Convert(ctx, lead.ID, leads.Conversion{
			Amount:          partnerportal.MustMoney("25000.00", "USD"),
			ExpectedCloseOn: inDays(60),
		})
		if err != nil {
			return "", err
		}
		draft, err := deals.New(acme).Get(ctx, converted.ConvertedDealID)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("contact unmasked: %s; draft %s for %s, %d values filled in", taken.Contact.Email, draft.Number, draft.Customer.Name, len(draft.Prefilled)), nil
	})

	registration := deals.Registration{
		Customer:        partnerportal.Organization{Name: "Initech GmbH", Country: "DE", Domain: "initech.de"},
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		Amount:          partnerportal.MustMoney("125000.00", "USD"),
		ExpectedCloseOn: inDays(90),
		ExternalRefs:    []partnerportal.ExternalRef{{System: "crm", ID: "006-4711"}},
	}
	var deal *deals.Deal
	tour.step("Acme registers a deal in one call", func() (string, error) {
		var err error
		deal, err = deals.New(acme).Register(ctx, registration, partnerportal.WithIdempotencyKey("crm-006-4711"))
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s is %s, priority %d, decision promised by %s", deal.Number, deal.Status, deal.Priority, deal.Review.SLADueAt.Format(time.DateTime)), nil
	})
	tour.step("Globex registers the same customer and is refused", func() (string, error) {
		rival := registration
		rival.Customer = partnerportal.Organization{Name: "INITECH", Country: "DE", Domain: "www.initech.de"}
		_, err := deals.New(globex).Register(ctx, rival)
		if !errors.Is(err, deals.ErrConflict) {
			return "", fmt.Errorf("want a conflict, got %w", err)
		}
		match := deals.MatchesOf(err)[0]
		return fmt.Sprintf("held by %s (matched on %v); who it is stays masked; ways out: %v", match.Holder, match.MatchedOn, match.Options), nil
	})
	tour.step("The vendor approves, the protection starts", func() (string, error) {
		var err error
		deal, err = deals.New(vendor).Approve(ctx, deal.ID, deals.Approval{Comment: "Good luck."}, partnerportal.IfMatch(deal))
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s is %s, %s protection until %s (%d days)", deal.Number, deal.Status, deal.Protection.Exclusivity,
			deal.Protection.ExpiresAt.Format(time.DateOnly), deal.Protection.DaysRemaining), nil
	})
	var hook *hook
	defer func() { hook.close() }()
	tour.step("Acme registers a webhook endpoint, and it answers the portal's challenge", func() (string, error) {
		var err error
		hook, err = openHook(ctx, acme, deals.EventExpiring)
		if err != nil {
			return "", err
		}
		return hook.enabled(ctx, world.portal)
	})
	tour.step("The sandbox's clock turns; Acme is told that the protection ends", func() (string, error) {
		clock, err := sandbox.New(acme).Advance(ctx, sandbox.Turn{Advance: "P84D"})
		if err != nil {
			return "", err
		}
		for entry, err := range deals.New(acme).AllActivity(ctx, deal.ID, deals.ListActivityParams{}) {
			if err != nil {
				return "", err
			}
			if entry.Type == deals.EventExpiring {
				return fmt.Sprintf("%s: %s (%d timers fired)", clock.Now.Format(time.DateOnly), entry.Text, clock.Fired), nil
			}
		}
		return "", errors.New("the timeline does not say that the protection ends")
	})
	tour.step("The portal pushes that, signed; Acme verifies it", func() (string, error) {
		return hook.verified(ctx, world.portal)
	})
	return tour.end()
}

func offerLead(ctx context.Context, vendor *partnerportal.Client, partnerID string) (*leads.Lead, error) {
	lead, err := leads.New(vendor).Create(ctx, leads.NewLead{
		Title:           "Storage refresh",
		Organization:    leads.Organization{Name: "Hooli Inc.", Domain: "hooli.com", Country: "US", Industry: "software", Size: "1000-5000"},
		Contact:         leads.Contact{GivenName: "Ada", FamilyName: "Lovelace", Email: "ada@hooli.com"},
		Consent:         leads.Consent{MayContact: true, Basis: leads.ConsentBasisConsent},
		ProductInterest: []string{"GTX"},
		ExternalRefs:    []partnerportal.ExternalRef{{System: "salesforce", ID: "00Q-0815"}},
	})
	if err != nil {
		return nil, err
	}
	return leads.New(vendor).Distribute(ctx, lead.ID, leads.Distribution{Mode: leads.OfferModeExclusive, PartnerIDs: []string{partnerID}})
}

func inDays(n int) partnerportal.Date {
	return partnerportal.DateOf(time.Now()).AddDays(n)
}
