package quotes_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Whatever happens to prices and to the versions that follow, a version that was superseded stays as it was.
func TestARevisedQuoteNeverChangesItsPredecessor(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		w.configuration()
		rapid.Check(t, func(rt *rapid.T) {
			h := history{w: w, rt: rt, kept: map[string]string{}}
			h.last = h.ok(w.acme.Create(t.Context(), quotes.NewQuote{
				Customer: partnerportal.Organization{Name: "Initech"}, Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 2}, {SKU: "GPU-1", Quantity: 4}},
			}))
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				h.present(rt)
				h.move(rt)
				if rapid.Bool().Draw(rt, "document") {
					h.document(rt)
				}
				h.revise(rt)
				h.move(rt)
				h.change(rt)
				h.price(rt)
			}
			h.check(rt)
		})
	})
}

// history is a quote in its versions, the superseded ones as they were when they were superseded.
type history struct {
	w    *world
	rt   *rapid.T
	last *quotes.Quote
	kept map[string]string
}

func (h *history) ok(q *quotes.Quote, err error) *quotes.Quote {
	require.NoError(h.rt, err)
	return q
}

// content is all of a version but what says that there is a next one, and what was printed of it.
func content(rt require.TestingT, q *quotes.Quote) string {
	c := *q
	c.Status, c.Latest, c.NextVersionID, c.Revision, c.UpdatedAt, c.AllowedActions, c.Documents = "", false, "", 0, time.Time{}, nil, nil
	data, err := json.Marshal(c)
	require.NoError(rt, err)
	return string(data)
}

func (h *history) revise(rt *rapid.T) {
	before := h.last
	h.kept[before.ID] = content(rt, before)
	h.last = h.ok(h.w.acme.Revise(h.w.t.Context(), before.ID))
	assert.Equal(rt, before.ID, h.last.PreviousVersionID)
	assert.Equal(rt, before.Version+1, h.last.Version)
	assert.Equal(rt, before.Number, h.last.Number)
	assert.Equal(rt, before.Lines[0].ID, h.last.Lines[0].ID, "a line is the same line in the next version")
}

func (h *history) change(rt *rapid.T) {
	lines := []quotes.LineInput{{ID: h.last.Lines[0].ID, Quantity: rapid.IntRange(1, 9).Draw(rt, "quantity"), Note: rapid.StringMatching("[a-z]{0,5}").Draw(rt, "note")}}
	if rapid.Bool().Draw(rt, "another") {
		lines = append(lines, quotes.LineInput{SKU: "SUP-1", TermMonths: 12, Optional: rapid.Bool().Draw(rt, "optional")})
	}
	patch := quotes.Patch{Lines: partnerportal.Set(lines)}
	if rapid.Bool().Draw(rt, "customer") {
		patch.Customer.Domain = partnerportal.Set(fmt.Sprintf("initech%d.com", len(h.kept)))
		patch.Terms = partnerportal.Set("Net 30.")
	}
	h.last = h.ok(h.w.acme.Update(h.w.t.Context(), h.last.ID, patch, partnerportal.IfMatch(h.last)))
}

func (h *history) price(rt *rapid.T) {
	h.last = h.ok(h.w.acme.Price(h.w.t.Context(), h.last.ID))
}

func (h *history) present(rt *rapid.T) {
	h.last = h.ok(h.w.acme.Present(h.w.t.Context(), h.last.ID))
}

// move changes what quotes are made of: a price, a product's name, the policy.
func (h *history) move(rt *rapid.T) {
	name := rapid.StringMatching("[A-Z][a-z]{3,8}").Draw(rt, "name")
	switch rapid.IntRange(0, 2).Draw(rt, "what") {
	case 0:
		_, err := catalog.New(h.w.Vendor).Put(h.w.t.Context(), "SRV-1", catalog.ProductInput{Name: name, Family: "GTX", Kind: catalog.ProductKindHardware})
		require.NoError(rt, err)
		return
	case 1:
		h.w.policy(quotes.PricePolicyInput{VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: rapid.IntRange(1, 9).Draw(rt, "from"), Percent: "5"}}})
		return
	}
	price := partnerportal.MustMoney(fmt.Sprintf("%d.99", rapid.IntRange(1, 2000).Draw(rt, "price")), "USD")
	h.w.prices(catalog.PriceEntry{SKU: rapid.SampledFrom([]string{"SRV-1", "GPU-1"}).Draw(rt, "sku"), ListPrice: price})
}

func (h *history) document(rt *rapid.T) {
	_, err := h.w.vendor.CreateDocument(h.w.t.Context(), h.last.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX})
	require.NoError(rt, err)
}

func (h *history) check(rt *rapid.T) {
	ctx := h.w.t.Context()
	latest := 0
	for q, err := range h.w.acme.AllVersions(ctx, h.last.ID, quotes.ListVersionsParams{}) {
		require.NoError(rt, err)
		if q.Latest {
			latest++
			assert.Equal(rt, h.last.ID, q.ID)
			continue
		}
		assert.Equal(rt, quotes.StatusSuperseded, q.Status)
		assert.JSONEq(rt, h.kept[q.ID], content(rt, &q))
	}
	assert.Equal(rt, 1, latest)
}

// A version that has a next one is the wrong one to go on with, and names the right one.
func TestOldVersionsNameTheLast(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote(func(n *quotes.NewQuote) {
		n.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "1"}}
	}).ID))
	next := must[*quotes.Quote](t)(w.acme.Revise(ctx, first.ID))
	must[*quotes.Quote](t)(w.acme.Present(ctx, next.ID))
	third := must[*quotes.Quote](t)(w.acme.Revise(ctx, next.ID))
	for _, err := range []error{
		second(w.acme.Accept(ctx, first.ID, quotes.Acceptance{Name: "A", Email: "a@b.c"})), second(w.acme.Revise(ctx, first.ID)), second(w.acme.Present(ctx, first.ID)),
	} {
		require.ErrorIs(t, err, quotes.ErrNotLatestVersion)
		assert.Equal(t, third.ID, quotes.LatestOf(err))
	}
	require.ErrorIs(t, second(w.acme.Decline(ctx, first.ID, quotes.Decline{Reason: quotes.DeclineReasonPrice})), partnerportal.ErrInvalidState)
	found := must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{ExternalRef: "crm:1"})).Items
	require.Len(t, found, 1, "a reference leads to the last version")
	assert.Equal(t, third.ID, found[0].ID)
	assert.Len(t, must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{Number: first.Number})).Items, 3)
	assert.Len(t, must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{Latest: true})).Items, 1)
	assert.Equal(t, []string{quotes.EventCreated, quotes.EventPresented, quotes.EventSuperseded}, w.told(first.ID))
}

// What cannot be sold any more does not keep a quote from being revised: how else would somebody take it out?
func TestRevisingWhatCannotBePriced(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote(func(n *quotes.NewQuote) { n.Lines = append(n.Lines, quotes.LineInput{SKU: "OLD-1"}) })
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	old := must[*catalog.Product](t)(catalog.New(w.Vendor).GetBySKU(ctx, "OLD-1"))
	must[*catalog.Product](t)(catalog.New(w.Vendor).Retire(ctx, old.ID))
	next := must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	assert.Equal(t, q.Totals, next.Totals, "the prices of before")
	require.Len(t, next.Pricing.Notes, 1)
	assert.Equal(t, quotes.NoteCodeNotPriced, next.Pricing.Notes[0].Code)
	assert.Equal(t, "product_end_of_sale", next.Pricing.Notes[0].Ref)
	err := second(w.acme.Present(ctx, next.ID))
	require.ErrorIs(t, err, quotes.ErrPriceChanged)
	drift := quotes.DriftOf(err)
	require.NotNil(t, drift)
	require.Len(t, drift.Lines, 1)
	assert.Equal(t, "OLD-1", drift.Lines[0].SKU)
	err = second(w.acme.Price(ctx, next.ID))
	require.ErrorIs(t, err, quotes.ErrProductEndOfSale)
	assert.Equal(t, "SRV-1", quotes.ReplacementOf(err))
	next = must[*quotes.Quote](t)(w.acme.Update(ctx, next.ID, quotes.Patch{Lines: partnerportal.Set([]quotes.LineInput{{ID: next.Lines[0].ID}})}, partnerportal.IfMatch(next)))
	assert.Empty(t, next.Pricing.Notes)
	must[*quotes.Quote](t)(w.acme.Present(ctx, next.ID))
}

// A copy for another deal is a quote of that deal's programme.
func TestACopyForADealOfAnotherProgramme(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	office := program.New(w.Vendor)
	rules := must[*program.Program](t)(office.Get(ctx, portal.DefaultProgramID))
	rules.ID, rules.Name = "cloud", "Cloud"
	must[*program.Program](t)(office.Put(ctx, "cloud", *rules))
	must[*program.Membership](t)(office.ApproveMembership(ctx, must[*program.Membership](t)(program.New(w.Acme).Enrol(ctx, program.Enrolment{ProgramID: "cloud"})).ID))
	d := w.deal()
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{QuoteID: w.quote(func(n *quotes.NewQuote) { n.ProgramID = "cloud" }).ID, DealID: d.ID}))
	assert.Equal(t, d.ProgramID, q.ProgramID)
	assert.Equal(t, "Initech", q.Customer.Name)
}
