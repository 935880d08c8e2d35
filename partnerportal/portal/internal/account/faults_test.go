package account_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// onFile is a portal on a file, and the file, for what the portal itself would never do.
func onFile(t *testing.T, dsn string) *desk {
	t.Helper()
	p, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
	require.NoError(t, err)
	return on(t, portaltest.Wrap(t, p))
}

func statements(t *testing.T, file string, all ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	for _, statement := range all {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}

// A figure that cannot be read is absent and says so; the others are there.
func TestOneFigureFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "portal.db")
	d := onFile(t, "sqlite:"+file)
	d.plan("resale", "4")
	d.won(usd("100"))
	before := d.summary()
	statements(t, file, "ALTER TABLE memberships RENAME TO gone")
	sum := d.summary()
	assert.NotEmpty(t, sum.Tier.Source.Error)
	assert.Equal(t, before.RevenueYTD, sum.RevenueYTD)
	assert.Equal(t, []string{"portal"}, sum.Freshness.FailedSources)
	assert.True(t, sum.Freshness.Stale)

	statements(t, file, "ALTER TABLE gone RENAME TO memberships", "ALTER TABLE figures RENAME TO gone")
	sum = d.summary()
	assert.Empty(t, sum.Tier.Source.Error)
	for what, m := range map[string]partnerportal.Money{"revenue": sum.RevenueYTD.Value, "pipeline": sum.OpenPipeline.Value, "MDF": sum.MDF.Available, "commissions": sum.Commissions.Due} {
		assert.True(t, m.IsZero(), "%s is absent, not 0.00", what)
	}
	assert.NotEmpty(t, sum.RevenueYTD.Source.Error)
	statements(t, file, "ALTER TABLE gone RENAME TO figures")
	assert.Equal(t, before.ETag(), d.summary().ETag())
}

// A portal that is older than the sums counts its deals when it is opened, once.
func TestOlderPortalsAreCounted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "portal.db")
	d := onFile(t, "sqlite:"+file)
	d.won(usd("100"), partnerportal.DateOf(noon).AddDays(-1))
	d.won(usd("30"), partnerportal.Date{Year: 2025, Month: 12, Day: 31}) // at 24:00, which is no part of this year
	d.approved(usd("50"))
	before, office := d.summary(), program.New(d.Vendor)
	earned, err := office.Concentration(t.Context(), program.ConcentrationParams{})
	require.NoError(t, err)
	require.Equal(t, usd("100"), earned.Revenue)
	statements(t, file, "DELETE FROM figures", "DELETE FROM partner_results", "DELETE FROM settings WHERE name = 'deals.counted'",
		"UPDATE deals SET won_on = '', doc = json_remove(doc, '$.won_on')")
	assert.Equal(t, usd("0"), d.summary().RevenueYTD.Value)
	for range 2 {
		p, err := portal.Open(t.Context(), "sqlite:"+file, portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
		require.NoError(t, err)
		require.NoError(t, p.Close())
		sum := d.summary()
		assert.Equal(t, before.RevenueYTD.Value, sum.RevenueYTD.Value)
		assert.Equal(t, before.OpenPipeline, sum.OpenPipeline)
		assert.Equal(t, usd("100"), d.lines(account.FigureRevenueYTD, "USD"))
		counted, err := office.Concentration(t.Context(), program.ConcentrationParams{})
		require.NoError(t, err)
		assert.Equal(t, earned, counted)
	}
}

// The year is that of the programme's time zone: on New Year's Eve in New York it is the new year in UTC already.
func TestYearOfTheProgramme(t *testing.T) {
	t.Parallel()
	eve := time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC)
	d := open(t, portal.WithClock(func() time.Time { return eve }))
	rules := policy.Default()
	rules.TimeZone = "America/New_York"
	desk := program.New(d.Vendor)
	current, err := desk.Get(t.Context(), "default")
	require.NoError(t, err)
	_, err = desk.Put(t.Context(), "default", rules, partnerportal.IfMatch(current))
	require.NoError(t, err)
	d.won(usd("100"))
	sum := d.summary()
	assert.Equal(t, partnerportal.Date{Year: 2026, Month: 12, Day: 31}, sum.Period.ToOn)
	assert.Equal(t, usd("100"), sum.RevenueYTD.Value)
	d.Advance(3 * time.Hour)
	sum = d.summary()
	assert.Equal(t, partnerportal.Date{Year: 2027, Month: 1, Day: 1}, sum.Period.FromOn)
	assert.Equal(t, usd("0"), sum.RevenueYTD.Value)
	assert.Equal(t, usd("0"), sum.RevenueYTD.PriorYear, "only up to the same day")
	assert.Equal(t, usd("0"), d.lines(account.FigureRevenueYTD, "USD"))
}

// What happens to money is told to its owner and nobody else.
func TestEvents(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.due("100")
	_, err := d.books.SchedulePayout(t.Context(), d.order())
	require.NoError(t, err)
	types := func(c *events.Client) []string {
		t.Helper()
		page, err := c.List(t.Context(), events.ListParams{ResourceType: []string{"commission", "payout"}})
		require.NoError(t, err)
		var all []string
		for _, e := range page.Items {
			all = append(all, e.Type)
		}
		return all
	}
	want := []string{account.EventCommissionAccrued, account.EventPayoutScheduled}
	assert.Equal(t, want, types(events.New(d.Acme)))
	assert.Equal(t, want, types(events.New(d.Vendor)))
	assert.Empty(t, types(events.New(d.Globex)))
	blind := d.Client(portal.ClientSpec{PartnerID: d.AcmeID, Name: "No money", Scopes: []string{"events:read"}})
	assert.Empty(t, types(events.New(blind)), "without the scope to read the money")
}

// Amounts that together are more than can be held are refused, and spoil no figure.
func TestSumsThatCannotBeHeld(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		most := usd("900000000000000")
		draft := deals.Registration{Customer: partnerportal.Organization{Name: "Everything"}, Amount: most}
		first, err := d.deals.Create(t.Context(), draft)
		require.NoError(t, err)
		_, err = d.deals.Create(t.Context(), draft)
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		assert.Equal(t, most, d.summary().OpenPipeline.Value)
		require.NoError(t, d.deals.Delete(t.Context(), first.ID, partnerportal.IfMatch(first)))
		assert.Equal(t, usd("0"), d.summary().OpenPipeline.Value)
	})
}

// What wants to be done is listed with its deadline, the most urgent first.
func TestAttention(t *testing.T) {
	t.Parallel()
	d := open(t)
	expiring := d.approved(usd("30000"))
	d.Advance(65 * 24 * time.Hour)
	deal, err := d.deals.Register(t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: "Hooli", Country: "US", Domain: "hooli.com"}, Amount: usd("5"),
		ExpectedCloseOn: partnerportal.DateOf(d.Now().AddDate(0, 3, 0)), Products: []deals.Product{{Family: "GTX"}},
	})
	require.NoError(t, err)
	deal, err = d.desk.RequestChanges(t.Context(), deal.ID, deals.ChangeRequest{Message: "Which?", Changes: []deals.RequestedChange{{Pointer: "/name", Message: "Name it."}}})
	require.NoError(t, err)
	d.fund(usd("10"))
	d.Advance(time.Hour)
	var kinds []account.AttentionKind
	for _, a := range d.summary().Attention {
		kinds = append(kinds, a.Kind)
	}
	assert.Equal(t, []account.AttentionKind{account.AttentionKindChangesRequested, account.AttentionKindDealExpiring}, kinds)
	assert.Equal(t, deal.Review.ChangesDueAt, d.summary().Attention[0].DueAt)
	assert.Equal(t, expiring.Protection.ExpiresAt, d.summary().Attention[1].DueAt)
}
