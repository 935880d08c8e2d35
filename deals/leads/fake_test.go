package leads_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// desk is a vendor that has one lead to offer. Operations that it does not know panic: the embedded interface is nil.
type desk struct {
	leads.Server

	mu   sync.Mutex
	lead leads.Lead
}

var friday = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func newDesk() *desk {
	return &desk{lead: leads.Lead{
		ID: "lead_1", Number: "L-000001", Revision: 2, Direction: leads.DirectionVendorToPartner, Status: leads.StatusOffered,
		Title: "Storage refresh", Organization: leads.Organization{Name: "Acme Corporation", Industry: "retail", Country: "US"},
		Contact:        leads.Contact{GivenName: "Ada", FamilyName: "Lovelace", Phone: "+13125550100"},
		Offer:          leads.Offer{ID: "ofr_1", LeadID: "lead_1", Mode: leads.OfferModeBroadcast, Status: leads.OfferStatusPending, AcceptBy: friday},
		AllowedActions: []leads.Action{leads.ActionAccept, leads.ActionDecline}, EditableFields: []string{},
	}}
}

// client returns a client of the desk, in process.
func (d *desk) client() *leads.Client {
	router := partnerportal.NewRouter()
	leads.Mount(router, d)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		panic(err)
	}
	return leads.New(pp)
}

func (d *desk) seen() *leads.Lead {
	seen := d.lead
	if seen.Status == leads.StatusOffered {
		seen.Organization = leads.Organization{Masked: true, Industry: seen.Organization.Industry, Country: seen.Organization.Country}
		seen.Contact = leads.Contact{Masked: true}
	}
	return &seen
}

func (d *desk) List(_ context.Context, params *leads.ListParams) (*leads.Page, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	page := &leads.Page{Items: []leads.Lead{}}
	for _, status := range params.Status {
		if status == d.lead.Status {
			page.Items = append(page.Items, *d.seen())
		}
	}
	return page, nil
}

func (d *desk) Accept(_ context.Context, _, _ string) (*leads.Lead, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lead.Status != leads.StatusOffered {
		return nil, &partnerportal.Error{Status: http.StatusConflict, Code: leads.ErrTaken, Detail: "Another partner was faster."}
	}
	d.lead.Status, d.lead.Offer.Status = leads.StatusAccepted, leads.OfferStatusAccepted
	d.lead.SLA.FirstContactBy = friday.Add(24 * time.Hour)
	d.lead.Revision++
	return d.seen(), nil
}

func (d *desk) Convert(_ context.Context, _, _ string, _ *leads.Conversion) (*leads.Lead, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lead.Status, d.lead.ConvertedDealID = leads.StatusConverted, "deal_1"
	d.lead.Revision++
	return d.seen(), nil
}

func (d *desk) Create(_ context.Context, body *leads.NewLead) (*leads.Lead, error) {
	if !body.Consent.MayContact {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: leads.ErrConsentMissing}
	}
	return nil, problem(leads.ErrDuplicateRef, "existing_id", "lead_1")
}

func (d *desk) Distribute(_ context.Context, _, _ string, _ *leads.Distribution) (*leads.Lead, error) {
	return nil, problem(leads.ErrNoCandidates, "candidates", []leads.Candidate{{PartnerID: "par_1", Excluded: true, Reasons: []string{"does not serve US"}}})
}

func problem(code partnerportal.ErrorCode, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return &partnerportal.Error{Status: http.StatusConflict, Code: code, Extensions: map[string]json.RawMessage{name: raw}}
}
