package orders_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestAnAcceptedQuoteBecomesAnOrder(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, deal := t.Context(), w.deal()
		q := w.accepted(deal)
		o := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{
			QuoteID: q.ID, PONumber: "PO-4711", RequestedDeliveryOn: partnerportal.Date{Year: 2026, Month: 6, Day: 1},
			ExternalRefs: []partnerportal.ExternalRef{{System: "erp", ID: "77"}},
		}))
		assert.Equal(t, orders.StatusSubmitted, o.Status)
		assert.Equal(t, "O-000001", o.Number)
		assert.Equal(t, []string{deal.ID, q.ID, q.Number, w.AcmeID}, []string{o.DealID, o.QuoteID, o.QuoteNumber, o.PartnerID})
		assert.Equal(t, deal.Customer, o.ShipTo.Organization, "the goods go to the customer")
		assert.Equal(t, "Acme Partners", o.BillTo.Organization.Name, "the invoice to the partner")
		assert.Equal(t, usd("50300"), o.Totals.List)
		assert.Equal(t, usd("46276"), o.Totals.Net)
		assert.Equal(t, q.Totals.Total, o.Totals.Total)
		require.Len(t, o.Lines, 2)
		assert.Equal(t, orders.Units{Acknowledged: 10}, o.Lines[0].Units)
		assert.Equal(t, q.Lines[0].ID, o.Lines[0].QuoteLineID)
		assert.Equal(t, []orders.Action{orders.ActionUpdate, orders.ActionRequestCancellation}, o.AllowedActions)
		assert.Equal(t, []string{"submitted"}, w.happened(o.ID))

		q = must[*quotes.Quote](t)(w.quotes.Get(ctx, q.ID))
		assert.Equal(t, quotes.StatusOrdered, q.Status)
		assert.Equal(t, o.ID, q.OrderID)
		deal = must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID))
		assert.Equal(t, []string{q.ID}, deal.QuoteIDs)
		assert.Equal(t, []string{o.ID}, deal.OrderIDs)

		byRef := must[*orders.Order](t)(w.acme.GetByRef(ctx, "erp", "77"))
		assert.Equal(t, o.ID, byRef.ID)
		_, err := w.globex.Get(ctx, o.ID)
		refused(t, err, "not_found")
		seen := must[*orders.Order](t)(w.vendor.Get(ctx, o.ID))
		assert.Contains(t, seen.AllowedActions, orders.ActionAcknowledge)
		assert.Empty(t, seen.EditableFields)
	})
}

func TestRepeatingGivesTheSameOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, q := t.Context(), w.accepted(nil)
	first := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}))
	again := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: " po 1"}))
	assert.Equal(t, first.ID, again.ID, "it is the same number, however it is spelt")
	_, err := w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-2"})
	refused(t, err, orders.ErrQuoteAlreadyOrdered)
	assert.Equal(t, first.ID, orders.OrderOf(err))

	other := w.accepted(nil)
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: other.ID, PONumber: "p.o./1"})
	refused(t, err, orders.ErrDuplicatePO)
	assert.Equal(t, first.ID, orders.OrderOf(err))
	must[*orders.Order](t)(w.vendor.Reject(ctx, first.ID, orders.Ruling{Code: orders.ReasonCodeDuplicate}))
	must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: other.ID, PONumber: "PO-1"}))
}

// What divides two digits makes another number: 1-11 is not 11-1.
func TestNumbersOfPurchaseOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	place := func(number string) error {
		_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: w.accepted(nil).ID, PONumber: number})
		return err
	}
	for _, number := range []string{"PO 2026-111", "PO 2026-11/1", "202611-1", "2026111", "Bestellung Nº 4"} {
		require.NoError(t, place(number))
	}
	for _, number := range []string{"po2026/111", "p.o. ２０２６–111", "po2026.11 1", "BESTELLUNG no4"} {
		refused(t, place(number), orders.ErrDuplicatePO)
	}
	found := func(number string) []orders.Order {
		return must[*orders.Page](t)(w.acme.List(t.Context(), orders.ListParams{PONumber: number})).Items
	}
	assert.Empty(t, found("2026 11-1"))
	assert.Len(t, found("po-2026 11-1"), 1)
	assert.Empty(t, found("--"), "a number without letters and digits is nobody's")
}

func TestWhatCannotBeOrdered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, place := t.Context(), func(id string) error {
		_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: id, PONumber: "PO-1"})
		return err
	}
	offered := w.offer(nil)
	refused(t, place(offered.ID), orders.ErrQuoteNotAccepted)
	must[*quotes.Quote](t)(w.quotes.Present(ctx, must[*quotes.Quote](t)(w.quotes.Revise(ctx, offered.ID)).ID))
	second := must[*quotes.Quote](t)(w.quotes.Get(ctx, offered.ID)).NextVersionID
	third := must[*quotes.Quote](t)(w.quotes.Revise(ctx, second))
	err := place(offered.ID)
	refused(t, err, orders.ErrQuoteNotLatestVersion)
	assert.Equal(t, third.ID, quotes.LatestOf(err), "the last one, not the next")
	faulty(t, place("quo_01jd0000000000000000000000"), "/quote_id")
	faulty(t, place(""), "/quote_id")

	q := w.accepted(nil)
	_, err = w.globex.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	faulty(t, err, "/quote_id")
	_, err = w.vendor.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	refused(t, err, "insufficient_scope")
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "/-", RequestedDeliveryOn: partnerportal.Date{Year: 2026, Month: 5, Day: 14}})
	faulty(t, err, "/po_number", "/requested_delivery_on")
	twice := []partnerportal.ExternalRef{{System: "erp", ID: "1"}, {System: "erp", ID: "1"}}
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", ExternalRefs: twice})
	faulty(t, err, "/external_refs/1")
	must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", ExternalRefs: twice[:1]}))
	other := w.accepted(nil)
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: other.ID, PONumber: "PO-2", ExternalRefs: twice[:1]})
	refused(t, err, orders.ErrDuplicateRef)
}

func TestTheRegistrationExpiresBetweenQuoteAndOrder(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, deal := t.Context(), w.deal()
		w.Advance(deal.Protection.ExpiresAt.Sub(w.Now()) - 24*time.Hour)
		q := w.accepted(deal)
		assert.Equal(t, usd("46276"), q.Totals.Net)
		w.Advance(48 * time.Hour)

		placement := orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}
		_, err := w.acme.Place(ctx, placement)
		e := refused(t, err, orders.ErrPriceChanged)
		assert.Contains(t, e.Detail, "registration has expired")
		change := orders.PriceChangeOf(err)
		assert.True(t, change.DealRegistrationExpired)
		assert.Equal(t, []partnerportal.Money{usd("46276"), usd("50300"), usd("4024")}, []partnerportal.Money{change.Before, change.After, change.Difference})
		require.Len(t, change.Lines, 2)
		assert.Equal(t, "deal_registration", change.Lines[0].Reasons[0].Code)
		assert.Equal(t, []partnerportal.Money{usd("-4000"), usd("0")}, []partnerportal.Money{change.Lines[0].Reasons[0].Before, change.Lines[0].Reasons[0].After})
		assert.Equal(t, quotes.StatusAccepted, must[*quotes.Quote](t)(w.quotes.Get(ctx, q.ID)).Status, "nothing was ordered")

		placement.AcceptedTotal = usd("50000")
		_, err = w.acme.Place(ctx, placement)
		refused(t, err, orders.ErrPriceChanged)
		placement.AcceptedTotal = change.After
		o := must[*orders.Order](t)(w.acme.Place(ctx, placement))
		assert.Equal(t, usd("50300"), o.Totals.Total)
		assert.Equal(t, usd("50000"), o.Lines[0].Net)
		assert.Equal(t, q.Totals, must[*quotes.Quote](t)(w.quotes.Get(ctx, q.ID)).Totals, "the quote says what it said")
	})
}

func TestDriftOfPricesAndProducts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, q := t.Context(), w.accepted(nil)
	w.price("SRV-100", "4900")
	_, err := w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	refused(t, err, orders.ErrPriceChanged)
	assert.Equal(t, usd("-1000"), orders.PriceChangeOf(err).Difference, "one that has fallen is said too")
	assert.Equal(t, "list", orders.PriceChangeOf(err).Lines[0].Reasons[0].Code)
	w.price("SRV-100", "5000")
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: usd("1")})
	refused(t, err, orders.ErrPriceChanged)
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: partnerportal.MustMoney("50300", "EUR")})
	refused(t, err, orders.ErrCurrencyMismatch)

	option := w.accepted(nil, func(body *quotes.NewQuote) { body.Lines[1].Optional = true })
	server := must[*catalog.Product](t)(w.goods.GetBySKU(ctx, "SUP-100"))
	must[*catalog.Product](t)(w.goods.Retire(ctx, server.ID))
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: usd("50300")})
	refused(t, err, orders.ErrProductEndOfSale)
	assert.Equal(t, "SUP-100", orders.PriceChangeOf(err).Lines[0].SKU)

	o := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: option.ID, PONumber: "PO-1"}))
	require.Len(t, o.Lines, 1, "an option is offered, not ordered, and what became of it does not matter")
	assert.Equal(t, usd("50000"), o.Totals.Total)
}

// However long the quote is, its refusal says of each line what differs.
func TestDriftOfLongQuotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const lines = 500
	q := w.accepted(w.deal(), func(body *quotes.NewQuote) {
		body.Lines = slices.Repeat([]quotes.LineInput{{SKU: "SRV-100"}}, lines)
		body.ValidUntilOn = partnerportal.DateOf(noon).AddDays(100)
	})
	w.Advance(91 * 24 * time.Hour)
	_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	refused(t, err, orders.ErrPriceChanged)
	change := orders.PriceChangeOf(err)
	assert.True(t, change.DealRegistrationExpired)
	assert.Equal(t, usd("200000"), change.Difference)
	assert.Len(t, change.Lines, lines)
	o := must[*orders.Order](t)(w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: change.After}))
	assert.Len(t, o.Lines, lines)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.placed(nil)
	o = must[*orders.Order](t)(w.acme.Update(ctx, o.ID, orders.Patch{
		RequestedDeliveryOn: partnerportal.Set(partnerportal.Date{Year: 2026, Month: 7, Day: 1}),
		ShipTo:              partnerportal.Set(orders.Recipient{Organization: partnerportal.Organization{Name: "Initech Warehouse"}}),
		ExternalRefs:        partnerportal.Set([]partnerportal.ExternalRef{{System: "erp", ID: "9"}}),
	}, partnerportal.IfMatch(o)))
	assert.Equal(t, orders.Recipient{Organization: partnerportal.Organization{Name: "Initech Warehouse"}}, o.ShipTo, "nothing is left of where it went before")
	assert.Equal(t, "erp", o.ExternalRefs[0].System)
	assert.Len(t, must[*orders.Page](t)(w.vendor.List(ctx, orders.ListParams{ExternalRef: "erp:9"})).Items, 1, "the vendor finds it by the partner's reference too")
	assert.Empty(t, must[*orders.Page](t)(w.globex.List(ctx, orders.ListParams{ExternalRef: "erp:9"})).Items)
	_, err := w.acme.Update(ctx, o.ID, orders.Patch{RequestedDeliveryOn: partnerportal.Set(partnerportal.Date{Year: 2026, Month: 1, Day: 1})}, partnerportal.IfMatch(o))
	faulty(t, err, "/requested_delivery_on")
	stale := o
	o = must[*orders.Order](t)(w.acme.Update(ctx, o.ID, orders.Patch{RequestedDeliveryOn: partnerportal.Null[partnerportal.Date]()}, partnerportal.IfMatch(o)))
	assert.True(t, o.RequestedDeliveryOn.IsZero())
	_, err = w.acme.Update(ctx, o.ID, orders.Patch{ExternalRefs: partnerportal.Null[[]partnerportal.ExternalRef]()}, partnerportal.IfMatch(stale))
	refused(t, err, "revision_mismatch")

	must[*orders.Order](t)(w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{VendorRef: partnerportal.ExternalRef{System: "sap", ID: "1"}, ETAOn: partnerportal.Date{Year: 2026, Month: 6, Day: 1}}))
	o = must[*orders.Order](t)(w.acme.Get(ctx, o.ID))
	assert.Equal(t, []string{"/external_refs"}, o.EditableFields)
	_, err = w.acme.Update(ctx, o.ID, orders.Patch{RequestedDeliveryOn: partnerportal.Set(partnerportal.Date{Year: 2026, Month: 8, Day: 1})}, partnerportal.IfMatch(o))
	faulty(t, err, "/requested_delivery_on")
	o = must[*orders.Order](t)(w.acme.Update(ctx, o.ID, orders.Patch{ExternalRefs: partnerportal.Null[[]partnerportal.ExternalRef]()}, partnerportal.IfMatch(o)))
	assert.Empty(t, o.ExternalRefs)
	_, err = w.acme.GetByRef(ctx, "erp", "9")
	refused(t, err, "not_found")
	assert.Equal(t, o.ID, must[*orders.Order](t)(w.vendor.GetByRef(ctx, "sap", "1")).ID)
	assert.Equal(t, []string{"submitted", "updated", "updated", "acknowledged", "updated"}, w.happened(o.ID))
}

// The day of delivery was to come when it was given: what is changed weeks later does not have to give another one.
func TestUpdateWhenTheDayIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, q := t.Context(), w.accepted(nil)
	tomorrow := partnerportal.DateOf(noon).AddDays(1)
	o := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", RequestedDeliveryOn: tomorrow}))
	w.Advance(72 * time.Hour)
	o = must[*orders.Order](t)(w.acme.Update(ctx, o.ID, orders.Patch{ExternalRefs: partnerportal.Set([]partnerportal.ExternalRef{{System: "erp", ID: "1"}})}, partnerportal.IfMatch(o)))
	assert.Equal(t, tomorrow, o.RequestedDeliveryOn)
	_, err := w.acme.Update(ctx, o.ID, orders.Patch{RequestedDeliveryOn: partnerportal.Set(tomorrow)}, partnerportal.IfMatch(o))
	faulty(t, err, "/requested_delivery_on")
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, deal := t.Context(), w.deal()
	a, b := w.placed(deal), w.taken(nil)
	ids := func(params orders.ListParams) []string {
		var found []string
		for o, err := range w.acme.All(ctx, params) {
			require.NoError(t, err)
			found = append(found, o.ID)
		}
		return found
	}
	assert.Equal(t, []string{b.ID, a.ID}, ids(orders.ListParams{}))
	assert.Equal(t, []string{a.ID}, ids(orders.ListParams{Status: []orders.Status{orders.StatusSubmitted}}))
	assert.Equal(t, []string{a.ID}, ids(orders.ListParams{DealID: []string{deal.ID}}))
	assert.Equal(t, []string{b.ID}, ids(orders.ListParams{QuoteID: b.QuoteID}))
	assert.Equal(t, []string{b.ID}, ids(orders.ListParams{Number: b.Number}))
	assert.Equal(t, []string{a.ID}, ids(orders.ListParams{PONumber: "po" + a.QuoteNumber}))
	assert.Empty(t, ids(orders.ListParams{ExternalRef: "erp:1"}))
	assert.Empty(t, ids(orders.ListParams{SessionID: "ses_1"}))
	assert.Empty(t, ids(orders.ListParams{UpdatedSince: w.Now().Add(time.Hour)}))
	_, err := w.acme.List(ctx, orders.ListParams{ExternalRef: "erp"})
	faulty(t, err, "?external_ref")
	_, err = w.acme.List(ctx, orders.ListParams{PartnerID: []string{w.GlobexID}})
	faulty(t, err, "?partner_id")
	assert.Empty(t, must[*orders.Page](t)(w.globex.List(ctx, orders.ListParams{})).Items)
	assert.Len(t, must[*orders.Page](t)(w.vendor.List(ctx, orders.ListParams{PartnerID: []string{w.AcmeID}})).Items, 2)
}

// An order goes on from a session: it takes the session's quote, and is placed in it while it is open.
func TestOrdersOfSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	session := must[*quotes.Session](t)(w.quotes.StartSession(ctx, quotes.NewSession{}))
	_, err := w.acme.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: "PO-1"})
	faulty(t, err, "/quote_id")
	q := w.accepted(nil, func(body *quotes.NewQuote) { body.SessionID = session.ID })
	o := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: "PO-1"}))
	assert.Equal(t, []string{q.ID, session.ID}, []string{o.QuoteID, o.SessionID})
	assert.Equal(t, o.ID, must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: "PO-1"})).ID)
	assert.Equal(t, o.ID, must[*quotes.Session](t)(w.quotes.GetSession(ctx, session.ID)).OrderID)

	other := w.accepted(nil)
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: other.ID, SessionID: session.ID, PONumber: "PO-2"})
	faulty(t, err, "/session_id")
	_, err = w.acme.Place(ctx, orders.Placement{QuoteID: other.ID, SessionID: "ses_none", PONumber: "PO-2"})
	faulty(t, err, "/session_id")

	// The quote of a session that was given up is ordered outside of it.
	session = must[*quotes.Session](t)(w.quotes.StartSession(ctx, quotes.NewSession{}))
	q = w.accepted(nil, func(body *quotes.NewQuote) { body.SessionID = session.ID })
	must[*quotes.Session](t)(w.quotes.AbandonSession(ctx, session.ID, quotes.Remark{}))
	o = must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-3"}))
	assert.Empty(t, o.SessionID)
}
