package orders_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// partnerDecides says how large a discount a partner gives without approval.
func (w *world) partnerDecides(percent string) {
	w.t.Helper()
	must[*quotes.PricePolicy](w.t)(quotes.New(w.Vendor).PutPricePolicy(w.t.Context(), "default", quotes.PricePolicyInput{
		Manual: quotes.PriceAuthority{PartnerPercent: percent}, Quote: quotes.PriceQuoteRules{ValidDays: 60},
	}))
}

// off takes an amount off the first line, ten servers of 5000 dollars.
func off(amount string) func(*quotes.NewQuote) {
	return func(body *quotes.NewQuote) { body.Lines[0].Adjustment.Amount = usd(amount) }
}

// An amount is more of a lower price: what nobody has decided is not ordered at any total, until somebody has.
func TestAmountsAreHeldAgainstTheAuthorityAgain(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.partnerDecides("10")
		q := w.accepted(nil, off("5000"))
		placement := orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}
		w.price("SRV-100", "4000")
		for _, accepted := range []string{"", "35300"} {
			if accepted != "" {
				placement.AcceptedTotal = usd(accepted)
			}
			_, err := w.acme.Place(ctx, placement)
			e := refused(t, err, orders.ErrApprovalRequired)
			assert.Contains(t, e.Detail, "12.5 %, and 10 % is allowed. Revise the quote, and ask for approval.")
			assert.Equal(t, []orders.Excess{{LineID: q.Lines[0].ID, SKU: "SRV-100", Percent: "12.5", AllowedPercent: "10"}}, orders.PriceChangeOf(err).Excesses)
			assert.Equal(t, usd("35300"), orders.PriceChangeOf(err).After)
		}
		assert.Equal(t, []quotes.Excess{{LineID: q.Lines[0].ID, SKU: "SRV-100", Percent: "12.5", AllowedPercent: "10"}},
			must[*quotes.Drift](t)(w.quotes.Check(ctx, q.ID)).Excesses, "as a check says beforehand")

		q = must[*quotes.Quote](t)(w.quotes.Revise(ctx, q.ID))
		require.True(t, q.ApprovalNeeded)
		must[*quotes.Quote](t)(w.quotes.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
		must[*quotes.Quote](t)(quotes.New(w.Vendor).Approve(ctx, q.ID, quotes.Remark{}))
		w.price("SRV-100", "5000")
		q = must[*quotes.Quote](t)(w.quotes.Revise(ctx, q.ID)) // 10 % again, and 12.5 are approved
		must[*quotes.Quote](t)(w.quotes.Present(ctx, q.ID))
		must[*quotes.Quote](t)(w.quotes.Accept(ctx, q.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@initech.com"}))
		w.price("SRV-100", "3125")
		placement.QuoteID, placement.AcceptedTotal = q.ID, usd("26550")
		_, err := w.acme.Place(ctx, placement)
		refused(t, err, orders.ErrApprovalRequired)
		assert.Equal(t, []orders.Excess{{LineID: q.Lines[0].ID, SKU: "SRV-100", Percent: "16", AllowedPercent: "12.5"}}, orders.PriceChangeOf(err).Excesses)
		w.price("SRV-100", "4000")
		placement.AcceptedTotal = usd("35300")
		assert.Equal(t, usd("35300"), must[*orders.Order](t)(w.acme.Place(ctx, placement)).Totals.Total)
	})
}

// Only what has become more is held again: a percentage is what it was, an amount is less of a higher price, and what the partner could decide when the
// customer accepted stays decided.
func TestWhatWasDecidedStaysDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	place := func(q *quotes.Quote) (*orders.Order, error) { // at whatever it costs now
		total := must[*quotes.Drift](t)(w.quotes.Check(t.Context(), q.ID)).After
		return w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO " + q.Number, AcceptedTotal: total})
	}
	w.partnerDecides("20")
	percent := w.accepted(nil, func(body *quotes.NewQuote) {
		body.Lines[0].Adjustment.Percent = "7.77"
		body.Adjustments = []quotes.Adjustment{{Percent: "3.33"}}
	})
	amount, whole := w.accepted(nil, off("5000")), w.accepted(nil, func(body *quotes.NewQuote) {
		body.Adjustments = []quotes.Adjustment{{Amount: usd("5030")}}
	})
	little, option := w.accepted(nil, off("1000")), w.accepted(nil, off("5000"), func(body *quotes.NewQuote) { body.Lines[0].Optional = true })
	w.partnerDecides("5")
	w.price("SRV-100", "6000")
	must[*orders.Order](t)(place(amount))
	w.price("SRV-100", "1")
	must[*orders.Order](t)(place(percent)) // although its cents are rounded to more of so little
	w.price("SRV-100", "4000")
	must[*orders.Order](t)(place(little)) // 2.5 % by now, and the partner may decide on 5
	assert.Empty(t, must[*quotes.Drift](t)(w.quotes.Check(t.Context(), option.ID)).Excesses, "an option is not ordered")
	must[*orders.Order](t)(w.acme.Place(t.Context(), orders.Placement{QuoteID: option.ID, PONumber: "PO " + option.Number}))
	_, err := place(whole)
	refused(t, err, orders.ErrApprovalRequired)
	assert.Len(t, orders.PriceChangeOf(err).Excesses, 2, "each line carries its part of an amount for all of them")
	w.price("SRV-100", "5000")
	must[*orders.Order](t)(place(whole))
}

// The parts of an amount for the whole quote are rounded: a cent more of a line is no larger discount while all lines cost more.
func TestACentOfTheWholeIsNoExcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.partnerDecides("20")
	w.price("SRV-100", "1")
	w.price("SUP-100", "1")
	q := w.accepted(nil, func(body *quotes.NewQuote) {
		body.Lines = []quotes.LineInput{{SKU: "SRV-100"}, {SKU: "SUP-100"}, {SKU: "SUP-100"}}
		body.Adjustments = []quotes.Adjustment{{Amount: usd("0.10")}}
	})
	require.Equal(t, usd("0.97"), q.Lines[0].Net)
	w.partnerDecides("1")
	w.price("SRV-100", "0.90")
	_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: usd("2.80")})
	refused(t, err, orders.ErrApprovalRequired)
	w.price("SRV-100", "1.10")
	o := must[*orders.Order](t)(w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: usd("3")}))
	assert.Equal(t, usd("1.06"), o.Lines[0].Net)
}
