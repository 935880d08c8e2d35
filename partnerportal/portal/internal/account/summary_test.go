package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.plan("resale", "4")
		d.won(usd("100000"))
		d.won(usd("50000"), partnerportal.Date{Year: 2026, Month: 1, Day: 1})
		d.won(usd("75000"), partnerportal.Date{Year: 2025, Month: 12, Day: 31}) // 24:00 of the last day belongs to the old year
		d.won(usd("60000"), partnerportal.Date{Year: 2025, Month: 5, Day: 15})
		d.won(partnerportal.MustMoney("900", "EUR"))
		d.approved(usd("30000"))
		_, err := d.deals.Create(t.Context(), deals.Registration{Customer: partnerportal.Organization{Name: "Draft"}, Amount: usd("1000"), Probability: 10})
		require.NoError(t, err)
		_, err = d.deals.Create(t.Context(), deals.Registration{Customer: partnerportal.Organization{Name: "No amount yet"}})
		require.NoError(t, err)

		sum := d.summary()
		assert.Equal(t, d.AcmeID, sum.PartnerID)
		assert.Equal(t, "USD", sum.Currency)
		assert.Equal(t, account.Period{Kind: "ytd", FromOn: partnerportal.Date{Year: 2026, Month: 1, Day: 1}, ToOn: partnerportal.DateOf(noon)}, sum.Period)
		assert.Equal(t, usd("150000"), sum.RevenueYTD.Value)
		assert.Equal(t, usd("60000"), sum.RevenueYTD.PriorYear, "up to the same day")
		assert.Equal(t, "150.0", sum.RevenueYTD.ChangePercent)
		assert.Equal(t, []partnerportal.Money{partnerportal.MustMoney("900", "EUR")}, sum.RevenueYTD.PerCurrency)
		assert.Equal(t, 3, sum.RevenueYTD.Deals)
		assert.Equal(t, partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: noon}, sum.RevenueYTD.Source)

		assert.Equal(t, usd("31000"), sum.OpenPipeline.Value)
		assert.Equal(t, usd("15100"), sum.OpenPipeline.Weighted, "half of one, a tenth of the other")
		assert.Equal(t, 3, sum.OpenPipeline.Count)
		assert.Equal(t, 1, sum.OpenPipeline.ApprovedDeals)
		assert.Zero(t, sum.OpenPipeline.ExpiringSoon.Count)

		assert.Equal(t, usd("0"), sum.Commissions.Due)
		assert.Equal(t, usd("11400"), sum.Commissions.Pending, "four of a hundred of all four in dollars")
		assert.Equal(t, usd("0"), sum.MDF.Available)
		assert.False(t, sum.Freshness.Stale)
		assert.Empty(t, sum.Attention)

		for figure, value := range map[string]partnerportal.Money{
			account.FigureRevenueYTD: sum.RevenueYTD.Value, account.FigureOpenPipeline: sum.OpenPipeline.Value,
			account.FigureCommissionsDue: sum.Commissions.Due, account.FigureMDFAvailable: sum.MDF.Available,
		} {
			assert.Equal(t, value, d.lines(figure, "USD"), figure)
		}
		assert.Equal(t, partnerportal.MustMoney("900", "EUR"), d.lines(account.FigureRevenueYTD, "EUR"))

		euro, err := d.money.Summary(t.Context(), account.SummaryParams{Currency: "EUR"})
		require.NoError(t, err)
		assert.Equal(t, partnerportal.MustMoney("900", "EUR"), euro.RevenueYTD.Value)
		assert.Equal(t, []partnerportal.Money{usd("150000")}, euro.RevenueYTD.PerCurrency)
	})
}

// What is expiring is counted with the days that pass, without anything being written.
func TestExpiringSoon(t *testing.T) {
	t.Parallel()
	d := open(t)
	deal := d.approved(usd("30000"))
	assert.Zero(t, d.summary().OpenPipeline.ExpiringSoon.Count)
	d.Advance(61 * 24 * time.Hour)
	sum := d.summary()
	assert.Equal(t, account.Expiring{Count: 1, Value: usd("30000"), NextAt: deal.Protection.ExpiresAt}, sum.OpenPipeline.ExpiringSoon)
	require.Len(t, sum.Attention, 1)
	assert.Equal(t, account.Attention{Kind: account.AttentionKindDealExpiring, ResourceType: "deal", ResourceID: deal.ID, Action: "request_extension",
		Title: "The protection of " + deal.Number + " ends", DueAt: deal.Protection.ExpiresAt}, sum.Attention[0])
	d.Advance(30 * 24 * time.Hour)
	sum = d.summary()
	assert.Zero(t, sum.OpenPipeline.Count, "it has expired")
	assert.Equal(t, usd("0"), sum.OpenPipeline.Value)
	assert.Empty(t, sum.Attention)
}

func TestSummaryNotModified(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.approved(usd("30000"))
	sum := d.summary()
	read := func(tag *account.Summary) (*account.Summary, error) {
		return d.money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(tag))
	}
	var resp partnerportal.Response
	_, err := d.money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(sum), partnerportal.WithResponse(&resp))
	require.ErrorIs(t, err, partnerportal.ErrNotModified)
	assert.Equal(t, sum.ETag(), resp.ETag())
	assert.Empty(t, resp.Body)
	d.Advance(time.Hour)
	_, err = read(sum)
	require.ErrorIs(t, err, partnerportal.ErrNotModified, "time alone changes nothing")
	d.approved(usd("1"))
	changed, err := read(sum)
	require.NoError(t, err)
	assert.Equal(t, usd("30001"), changed.OpenPipeline.Value)
	d.Advance(24 * time.Hour)
	_, err = read(changed)
	require.NoError(t, err, "another day")
}

// The vendor names the partner; a partner sees itself alone.
func TestWhoseMoney(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.won(usd("100"))
	sum, err := d.books.Summary(t.Context(), account.SummaryParams{PartnerID: d.AcmeID})
	require.NoError(t, err)
	assert.Equal(t, usd("100"), sum.RevenueYTD.Value)
	sum, err = d.books.Summary(t.Context(), account.SummaryParams{PartnerID: d.GlobexID})
	require.NoError(t, err)
	assert.Equal(t, usd("0"), sum.RevenueYTD.Value)
	_, err = d.books.Summary(t.Context(), account.SummaryParams{})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	_, err = d.books.Summary(t.Context(), account.SummaryParams{PartnerID: "par_none"})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	globex := account.New(d.Globex)
	_, err = globex.Summary(t.Context(), account.SummaryParams{PartnerID: d.AcmeID})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	page, err := globex.ListLines(t.Context(), account.FigureRevenueYTD, account.ListLinesParams{})
	require.NoError(t, err)
	assert.Empty(t, page.Items)
}
