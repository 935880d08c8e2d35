package orders_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// When nothing comes of an order, its quote is accepted as before, and is ordered again at its prices.
func TestAnOrderOfWhichNothingComesFreesItsQuote(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, why := t.Context(), orders.Ruling{Code: orders.ReasonCodeOther}
		for name, end := range map[string]func(id string) (*orders.Order, error){
			"rejected": func(id string) (*orders.Order, error) { return w.vendor.Reject(ctx, id, why) },
			"failed": func(id string) (*orders.Order, error) {
				must[*orders.Order](t)(w.vendor.Acknowledge(ctx, id, orders.Acknowledgement{}))
				return w.vendor.Fail(ctx, id, why)
			},
			"canceled": func(id string) (*orders.Order, error) {
				must[*orders.Order](t)(w.acme.RequestCancellation(ctx, id, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
				return w.vendor.ApproveCancellation(ctx, id, orders.CancellationApproval{})
			},
		} {
			deal := w.deal()
			first := w.placed(deal)
			again := orders.Placement{QuoteID: first.QuoteID, PONumber: first.PONumber}
			assert.Equal(t, first.ID, must[*orders.Order](t)(w.acme.Place(ctx, again)).ID, "while it stands")
			first = must[*orders.Order](t)(end(first.ID))
			assert.EqualValues(t, name, first.Status)

			q := must[*quotes.Quote](t)(w.quotes.Get(ctx, first.QuoteID))
			assert.Equal(t, quotes.StatusAccepted, q.Status)
			assert.Contains(t, q.AllowedActions, quotes.ActionOrder)
			assert.Empty(t, q.OrderID)
			assert.Zero(t, q.OrderedAt)
			second := must[*orders.Order](t)(w.acme.Place(ctx, again))
			assert.NotEqual(t, first.ID, second.ID)
			assert.Equal(t, first.Totals.Total, second.Totals.Total)
			q = must[*quotes.Quote](t)(w.quotes.Get(ctx, q.ID))
			assert.Equal(t, second.ID, q.OrderID)
			assert.Equal(t, []string{
				quotes.EventCreated, quotes.EventPresented, quotes.EventAccepted, quotes.EventOrdered, quotes.EventReopened, quotes.EventOrdered,
			}, w.happened(q.ID))
			told := must[*events.Page](t)(events.New(w.Acme).List(ctx, events.ListParams{ResourceID: q.ID, Type: []string{quotes.EventReopened}})).Items
			assert.Equal(t, map[string]any{"number": q.Number, "version": 1.0, "order_id": first.ID}, told[0].Data.Facts)

			assert.EqualValues(t, name, must[*orders.Order](t)(w.acme.Get(ctx, first.ID)).Status, "what became of the first stays known")
			assert.Len(t, must[*orders.Page](t)(w.acme.List(ctx, orders.ListParams{QuoteID: q.ID})).Items, 2)
			assert.Equal(t, []string{first.ID, second.ID}, must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID)).OrderIDs)
		}
	})
}

// What came of an order, however little, was ordered.
func TestAPartialOrderKeepsItsQuote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.deliver(w.taken(nil), 0, 1)
	o = must[*orders.Order](t)(w.vendor.Fail(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
	assert.Equal(t, orders.StatusPartial, o.Status)
	assert.Equal(t, o.ID, must[*quotes.Quote](t)(w.quotes.Get(ctx, o.QuoteID)).OrderID)
	_, err := w.acme.Place(ctx, orders.Placement{QuoteID: o.QuoteID, PONumber: "another one"})
	refused(t, err, orders.ErrQuoteAlreadyOrdered)
}

// A quote that was accepted does not expire, nor does one that was ordered in between; and whoever does not want it any more revises or cancels it.
func TestAFreedQuoteIsLikeAnyAcceptedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	freed := func() *quotes.Quote {
		o := w.placed(nil)
		must[*orders.Order](t)(w.vendor.Reject(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
		return must[*quotes.Quote](t)(w.quotes.Get(ctx, o.QuoteID))
	}
	late, revised, canceled := freed(), freed(), freed()
	page := must[*partnerportal.ActivityPage](t)(w.quotes.ListActivity(ctx, late.ID, quotes.ListActivityParams{Limit: 1}))
	assert.Equal(t, "Nothing came of your order. You can order again.", page.Items[0].Text)
	next := must[*quotes.Quote](t)(w.quotes.Revise(ctx, revised.ID))
	assert.Empty(t, next.OrderID)
	must[*quotes.Quote](t)(w.quotes.Cancel(ctx, canceled.ID, quotes.Remark{}))
	_, err := w.acme.Place(ctx, orders.Placement{QuoteID: canceled.ID, PONumber: "PO-1"})
	refused(t, err, orders.ErrQuoteNotAccepted)
	w.Advance(late.ExpiresAt.Sub(w.Now()) + 24*time.Hour)
	must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: late.ID, PONumber: "PO-1"}))
}

// A session that led to an order is over. What is ordered instead of that is ordered outside of it.
func TestASessionKeepsItsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	session := must[*quotes.Session](t)(w.quotes.StartSession(ctx, quotes.NewSession{}))
	q := w.accepted(nil, func(body *quotes.NewQuote) { body.SessionID = session.ID })
	first := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: "PO-1"}))
	must[*orders.Order](t)(w.vendor.Reject(ctx, first.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
	_, err := w.acme.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: "PO-1"})
	faulty(t, err, "/session_id")
	second := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}))
	assert.Empty(t, second.SessionID)
	session = must[*quotes.Session](t)(w.quotes.GetSession(ctx, session.ID))
	assert.Equal(t, quotes.SessionStatusOrdered, session.Status)
	assert.Equal(t, first.ID, session.OrderID)
}

// Whoever orders again says the same again: a reference leads to the order that was placed last.
func TestReferencesOfAnOrderAgain(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, q := t.Context(), w.accepted(nil)
		sap, crm := partnerportal.ExternalRef{System: "sap", ID: "4500000001"}, partnerportal.ExternalRef{System: "crm", ID: "006A"}
		found := func(ref partnerportal.ExternalRef) (ids []string) {
			for _, o := range must[*orders.Page](t)(w.acme.List(ctx, orders.ListParams{ExternalRef: ref.System + ":" + ref.ID})).Items {
				ids = append(ids, o.ID)
			}
			return ids
		}
		placement := orders.Placement{QuoteID: q.ID, PONumber: "PO-1", ExternalRefs: []partnerportal.ExternalRef{sap, crm}}
		first := must[*orders.Order](t)(w.acme.Place(ctx, placement))
		must[*orders.Order](t)(w.vendor.Reject(ctx, first.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
		assert.Equal(t, []string{first.ID}, found(sap), "what became of it is found until then")
		_, err := w.acme.Place(ctx, orders.Placement{QuoteID: w.accepted(nil).ID, PONumber: "PO-2", ExternalRefs: placement.ExternalRefs})
		refused(t, err, "duplicate_external_ref")

		placement.ExternalRefs = []partnerportal.ExternalRef{sap}
		second := must[*orders.Order](t)(w.acme.Place(ctx, placement))
		assert.Equal(t, []string{second.ID}, found(sap))
		assert.Equal(t, []string{first.ID}, found(crm))
		must[*orders.Order](t)(w.vendor.Reject(ctx, second.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
		placement.ExternalRefs = []partnerportal.ExternalRef{crm, sap}
		third := must[*orders.Order](t)(w.acme.Place(ctx, placement))
		assert.Equal(t, []string{third.ID, third.ID}, append(found(sap), found(crm)...))
	})
}
