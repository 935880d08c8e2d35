package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// A partner with funds of whom finance says nothing has no balance, and not one of zero.
func TestNothingPosted(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	d.fund(usd("1000"))
	finance.books = &source.Books{Stamp: stamp(noon), Balances: []source.Balance{{PartnerID: d.GlobexID, Amount: usd("5")}, {PartnerID: d.AcmeID}}}
	d.pull()
	m := d.summary().MDF
	assert.True(t, m.Available.IsZero())
	assert.Equal(t, "The system has posted nothing of the partner's funds.", m.Source.Error)
	_, vendor := d.finance()
	assert.Len(t, vendor.Conflicts, 1)
}

// Amounts that together are more than can be held are not taken: no sum turns round.
func TestReadingThatCannotBeHeld(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	most, day := usd("900000000000000"), partnerportal.DateOf(noon)
	finance.books = &source.Books{Stamp: stamp(noon), Revenue: []source.Revenue{
		{ID: "1", PartnerID: d.AcmeID, On: day, Amount: most}, {ID: "2", PartnerID: d.AcmeID, On: day, Amount: most},
	}}
	require.ErrorContains(t, d.Pull(t.Context()), "netsuite: the sums of the partner "+d.AcmeID)
	assert.True(t, d.summary().RevenueYTD.Value.IsZero())
	finance.books = &source.Books{Stamp: stamp(noon), Revenue: finance.books.Revenue[:1]}
	d.pull()
	assert.Equal(t, most, d.summary().RevenueYTD.Value)
}

// Books tell of a failed payment for good: it does not fail the payment that is tried again.
func TestFailureIsToldOnce(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	d.due("100")
	p, err := d.books.SchedulePayout(t.Context(), d.order())
	require.NoError(t, err)
	says := func(payments ...source.Payment) account.PayoutStatus {
		t.Helper()
		d.Advance(time.Minute)
		finance.books = &source.Books{Stamp: stamp(d.Now()), Payments: payments}
		d.pull()
		now, err := d.money.GetPayout(t.Context(), p.ID)
		require.NoError(t, err)
		return now.Status
	}
	first := source.Payment{Payout: p.Number, Amount: p.Amount, Trace: "T-1", Failure: "No such account."}
	second, arrived := first, first
	second.Trace, arrived.Failure, arrived.PaidOn = "T-2", "", partnerportal.DateOf(noon)
	assert.Equal(t, account.PayoutStatusFailed, says(first))
	_, err = d.books.RetryPayout(t.Context(), p.ID)
	require.NoError(t, err)
	assert.Equal(t, account.PayoutStatusScheduled, says(first))
	_, vendor := d.finance()
	assert.Len(t, vendor.Conflicts, 1, "in case it did fail again")
	assert.Equal(t, account.PayoutStatusFailed, says(second), "another failure")
	_, err = d.books.RetryPayout(t.Context(), p.ID)
	require.NoError(t, err)
	assert.Equal(t, account.PayoutStatusCompleted, says(arrived))
}
