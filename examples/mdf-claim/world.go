package main

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// world is a portal as a partner sees it, with a vendor behind the desk.
type world struct {
	partner  *partnerportal.Client
	vendor   vendor
	template string         // of what is asked for; "" where the portal has none
	own      *portal.Portal // nil for another one
}

// open connects to the portal at url, or makes one.
func open(ctx context.Context, url string) (*world, error) {
	if url == "" {
		return openOwn(ctx)
	}
	partner, err := partnerportal.New(url, partnerportal.FromEnv())
	if err != nil {
		return nil, err
	}
	key := os.Getenv("PARTNERPORTAL_VENDOR_API_KEY")
	if key == "" {
		s := newSimulated(partner)
		return &world{partner: partner, vendor: s}, s.allocate(ctx, dollars("5000.00"))
	}
	desk, err := partnerportal.New(url, partnerportal.WithAPIKey(key))
	if err != nil {
		return nil, err
	}
	return &world{partner: partner, vendor: person{mdf.New(desk)}}, nil
}

// openOwn makes a portal in memory, with a partner who has 10,000 dollars to spend.
func openOwn(ctx context.Context) (_ *world, err error) {
	w := new(world)
	if w.own, err = portal.Open(ctx, "sqlite::memory:"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	acme, err := w.own.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return nil, err
	}
	if w.partner, err = w.login(ctx, acme.ID); err != nil {
		return nil, err
	}
	desk, err := w.login(ctx, "")
	if err != nil {
		return nil, err
	}
	w.vendor = person{mdf.New(desk)}
	w.template, err = grant(ctx, mdf.New(desk), acme.ID)
	return w, err
}

// login makes an API key of a partner's, or of the vendor's, and a client that uses it.
func (w *world) login(ctx context.Context, partnerID string) (*partnerportal.Client, error) {
	key, err := w.own.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: partnerID, Name: cmp.Or(partnerID, "vendor")})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://portal.example.com", partnerportal.WithHandler(w.own), partnerportal.WithAPIKey(key))
}

// grant opens a fund that reimburses half of what an event costs, gives the partner money of it, and returns a template to ask by.
func grant(ctx context.Context, desk *mdf.Client, partnerID string) (templateID string, err error) {
	now := today()
	fund, err := desk.CreateFund(ctx, mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD", Budget: dollars("50000.00"),
		Period: mdf.Period{SpendFrom: now, SpendTo: now.AddDays(180)},
		Rules: mdf.FundRules{MaxReimbursementPercent: "50", Proof: []mdf.ProofRule{{Requirements: []mdf.ProofRequirement{
			{ID: "invoice", Kind: mdf.ProofKindInvoice, Mandatory: true},
			{ID: "photo", Kind: mdf.ProofKindPhoto, Mandatory: true, Description: "The stand, with people at it."},
		}}}},
	})
	if err != nil {
		return "", err
	}
	if _, err = desk.OpenFund(ctx, fund.ID); err != nil {
		return "", err
	}
	if _, err = desk.Allocate(ctx, mdf.NewAllocation{FundID: fund.ID, PartnerID: partnerID, Amount: dollars("10000.00")}); err != nil {
		return "", err
	}
	template, err := desk.CreateTemplate(ctx, mdf.NewTemplate{
		Name: "Customer event", FundID: fund.ID, Activities: []mdf.TemplateActivity{{Type: mdf.ActivityTypeEvent, Title: "Customer event"}},
	})
	if err != nil {
		return "", err
	}
	return template.ID, nil
}

func (w *world) close() error {
	if w.own == nil {
		return nil
	}
	return w.own.Close()
}
