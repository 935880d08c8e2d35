package orders_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestOneQuoteGivesOneOrder(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{
		"memory": func(testing.TB) string { return "sqlite::memory:" }, "postgres": storetest.Postgres,
		"file": func(tb testing.TB) string { tb.Helper(); return "sqlite:" + filepath.Join(tb.TempDir(), "portal.db") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox())
			require.NoError(t, err)
			w := worldOf(t, portaltest.Wrap(t, p))
			t.Run("one intention", func(t *testing.T) { raceOfOne(t, w) })
			t.Run("many purchase orders", func(t *testing.T) { raceOfMany(t, w) })
			t.Run("one purchase order of many quotes", func(t *testing.T) { raceForNumber(t, w) })
			t.Run("while orders are rejected", func(t *testing.T) { raceAgainstRejections(t, w) })
			t.Run("after a rejection", func(t *testing.T) { raceAfterRejection(t, w) })
		})
	}
}

const callers = 12

// atOnce runs something several times at once.
func atOnce(do func(i int) (*orders.Order, error)) (placed map[string]int, errs []error) {
	results, failures, start := make([]*orders.Order, callers), make([]error, callers), make(chan struct{})
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			<-start
			results[i], failures[i] = do(i)
		})
	}
	close(start)
	group.Wait()
	placed = map[string]int{}
	for i := range callers {
		if failures[i] != nil {
			errs = append(errs, failures[i])
		} else {
			placed[results[i].ID]++
		}
	}
	return placed, errs
}

// Whoever means the same order gets it.
func raceOfOne(t *testing.T, w *world) {
	t.Helper()
	q := w.accepted(w.deal())
	placed, errs := atOnce(func(int) (*orders.Order, error) {
		return w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO " + q.Number})
	})
	require.Empty(t, errs)
	assert.Len(t, placed, 1)
	assert.Len(t, must[*orders.Page](t)(w.acme.List(t.Context(), orders.ListParams{QuoteID: q.ID})).Items, 1)
}

func number(i int) string { return "PO-" + string(rune('A'+i)) }

// Of those who mean different ones, one gets it, and the others are told of it.
func raceOfMany(t *testing.T, w *world) {
	t.Helper()
	q := w.accepted(w.deal())
	placed, errs := atOnce(func(i int) (*orders.Order, error) {
		return w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: number(i)})
	})
	assert.Len(t, placed, 1)
	require.Len(t, errs, callers-1)
	for _, err := range errs {
		require.ErrorIs(t, err, orders.ErrQuoteAlreadyOrdered)
		assert.Contains(t, placed, orders.OrderOf(err))
	}
}

// Whoever gets an order has it rejected at once, so that others may get the next: there is never a second one that stands.
func raceAgainstRejections(t *testing.T, w *world) {
	t.Helper()
	q := w.accepted(w.deal())
	placed, errs := atOnce(func(i int) (*orders.Order, error) {
		o, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: q.Number + number(i)})
		if err != nil {
			return nil, err
		}
		return w.vendor.Reject(t.Context(), o.ID, orders.Ruling{Code: orders.ReasonCodeOther})
	})
	assert.NotEmpty(t, placed)
	for _, err := range errs {
		require.ErrorIs(t, err, orders.ErrQuoteAlreadyOrdered)
	}
	assert.Len(t, must[*orders.Page](t)(w.acme.List(t.Context(), orders.ListParams{QuoteID: q.ID, Status: []orders.Status{orders.StatusRejected}})).Items, len(placed))
	assert.Equal(t, quotes.StatusAccepted, must[*quotes.Quote](t)(w.quotes.Get(t.Context(), q.ID)).Status)
}

// Of those who order what an order was rejected of, while that happens or after it, one gets it.
func raceAfterRejection(t *testing.T, w *world) {
	t.Helper()
	first := w.placed(w.deal())
	place := func(i int) (*orders.Order, error) {
		return w.acme.Place(t.Context(), orders.Placement{QuoteID: first.QuoteID, PONumber: first.Number + number(i)})
	}
	placed, errs := atOnce(func(i int) (*orders.Order, error) {
		if i == 0 {
			return w.vendor.Reject(t.Context(), first.ID, orders.Ruling{Code: orders.ReasonCodeOther})
		}
		return place(i)
	})
	assert.Contains(t, placed, first.ID)
	if len(placed) == 1 { // all others came before the rejection
		placed, errs = atOnce(place)
		assert.Len(t, placed, 1)
	}
	for _, err := range errs {
		require.ErrorIs(t, err, orders.ErrQuoteAlreadyOrdered)
	}
	standing := must[*orders.Page](t)(w.acme.List(t.Context(), orders.ListParams{QuoteID: first.QuoteID, Status: []orders.Status{orders.StatusSubmitted}})).Items
	require.Len(t, standing, 1)
	assert.Contains(t, placed, standing[0].ID)
	assert.Equal(t, standing[0].ID, must[*quotes.Quote](t)(w.quotes.Get(t.Context(), first.QuoteID)).OrderID)
}

func raceForNumber(t *testing.T, w *world) {
	t.Helper()
	var quoteIDs [callers]string
	for i := range callers {
		quoteIDs[i] = w.accepted(nil).ID
	}
	placed, errs := atOnce(func(i int) (*orders.Order, error) {
		return w.acme.Place(t.Context(), orders.Placement{QuoteID: quoteIDs[i], PONumber: "the last one"})
	})
	assert.Len(t, placed, 1)
	require.Len(t, errs, callers-1)
	for _, err := range errs {
		require.ErrorIs(t, err, orders.ErrDuplicatePO)
	}
}

// Two who fulfil at once do not send a unit twice.
func TestUnitsAreSentOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		o := w.taken(nil)
		_, errs := atOnce(func(int) (*orders.Order, error) {
			return w.vendor.Fulfil(t.Context(), o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 1, Status: orders.LineStatusShipped})
		})
		assert.Len(t, errs, callers-10)
		for _, err := range errs {
			require.ErrorIs(t, err, orders.ErrQuantityExceeds)
		}
		assert.Equal(t, orders.Units{Shipped: 10}, must[*orders.Order](t)(w.vendor.Get(t.Context(), o.ID)).Lines[0].Units)
	})
}

// What several orders would take of the credit, only so many get as it covers.
func TestCreditIsTakenOnce(t *testing.T) {
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			finance := new(books)
			p, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }), portal.WithFinance(finance))
			require.NoError(t, err)
			w := worldOf(t, portaltest.Wrap(t, p))
			finance.Stamp = source.Stamp{System: "netsuite", AsOf: noon.Add(-time.Hour)}
			finance.Credits = []source.Credit{{PartnerID: w.AcmeID, Available: usd("150899.99")}}
			require.NoError(t, w.Pull(t.Context()))
			var quoteIDs [callers]string
			for i := range callers {
				quoteIDs[i] = w.accepted(nil).ID
			}
			placed, errs := atOnce(func(i int) (*orders.Order, error) {
				return w.acme.Place(t.Context(), orders.Placement{QuoteID: quoteIDs[i], PONumber: number(i)})
			})
			assert.Len(t, placed, 2)
			for _, err := range errs {
				require.ErrorIs(t, err, orders.ErrCreditLimit)
				assert.Equal(t, usd("0.01"), orders.CreditShortfallOf(err).Missing)
			}
		})
	}
}
