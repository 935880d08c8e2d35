package portal_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// quick is a registration of one customer for a product family.
func quick(p *portaltest.Portal, family string) deals.Registration {
	return deals.Registration{
		Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}, Products: []deals.Product{{Family: family}},
		Amount: partnerportal.MustMoney("1000", "USD"), ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 3, 0)),
	}
}

func newLead(programID string) leads.NewLead {
	return leads.NewLead{
		Title: "Storage refresh", ProgramID: programID, Organization: leads.Organization{Name: "Initech", Country: "US"}, Consent: leads.Consent{MayContact: true},
	}
}

// What the vendor is told of others when its decision is refused is not for the partner that plays the vendor.
func TestAPlayedVendorKeepsSecrets(t *testing.T) {
	t.Parallel()
	p, ctx := portaltest.New(t), t.Context()
	theirs, err := deals.New(p.Globex).Register(ctx, quick(p, "storage"))
	require.NoError(t, err)
	acme, sb := deals.New(p.Acme), sandbox.New(p.Acme)
	mine, err := acme.Register(ctx, quick(p, "firewall"))
	require.NoError(t, err)
	_, err = sb.SimulateDeal(ctx, mine.ID, sandbox.DealSimulation{Action: sandbox.DealActionApprove})
	require.NoError(t, err)
	_, err = acme.RequestAmendment(ctx, mine.ID, deals.AmendmentRequest{Reason: "They want both.", Changes: []deals.AmendmentChange{
		{Pointer: "/products/-", To: map[string]any{"family": "storage"}}, // from nothing
	}})
	require.NoError(t, err)
	var r partnerportal.Response
	_, err = sb.SimulateDeal(ctx, mine.ID, sandbox.DealSimulation{Action: sandbox.DealActionApproveAmendment}, partnerportal.WithResponse(&r))
	require.ErrorIs(t, err, deals.ErrConflict)
	assert.NotContains(t, string(r.Body), theirs.ID)
}

func TestAPartnerPlaysNoVendorOnALeadThatItIsOutOf(t *testing.T) {
	t.Parallel()
	p, ctx := portaltest.New(t), t.Context()
	vendor, acme := leads.New(p.Vendor), leads.New(p.Acme)
	lead, err := vendor.Create(ctx, newLead(""))
	require.NoError(t, err)
	_, err = vendor.Distribute(ctx, lead.ID, leads.Distribution{Mode: leads.OfferModeRoundRobin, PartnerIDs: []string{p.AcmeID, p.GlobexID}}, partnerportal.IfMatch(lead))
	require.NoError(t, err)
	seen, err := acme.Get(ctx, lead.ID)
	require.NoError(t, err)
	_, err = acme.Decline(ctx, lead.ID, leads.Declining{Reason: leads.DeclineReasonCapacity}, partnerportal.IfMatch(seen))
	require.NoError(t, err)
	_, err = sandbox.New(p.Acme).SimulateLead(ctx, lead.ID, sandbox.LeadSimulation{Action: sandbox.LeadActionRecall})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	assert.Equal(t, leads.StatusOffered, statusOf(t, p, lead.ID), "it is Globex's turn")
}

// The vendor's programme for a lead says how it is distributed; the partner registers the deal under its own.
func TestALeadOfAnotherProgrammeCanBeConverted(t *testing.T) {
	t.Parallel()
	p, ctx := portaltest.New(t), t.Context()
	gold, err := p.Admin().Program(ctx, "default")
	require.NoError(t, err)
	gold.ID = "gold"
	require.NoError(t, p.Admin().PutProgram(ctx, *gold))
	vendor, acme := leads.New(p.Vendor), leads.New(p.Acme)
	lead, err := vendor.Create(ctx, newLead("gold"))
	require.NoError(t, err)
	_, err = vendor.Distribute(ctx, lead.ID, leads.Distribution{Mode: leads.OfferModeExclusive, PartnerIDs: []string{p.AcmeID}}, partnerportal.IfMatch(lead))
	require.NoError(t, err)
	lead, err = acme.Get(ctx, lead.ID)
	require.NoError(t, err)
	lead, err = acme.Accept(ctx, lead.ID, partnerportal.IfMatch(lead))
	require.NoError(t, err)
	lead, err = acme.Convert(ctx, lead.ID, leads.Conversion{}, partnerportal.IfMatch(lead))
	require.NoError(t, err)
	deal, err := deals.New(p.Acme).Get(ctx, lead.ConvertedDealID)
	require.NoError(t, err)
	assert.Equal(t, "default", deal.ProgramID)
}

// A portal that was down hands a lead on to somebody who still has the time to answer.
func TestALateDeadlineBeginsNothingInThePast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	p, ctx := portaltest.New(t, portal.WithClock(func() time.Time { return now })), t.Context()
	vendor := leads.New(p.Vendor)
	lead, err := vendor.Create(ctx, newLead(""))
	require.NoError(t, err)
	_, err = vendor.Distribute(ctx, lead.ID, leads.Distribution{
		Mode: leads.OfferModeRoundRobin, PartnerIDs: []string{p.AcmeID, p.GlobexID}, AcceptWithinHours: 48,
	}, partnerportal.IfMatch(lead))
	require.NoError(t, err)
	now = now.AddDate(0, 0, 10)
	n, err := p.Tick(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	seen, err := leads.New(p.Globex).Get(ctx, lead.ID)
	require.NoError(t, err)
	assert.Equal(t, leads.OfferStatusPending, seen.Offer.Status)
	assert.Equal(t, now.Add(48*time.Hour), seen.Offer.AcceptBy)
	assert.Equal(t, now, seen.UpdatedAt, "who asks for what has changed lately does not miss it")
}

func TestTextThatNoDatabaseKeeps(t *testing.T) {
	t.Parallel()
	p := open(t)
	acme := as(t, p, partner(t, p, "Acme"))
	assert.Equal(t, http.StatusNotFound, acme.get("/v1/deals/%ff%00").status)
	assert.Equal(t, http.StatusNotFound, acme.get("/v1/deals/by-ref/crm/a%00").status)
	a := acme.get("/v1/deals?external_ref=crm:%00")
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Equal(t, []string{"?external_ref invalid_format"}, a.faults())
	a = acme.with("Idempotency-Key", "k1").post("/v1/deals", `{"customer":{"name":"Initech"},"external_refs":[{"system":"crm","id":"a\u0000"}]}`)
	assert.Equal(t, http.StatusUnprocessableEntity, a.status)
	assert.Equal(t, []string{"/external_refs/0/id invalid_format"}, a.faults())
	a = acme.with("Idempotency-Key", "k2").post("/v1/deals", `{"customer":{"name":"Initech"},"external_refs":[{"system":"crm","id":"a\\u0000"}]}`)
	assert.Equal(t, http.StatusCreated, a.status, "a backslash is a character like any other")
}
