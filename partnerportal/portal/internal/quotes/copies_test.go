package quotes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// decisions are what people said of the lines, in the order of the lines.
func decisions(q *quotes.Quote) (said []any) {
	for _, l := range q.Lines {
		said = append(said, []any{l.SKU, l.Quantity, l.TermMonths, l.Adjustment, l.Note, l.Optional, l.ConfigurationID, l.Total})
	}
	return said
}

// What somebody decided of the parts of a configuration is in the next version and in a copy, as what was decided of the whole is.
func TestCopiesHaveTheDiscountsOfParts(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{
			Customer: partnerportal.Organization{Name: "Initech"}, Adjustments: []quotes.Adjustment{{Percent: "1"}},
			Lines: []quotes.LineInput{{SKU: "GPU-1", Note: "A spare one."}, {ConfigurationID: w.configuration().ID, Quantity: 2, TermMonths: 36, Adjustment: quotes.Adjustment{Percent: "3"}}},
		}))
		require.Len(t, q.Lines, 4)
		q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set([]quotes.LineInput{
			{ID: q.Lines[0].ID, Note: q.Lines[0].Note},
			{ID: q.Lines[1].ID, Quantity: 2, Adjustment: q.Lines[1].Adjustment},
			{ID: q.Lines[2].ID, Quantity: 4, Adjustment: quotes.Adjustment{Percent: "2", Reason: "Refurbished."}, Note: "Refurbished."},
			{ID: q.Lines[3].ID, Quantity: 2, Adjustment: quotes.Adjustment{Amount: usd("50.00")}},
		})}, partnerportal.IfMatch(q)))
		require.Equal(t, []string{"-20.00", "-50.00"}, []string{manual(q.Lines[2]), manual(q.Lines[3])})

		same := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{QuoteID: q.ID}))
		assert.Equal(t, decisions(q), decisions(same))
		assert.Equal(t, q.Totals, same.Totals)
		for i, l := range same.Lines {
			assert.NotEqual(t, q.Lines[i].ID, l.ID, "a line of another quote is another line")
		}
		assert.Equal(t, []string{same.Lines[1].ID, same.Lines[1].ID}, []string{same.Lines[2].ParentLineID, same.Lines[3].ParentLineID})
		assert.Equal(t, q.Totals, must[*quotes.Preview](t)(w.acme.Preview(ctx, quotes.NewQuote{QuoteID: q.ID})).Totals)
		other := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{QuoteID: q.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}}))
		assert.Len(t, other.Lines, 1, "what the body says goes before what it is made from")

		same = must[*quotes.Quote](t)(w.acme.Update(ctx, same.ID, quotes.Patch{Title: partnerportal.Set("Again")}, partnerportal.IfMatch(same)))
		assert.Equal(t, decisions(q), decisions(same))
		w.policy(quotes.PricePolicyInput{Manual: quotes.PriceAuthority{PartnerPercent: "50"}})
		next := must[*quotes.Quote](t)(w.acme.Revise(ctx, must[*quotes.Quote](t)(w.acme.Present(ctx, must[*quotes.Quote](t)(w.acme.Price(ctx, q.ID)).ID)).ID))
		assert.Equal(t, decisions(q), decisions(next))
		assert.Equal(t, q.Totals, next.Totals)
	})
}

// manual is what was taken off a line itself by hand.
func manual(l quotes.Line) string {
	for _, c := range l.Components {
		if c.Kind == quotes.ComponentKindManual && c.Ref == "" {
			return c.Amount.Amount()
		}
	}
	return ""
}
