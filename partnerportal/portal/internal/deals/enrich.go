package deals

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Enricher knows more of a customer than the partner typed: a CRM, a register of companies. It returns the customer as it knows
// it and where that comes from; what the partner typed is kept. When it fails, the registration goes on without it. It is asked inside
// the transaction of the registration, so it must answer fast.
type Enricher interface {
	Enrich(ctx context.Context, customer partnerportal.Organization) (partnerportal.Organization, partnerportal.SourceStamp, error)
}

// enrich fills in the customer's name and country, and what else is known, if one of the two is missing.
func (s *Service) enrich(ctx context.Context, d *contract.Deal) {
	if d.Customer.Name != "" && d.Customer.Country != "" {
		return
	}
	known, source, err := s.enricher.Enrich(ctx, d.Customer)
	if err != nil {
		return // the missing fields are asked for then
	}
	mine := &d.Customer
	for _, f := range []struct {
		pointer  string
		to, from *string
	}{
		{"/customer/name", &mine.Name, &known.Name},
		{"/customer/legal_name", &mine.LegalName, &known.LegalName},
		{"/customer/country", &mine.Country, &known.Country},
		{"/customer/domain", &mine.Domain, &known.Domain},
		{"/customer/website", &mine.Website, &known.Website},
		{"/customer/duns", &mine.DUNS, &known.DUNS},
		{"/customer/industry", &mine.Industry, &known.Industry},
	} {
		if *f.to == "" && *f.from != "" {
			*f.to = *f.from
			stamp(d, source, f.pointer)
		}
	}
	if mine.Address == (partnerportal.Address{}) && known.Address != mine.Address {
		mine.Address = known.Address
		stamp(d, source, "/customer/address")
	}
}

// formerDeals knows what the partner itself has said of a customer before. It never looks at another partner's deals: what they
// know is theirs.
type formerDeals struct{}

func (formerDeals) Enrich(ctx context.Context, customer partnerportal.Organization) (partnerportal.Organization, partnerportal.SourceStamp, error) {
	c := call.From(ctx)
	site := identify(customer, c.Caller.PartnerID, nil).Host.Site
	if site == "" || c.Caller.PartnerID == "" {
		return partnerportal.Organization{}, partnerportal.SourceStamp{}, nil
	}
	docs, err := c.Tx.KnownCustomers(ctx, store.KnownCustomersParams{PartnerID: c.Caller.PartnerID, CustomerDomain: site})
	if err != nil {
		return partnerportal.Organization{}, partnerportal.SourceStamp{}, err
	}
	for _, doc := range docs {
		r, err := decodeRecord("", doc)
		if err != nil {
			return partnerportal.Organization{}, partnerportal.SourceStamp{}, err
		}
		if r.Customer.Name != "" && r.Customer.Country != "" {
			known := r.Customer
			known.Domain, known.ExternalRefs = "", nil // another host of the site may be another customer
			return known, portalStamp(r.ID, r.UpdatedAt, c.Now), nil
		}
	}
	return partnerportal.Organization{}, partnerportal.SourceStamp{}, nil
}

func portalStamp(recordID string, asOf, now time.Time) partnerportal.SourceStamp {
	return partnerportal.SourceStamp{System: "portal", Kind: "portal", RecordID: recordID, AsOf: asOf, FetchedAt: now}
}
