package quotes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// ask asks for servers for 800.00 each, as many as are given; the list price is 1000.00.
func (w *world) ask(q *quotes.Quote, units int) *quotes.SpecialPricing {
	w.t.Helper()
	return must[*quotes.SpecialPricing](w.t)(w.acme.CreateSpecialPricing(w.t.Context(), quotes.NewSpecialPricing{
		QuoteID: q.ID, Justification: "The incumbent offers 820.00.", Submit: true,
		Lines: []quotes.SpecialLineInput{{LineID: q.Lines[0].ID, Quantity: units, RequestedUnitPrice: usd("800.00")}},
	}))
}

func (w *world) approve(b *quotes.SpecialPricing, body quotes.SpecialPricingApproval) *quotes.SpecialPricing {
	w.t.Helper()
	return must[*quotes.SpecialPricing](w.t)(w.vendor.ApproveSpecialPricing(w.t.Context(), b.ID, body))
}

// remaining is what is left of the first line.
func (w *world) remaining(b *quotes.SpecialPricing) int {
	w.t.Helper()
	return must[*quotes.SpecialPricing](w.t)(w.acme.GetSpecialPricing(w.t.Context(), b.ID)).Lines[0].RemainingQuantity
}

// with makes a quote use special pricing.
func with(b *quotes.SpecialPricing, servers int) func(*quotes.NewQuote) {
	return func(n *quotes.NewQuote) {
		n.SpecialPricingID, n.Lines = b.ID, []quotes.LineInput{{SKU: "SRV-1", Quantity: servers}}
	}
}

// From the request to the order: approval prices the draft, the order takes the units, and what is canceled comes back.
func TestSpecialPricing(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.policy(quotes.PricePolicyInput{VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: 1, Percent: "10"}}, SpecialPricing: quotes.PriceBidRules{MaxValidDays: 30, ProtectedDays: 15}})
		q := w.quote()
		assert.Equal(t, usd("1800.00"), q.Lines[0].Net)
		b := w.ask(q, 5)
		assert.Equal(t, "SP-000001", b.Number)
		assert.Equal(t, quotes.SpecialPricingStatusSubmitted, b.Status)
		assert.Equal(t, []quotes.SpecialPricingAction{quotes.SpecialPricingActionWithdraw}, b.AllowedActions)
		assert.Empty(t, b.EditableFields)
		assert.Equal(t, usd("1000.00"), b.Lines[0].ListUnit)

		b = w.approve(b, quotes.SpecialPricingApproval{Comment: "Good luck."})
		today := partnerportal.DateOf(w.Now())
		assert.Equal(t, quotes.SpecialPricingStatusApproved, b.Status)
		assert.Equal(t, today.AddDays(30), b.ValidUntilOn)
		assert.Equal(t, today.AddDays(45), b.PriceProtectedUntilOn)
		assert.Equal(t, 5, b.Lines[0].RemainingQuantity)

		q = must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
		assert.Equal(t, b.ID, q.SpecialPricingID, "the draft uses it at once")
		assert.Equal(t, b.ID, q.Lines[0].SpecialPricingID)
		assert.Equal(t, map[quotes.ComponentKind]string{"list": "2000.00", "special_bid": "-400.00"}, kinds(q.Lines[0]))
		assert.Equal(t, map[quotes.ComponentKind]string{"list": "1000.00", "volume": "-100.00"}, kinds(q.Lines[1]), "other products have no special price")

		first := w.accepted(with(b, 4))
		order := must[*orders.Order](t)(w.order(first, "PO-1"))
		assert.Equal(t, 1, w.remaining(b))
		second := w.quote(with(b, 3))
		assert.Equal(t, map[quotes.ComponentKind]string{"list": "3000.00", "volume": "-200.00", "special_bid": "-200.00"}, kinds(second.Lines[0]))
		assert.Equal(t, 1, second.Lines[0].SpecialQuantity())
		require.Len(t, second.Pricing.Notes, 1)
		assert.Equal(t, quotes.NoteCodeSpecialPricingExhausted, second.Pricing.Notes[0].Code)
		must[*quotes.Quote](t)(w.acme.Present(ctx, second.ID))
		second = must[*quotes.Quote](t)(w.acme.Accept(ctx, second.ID, quotes.Acceptance{Name: "Peter", Email: "peter@initech.com"}))
		must[*orders.Order](t)(w.order(second, "PO-2"))
		used := must[*quotes.SpecialPricing](t)(w.vendor.GetSpecialPricing(ctx, b.ID))
		assert.Equal(t, quotes.SpecialPricingStatusConsumed, used.Status)
		assert.Equal(t, []int{5, 0}, []int{used.Lines[0].ConsumedQuantity, used.Lines[0].RemainingQuantity})

		must[*orders.Order](t)(orders.New(w.Vendor).Reject(ctx, order.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
		used = must[*quotes.SpecialPricing](t)(w.acme.GetSpecialPricing(ctx, b.ID))
		assert.Equal(t, quotes.SpecialPricingStatusApproved, used.Status, "it can be used again")
		assert.Equal(t, []int{1, 4}, []int{used.Lines[0].ConsumedQuantity, used.Lines[0].RemainingQuantity})
		assert.Equal(t, []string{
			quotes.EventSpecialPricingCreated, quotes.EventSpecialPricingSubmitted, quotes.EventSpecialPricingApproved, quotes.EventSpecialPricingUsed,
			quotes.EventSpecialPricingUsed, quotes.EventSpecialPricingConsumed, quotes.EventSpecialPricingReturned,
		}, w.told(b.ID))
	})
}

// The vendor approves some lines, for fewer units, at its own prices, beside other discounts.
func TestSpecialPricingInPart(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: 1, Percent: "10"}}})
	q := w.quote()
	b := must[*quotes.SpecialPricing](t)(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: q.ID, Submit: true, Lines: []quotes.SpecialLineInput{
		{LineID: q.Lines[0].ID, RequestedUnitPrice: usd("800.00")}, {LineID: q.Lines[1].ID, Quantity: 40, RequestedPercent: "25"},
	}}))
	assert.Equal(t, []int{2, 40}, []int{b.Lines[0].Quantity, b.Lines[1].Quantity})
	ruling := func(l ...quotes.SpecialRuling) error {
		return second(w.vendor.ApproveSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{Lines: l}))
	}
	one, two := b.Lines[0].ID, b.Lines[1].ID
	faulty(t, ruling(quotes.SpecialRuling{ID: "spl_1"}), "/lines/0/id")
	faulty(t, ruling(quotes.SpecialRuling{ID: one}, quotes.SpecialRuling{ID: one}), "/lines/1/id")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, Rejected: true, Quantity: 1}), "/lines/0/rejected")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, Rejected: true}, quotes.SpecialRuling{ID: two, Rejected: true}), "/lines")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, UnitPrice: usd("1000.00")}), "/lines/0/unit_price/amount")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, UnitPrice: usd("900.00"), Percent: "5"}), "/lines/0/percent")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, UnitPrice: usd("900.00"), Replaces: []quotes.ComponentKind{quotes.ComponentKindTier}}), "/lines/0/replaces")
	faulty(t, ruling(quotes.SpecialRuling{ID: one, Percent: "5", Replaces: []quotes.ComponentKind{quotes.ComponentKindTax}}), "/lines/0/replaces/0")
	require.ErrorIs(t, ruling(quotes.SpecialRuling{ID: one, UnitPrice: partnerportal.MustMoney("1", "EUR")}), partnerportal.ErrCurrencyMismatch)
	b = w.approve(b, quotes.SpecialPricingApproval{Lines: []quotes.SpecialRuling{
		{ID: one, Rejected: true, Comment: "Not this one."},
		{ID: two, Percent: "20", Replaces: []quotes.ComponentKind{quotes.ComponentKindTier}, Quantity: 3},
	}})
	assert.Equal(t, quotes.SpecialPricingStatusPartiallyApproved, b.Status)
	assert.Equal(t, []quotes.SpecialPricingDecision{quotes.SpecialPricingDecisionRejected, quotes.SpecialPricingDecisionApproved},
		[]quotes.SpecialPricingDecision{b.Lines[0].Decision, b.Lines[1].Decision})
	assert.Equal(t, []int{0, 3}, []int{b.Lines[0].RemainingQuantity, b.Lines[1].RemainingQuantity})
	q = must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
	assert.Equal(t, map[quotes.ComponentKind]string{"list": "2000.00", "volume": "-200.00"}, kinds(q.Lines[0]))
	assert.Equal(t, map[quotes.ComponentKind]string{"list": "1000.00", "volume": "-100.00", "special_bid": "-150.00"}, kinds(q.Lines[1]))
	assert.Equal(t, 3, q.Lines[1].SpecialQuantity())
}

// The vendor may make another offer, again and again, until the partner takes it or the time is over.
func TestCounterOffers(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	b := w.ask(q, 5)
	offer := func(price string, on partnerportal.Date) *quotes.SpecialPricing {
		return must[*quotes.SpecialPricing](t)(w.vendor.CounterSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{
			Lines: []quotes.SpecialRuling{{ID: b.Lines[0].ID, UnitPrice: usd(price), Quantity: 10}}, ValidUntilOn: on,
		}))
	}
	today := partnerportal.DateOf(w.Now())
	b = offer("900.00", today)
	b = offer("850.00", today.AddDays(3))
	assert.Equal(t, quotes.SpecialPricingStatusCountered, b.Status)
	assert.Equal(t, quotes.SpecialPricingDecisionPending, b.Lines[0].Decision)
	assert.Equal(t, usd("850.00"), b.Lines[0].ApprovedUnitPrice)
	faulty(t, second(w.acme.Update(ctx, q.ID, quotes.Patch{SpecialPricingID: partnerportal.Set(b.ID)}, partnerportal.IfMatch(q))), "/special_pricing_id")
	require.ErrorIs(t, second(w.acme.ApproveSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{})), partnerportal.ErrForbidden)
	b = must[*quotes.SpecialPricing](t)(w.acme.AcceptCounter(ctx, b.ID))
	assert.Equal(t, quotes.SpecialPricingStatusApproved, b.Status)
	assert.Equal(t, 10, b.Lines[0].RemainingQuantity)
	assert.Equal(t, usd("1700.00"), must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Lines[0].Net)

	other := w.ask(w.quote(), 5)
	must[*quotes.SpecialPricing](t)(w.vendor.CounterSpecialPricing(ctx, other.ID, quotes.SpecialPricingApproval{ValidUntilOn: today.AddDays(2)}))
	w.Advance(3 * 24 * time.Hour)
	other = must[*quotes.SpecialPricing](t)(w.acme.GetSpecialPricing(ctx, other.ID))
	assert.Equal(t, quotes.SpecialPricingStatusExpired, other.Status, "the offer was not taken in time")
	require.ErrorIs(t, second(w.acme.AcceptCounter(ctx, other.ID)), partnerportal.ErrInvalidState)
}

// After the first date nobody can quote the price; until the second a quote that was accepted before can be ordered at it.
func TestBothDatesOfSpecialPricing(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		today := partnerportal.DateOf(w.Now())
		b := w.approve(w.ask(w.quote(), 10), quotes.SpecialPricingApproval{ValidUntilOn: today.AddDays(10), PriceProtectedUntilOn: today.AddDays(20)})
		kept, late, open := w.accepted(with(b, 2)), w.accepted(with(b, 2)), w.quote(with(b, 2))
		w.Advance(11 * 24 * time.Hour)
		assert.Equal(t, quotes.SpecialPricingStatusExpired, must[*quotes.SpecialPricing](t)(w.acme.GetSpecialPricing(ctx, b.ID)).Status)
		open = must[*quotes.Quote](t)(w.acme.Price(ctx, open.ID))
		assert.Equal(t, map[quotes.ComponentKind]string{"list": "2000.00"}, kinds(open.Lines[0]))
		assert.Equal(t, quotes.NoteCodeSpecialPricingExpired, open.Pricing.Notes[0].Code)
		faulty(t, second(w.acme.Create(ctx, quotes.NewQuote{SpecialPricingID: b.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}})), "/special_pricing_id")

		order := must[*orders.Order](t)(w.order(kept, "PO-1"))
		assert.Equal(t, usd("1600.00"), order.Totals.Total)
		assert.Equal(t, 8, w.remaining(b))

		w.Advance(10 * 24 * time.Hour)
		drift := quotes.DriftOf(second(w.order(late, "PO-2")))
		require.NotNil(t, drift)
		assert.Equal(t, usd("400.00"), drift.Difference)
		assert.Equal(t, quotes.DriftCodeSpecialBid, drift.Lines[0].Reasons[0].Code)
		assert.Equal(t, 8, w.remaining(b))
	})
}

func TestDatesThatSpecialPricingCannotHave(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{SpecialPricing: quotes.PriceBidRules{MaxValidDays: 30}})
	b, today := w.ask(w.quote(), 5), partnerportal.DateOf(w.Now())
	approve := func(until, protected partnerportal.Date) error {
		return second(w.vendor.ApproveSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{ValidUntilOn: until, PriceProtectedUntilOn: protected}))
	}
	faulty(t, approve(today.AddDays(-1), partnerportal.Date{}), "/valid_until_on")
	faulty(t, approve(today.AddDays(31), partnerportal.Date{}), "/valid_until_on")
	faulty(t, approve(today.AddDays(5), today.AddDays(4)), "/price_protected_until_on")
	require.NoError(t, approve(today, today))
}

func TestWhatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	ask := func(l ...quotes.SpecialLineInput) error {
		return second(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: q.ID, Lines: l}))
	}
	id := q.Lines[0].ID
	faulty(t, ask(quotes.SpecialLineInput{LineID: "qln_1", RequestedPercent: "5"}), "/lines/0/line_id")
	faulty(t, ask(quotes.SpecialLineInput{LineID: id, RequestedPercent: "5"}, quotes.SpecialLineInput{LineID: id, RequestedPercent: "5"}), "/lines/1/line_id")
	faulty(t, ask(quotes.SpecialLineInput{LineID: id}), "/lines/0")
	faulty(t, ask(quotes.SpecialLineInput{LineID: id, RequestedPercent: "0"}), "/lines/0/requested_percent")
	faulty(t, ask(quotes.SpecialLineInput{LineID: id, RequestedPercent: "5", RequestedUnitPrice: usd("5")}), "/lines/0/requested_percent")
	faulty(t, ask(quotes.SpecialLineInput{LineID: id, RequestedUnitPrice: usd("1000.00")}), "/lines/0/requested_unit_price/amount")
	require.ErrorIs(t, ask(quotes.SpecialLineInput{LineID: id, RequestedUnitPrice: partnerportal.MustMoney("5", "EUR")}), partnerportal.ErrCurrencyMismatch)
	five := []quotes.SpecialLineInput{{LineID: id, RequestedPercent: "5"}}
	faulty(t, second(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: "quo_1", Lines: five})), "/quote_id")
	faulty(t, second(w.globex.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: q.ID, Lines: five})), "/quote_id")
	faulty(t, second(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: q.ID, Lines: five, EvidenceFileIDs: []string{"file_1"}})), "/evidence_file_ids/0")
	require.ErrorIs(t, second(w.vendor.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: q.ID, Lines: five})), partnerportal.ErrForbidden)
	done := w.accepted()
	require.ErrorIs(t, second(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{QuoteID: done.ID, Lines: []quotes.SpecialLineInput{{LineID: done.Lines[0].ID, RequestedPercent: "5"}}})), partnerportal.ErrInvalidState)
	w.policy(quotes.PricePolicyInput{SpecialPricing: quotes.PriceBidRules{Disabled: true}})
	require.ErrorIs(t, ask(five...), quotes.ErrSpecialPricingDisabled)
	assert.Empty(t, must[*quotes.SpecialPricingPage](t)(w.acme.ListSpecialPricing(ctx, quotes.ListSpecialPricingParams{})).Items)
}

// A draft is the partner's own business; what the vendor sends back can be changed and sent again.
func TestSpecialPricingIsChangedAndWithdrawn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	file := must[*files.File](t)(files.New(w.Acme).Upload(ctx, files.Upload{
		Purpose: files.PurposeProof, File: files.Content{Name: "offer.pdf", Reader: strings.NewReader("%PDF-1.7\n820.00")},
	}))
	b := must[*quotes.SpecialPricing](t)(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{
		QuoteID: q.ID, Lines: []quotes.SpecialLineInput{{LineID: q.Lines[0].ID, RequestedPercent: "30"}}, EvidenceFileIDs: []string{file.ID},
	}))
	assert.Equal(t, []string{"/lines", "/justification", "/competitor", "/evidence_file_ids"}, b.EditableFields)
	require.ErrorIs(t, second(w.vendor.GetSpecialPricing(ctx, b.ID)), partnerportal.ErrNotFound)
	require.ErrorIs(t, second(w.globex.GetSpecialPricing(ctx, b.ID)), partnerportal.ErrNotFound)
	b = must[*quotes.SpecialPricing](t)(w.acme.UpdateSpecialPricing(ctx, b.ID, quotes.SpecialPricingPatch{
		Lines:           partnerportal.Set([]quotes.SpecialLineInput{{LineID: q.Lines[0].ID, RequestedPercent: "25"}}),
		EvidenceFileIDs: partnerportal.Null[[]string](), Justification: partnerportal.Set("They offer less."),
	}, partnerportal.IfMatch(b)))
	assert.Equal(t, "25", b.Lines[0].RequestedPercent)
	assert.Empty(t, b.EvidenceFileIDs)
	must[*quotes.SpecialPricing](t)(w.acme.SubmitSpecialPricing(ctx, b.ID))
	require.ErrorIs(t, second(w.acme.UpdateSpecialPricing(ctx, b.ID, quotes.SpecialPricingPatch{Competitor: partnerportal.Set("Rival")}, partnerportal.IfMatch(b))), partnerportal.ErrStale)
	b = must[*quotes.SpecialPricing](t)(w.vendor.RequestSpecialPricingChanges(ctx, b.ID, quotes.Rejection{Reason: "Who is it?"}))
	assert.Equal(t, "Who is it?", b.Comment)
	b = must[*quotes.SpecialPricing](t)(w.acme.UpdateSpecialPricing(ctx, b.ID, quotes.SpecialPricingPatch{Competitor: partnerportal.Set("Rival")}, partnerportal.IfMatch(b)))
	b = must[*quotes.SpecialPricing](t)(w.acme.SubmitSpecialPricing(ctx, b.ID))
	b = must[*quotes.SpecialPricing](t)(w.acme.WithdrawSpecialPricing(ctx, b.ID, quotes.Remark{Note: "We have won without it."}))
	assert.Equal(t, quotes.SpecialPricingStatusWithdrawn, b.Status)
	require.ErrorIs(t, second(w.vendor.ApproveSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{})), partnerportal.ErrInvalidState)

	no := must[*quotes.SpecialPricing](t)(w.vendor.RejectSpecialPricing(ctx, w.ask(q, 1).ID, quotes.Rejection{Reason: "Too low."}))
	assert.Equal(t, quotes.SpecialPricingStatusRejected, no.Status)
	var texts []string
	for a, err := range w.acme.AllSpecialPricingActivity(ctx, no.ID, quotes.ListSpecialPricingActivityParams{}) {
		require.NoError(t, err)
		texts = append(texts, a.Text)
	}
	assert.Equal(t, []string{"The vendor refused the request.", "You asked for special pricing.", "You made the request."}, texts)
	page := must[*quotes.SpecialPricingPage](t)(w.vendor.ListSpecialPricing(ctx, quotes.ListSpecialPricingParams{Status: []quotes.SpecialPricingStatus{quotes.SpecialPricingStatusRejected}}))
	require.Len(t, page.Items, 1)
}

// Special pricing for a deal is for quotes of that deal.
func TestSpecialPricingOfADeal(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	d := w.deal()
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{DealID: d.ID}))
	b := w.approve(w.ask(q, 100), quotes.SpecialPricingApproval{})
	assert.Equal(t, d.ID, b.DealID)
	faulty(t, second(w.acme.Create(ctx, quotes.NewQuote{SpecialPricingID: b.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}})), "/special_pricing_id")
	faulty(t, second(w.globex.Create(ctx, quotes.NewQuote{SpecialPricingID: b.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}})), "/special_pricing_id")
	again := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{DealID: d.ID, SpecialPricingID: b.ID}))
	assert.Equal(t, usd("8000.00"), again.Lines[0].Net)
}

// What else is wrong with a draft keeps nobody from approving the price.
func TestSpecialPricingOfADraftThatCannotBePriced(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote(func(n *quotes.NewQuote) { n.Lines = append(n.Lines, quotes.LineInput{SKU: "OLD-1"}) })
	b := w.ask(q, 5)
	old := must[*catalog.Product](t)(catalog.New(w.Vendor).GetBySKU(ctx, "OLD-1"))
	must[*catalog.Product](t)(catalog.New(w.Vendor).Retire(ctx, old.ID))
	assert.Equal(t, quotes.SpecialPricingStatusApproved, w.approve(b, quotes.SpecialPricingApproval{}).Status)
	q = must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
	assert.Empty(t, q.SpecialPricingID)
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{
		SpecialPricingID: partnerportal.Set(b.ID), Lines: partnerportal.Set([]quotes.LineInput{{ID: q.Lines[0].ID, Quantity: 2}}),
	}, partnerportal.IfMatch(q)))
	assert.Equal(t, usd("1600.00"), q.Totals.Net)
}

// Units without the special price are canceled first: then nothing comes back, and nobody is told that something did.
func TestCancelingOrdinaryUnits(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	b := w.approve(w.ask(w.quote(), 5), quotes.SpecialPricingApproval{})
	o := must[*orders.Order](t)(w.order(w.accepted(with(b, 8)), "PO-1"))
	desk := orders.New(w.Vendor)
	must[*orders.Order](t)(desk.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	cancel := func(units int) {
		must[*orders.Order](t)(orders.New(w.Acme).RequestCancellation(ctx, o.ID, orders.CancellationRequest{
			Code: orders.ReasonCodeOther, Lines: []orders.UnitsOf{{LineID: o.Lines[0].ID, Quantity: units}},
		}))
		must[*orders.Order](t)(desk.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
	}
	cancel(2)
	assert.NotContains(t, w.told(b.ID), quotes.EventSpecialPricingReturned)
	cancel(3)
	assert.Contains(t, w.told(b.ID), quotes.EventSpecialPricingReturned)
	assert.Equal(t, 2, w.remaining(b))
}
