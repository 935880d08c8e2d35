package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// noon of a Sunday is when all tests begin; their clocks go on only when they are turned.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk is a portal with the vendor at its desk and two partners.
type desk struct {
	*portaltest.Portal

	t                    *testing.T
	vendor, acme, globex *program.Client
}

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newDesk(t, dsn(t)))
		})
	}
}

func newDesk(t *testing.T, dsn string) *desk {
	t.Helper()
	inner, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), portal.WithFileDir(t.TempDir()), portal.WithClock(func() time.Time { return noon }))
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	return &desk{Portal: p, t: t, vendor: program.New(p.Vendor), acme: program.New(p.Acme), globex: program.New(p.Globex)}
}

// rules changes the default programme.
func (d *desk) rules(change func(p *program.Program)) *program.Program {
	d.t.Helper()
	p, err := d.vendor.Get(d.t.Context(), program.DefaultID)
	require.NoError(d.t, err)
	change(p)
	p, err = d.vendor.Put(d.t.Context(), p.ID, *p, partnerportal.IfMatch(p))
	require.NoError(d.t, err)
	return p
}

// tiers gives the default programme three of them.
func tiers(p *program.Program) {
	p.Tiers = []program.Tier{
		{ID: "gold", Name: "Gold", Rank: 3, Productive: true, Requirements: []program.Requirement{
			{ID: "revenue", Kind: program.RequirementKindRevenue, Amount: usd("500000")},
			{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 4},
		}},
		{ID: "member", Name: "Member", Rank: 1},
		{ID: "silver", Name: "Silver", Rank: 2, Productive: true, Requirements: []program.Requirement{
			{ID: "revenue", Kind: program.RequirementKindRevenue, Amount: usd("100000")},
			{ID: "deals", Kind: program.RequirementKindDealsWon, Threshold: 2},
		}},
	}
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// sells lets a partner register a deal and win it for an amount.
func (d *desk) sells(pp *partnerportal.Client, customer, amount string) *deals.Deal {
	d.t.Helper()
	return d.wins(pp, d.registers(pp, customer, time.Time{}, partnerportal.Timing{}), amount)
}

func (d *desk) registers(pp *partnerportal.Client, customer string, started time.Time, timing partnerportal.Timing) *deals.Deal {
	d.t.Helper()
	deal, err := deals.New(pp).Register(d.t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: customer, Country: "US", Domain: customer + ".example"}, Products: []deals.Product{{Family: "GTX"}},
		Amount: usd("1000"), ExpectedCloseOn: partnerportal.DateOf(d.Now().AddDate(0, 1, 0)), Started: started, Timing: timing,
	})
	require.NoError(d.t, err)
	return deal
}

func (d *desk) wins(pp *partnerportal.Client, deal *deals.Deal, amount string) *deals.Deal {
	d.t.Helper()
	_, err := deals.New(d.Vendor).Approve(d.t.Context(), deal.ID, deals.Approval{})
	require.NoError(d.t, err)
	won, err := deals.New(pp).Win(d.t.Context(), deal.ID, deals.Win{ActualAmount: usd(amount), OrderRef: partnerportal.ExternalRef{System: "erp", ID: deal.ID}})
	require.NoError(d.t, err)
	return won
}

func TestRulesAreReadAndPut(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		p, err := d.vendor.Get(ctx, program.DefaultID)
		require.NoError(t, err)
		assert.Equal(t, 90, p.Deal.ProtectionDays)

		stale := *p
		p.Deal.ProtectionDays = 120
		p.Deal.AutoApprove = []program.AutoApproval{{ID: "small", MaxAmount: usd("5000"), Territories: []string{"us"}}}
		put, err := d.vendor.Put(ctx, p.ID, *p, partnerportal.IfMatch(p))
		require.NoError(t, err)
		assert.Equal(t, p.Revision+1, put.Revision)
		assert.Equal(t, []string{"US"}, put.Deal.AutoApprove[0].Territories)
		_, err = d.vendor.Put(ctx, p.ID, stale, partnerportal.IfMatch(&stale))
		require.ErrorIs(t, err, partnerportal.ErrStale)

		seen, err := d.acme.Get(ctx, program.DefaultID)
		require.NoError(t, err)
		assert.Empty(t, seen.Deal.AutoApprove, "how to pass unseen is not for partners")
		assert.Equal(t, 120, seen.Deal.ProtectionDays)

		deal := d.registers(d.Acme, "initech", time.Time{}, partnerportal.Timing{})
		assert.Equal(t, deals.StatusApproved, deal.Status, "the new rule holds")
		assert.Equal(t, 121, deal.Protection.DaysRemaining, "and the rest of today")

		emea := *put
		emea.ID, emea.Name, emea.TimeZone, emea.Status = "ignored", "EMEA", "Europe/Berlin", program.StatusDraft
		_, err = d.vendor.Put(ctx, "emea", emea, partnerportal.IfMatchRevision(1))
		require.ErrorIs(t, err, partnerportal.ErrStale, "there is none to match")
		made, err := d.vendor.Put(ctx, "emea", emea)
		require.NoError(t, err)
		assert.Equal(t, "emea", made.ID)
		assert.EqualValues(t, 1, made.Revision)
		_, err = d.acme.Get(ctx, "emea")
		require.ErrorIs(t, err, partnerportal.ErrNotFound, "a draft is the vendor's")

		var ids []string
		for p, err := range d.vendor.All(ctx, program.ListParams{Limit: 1}) {
			require.NoError(t, err)
			ids = append(ids, p.ID)
		}
		assert.Equal(t, []string{"default", "emea"}, ids)
		page, err := d.acme.List(ctx, program.ListParams{})
		require.NoError(t, err)
		assert.Len(t, page.Items, 1)

		_, err = d.acme.Put(ctx, "default", *p)
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}
