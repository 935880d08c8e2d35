package quotes_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// bidding is special pricing with the orders that use it, and what a clerk with a pencil has noted of them.
type bidding struct {
	*rapid.T
	w      *world
	b      *quotes.SpecialPricing
	orders []*taken
	po     *int
}

// taken is what an order took.
type taken struct {
	*orders.Order

	ordered, special, canceled int
}

// consumed is how many units of the order still use the special price: those without it are canceled first.
func (o *taken) consumed() int { return o.special - max(0, o.canceled-(o.ordered-o.special)) }

func (x *bidding) consumed() (n int) {
	for _, o := range x.orders {
		n += o.consumed()
	}
	return n
}

// Whatever is ordered, canceled and refused: what was consumed and what remains is what was approved, and nothing is below zero.
func TestSpecialQuantitiesAddUp(t *testing.T) {
	t.Parallel()
	w, po := newWorld(t), 0
	rapid.Check(t, func(t *rapid.T) {
		x := &bidding{T: t, w: w, po: &po}
		x.b = w.approve(w.ask(w.quote(), rapid.IntRange(1, 12).Draw(t, "approved")), quotes.SpecialPricingApproval{})
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			if len(x.orders) == 0 || rapid.IntRange(0, 2).Draw(t, "step") > 0 {
				x.order()
			} else {
				x.cancel()
			}
			x.check()
		}
	})
}

// order orders some units, of which those have the special price that are left.
func (x *bidding) order() {
	units := rapid.IntRange(1, 8).Draw(x.T, "units")
	special := min(units, x.b.Lines[0].Quantity-x.consumed())
	if special == 0 { // nobody can name it any more
		err := second(x.w.acme.Create(x.w.t.Context(), quotes.NewQuote{SpecialPricingID: x.b.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}}))
		faulty(x.w.t, err, "/special_pricing_id")
		return
	}
	q := x.w.accepted(with(x.b, units))
	require.Equal(x, special, q.Lines[0].SpecialQuantity())
	*x.po++
	o := must[*orders.Order](x.w.t)(x.w.order(q, fmt.Sprint("PO-", *x.po)))
	x.orders = append(x.orders, &taken{Order: o, ordered: units, special: special})
}

// cancel cancels some units of an order, or the vendor refuses all of it.
func (x *bidding) cancel() {
	o := rapid.SampledFrom(x.orders).Draw(x.T, "order")
	left, ctx := o.ordered-o.canceled, x.w.t.Context()
	if left == 0 {
		return
	}
	desk := orders.New(x.w.Vendor)
	if o.canceled == 0 && rapid.Bool().Draw(x.T, "refused") {
		must[*orders.Order](x.w.t)(desk.Reject(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
		o.canceled = o.ordered
		return
	}
	n := rapid.IntRange(1, left).Draw(x.T, "canceled")
	if o.canceled == 0 {
		must[*orders.Order](x.w.t)(desk.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	}
	must[*orders.Order](x.w.t)(orders.New(x.w.Acme).RequestCancellation(ctx, o.ID, orders.CancellationRequest{
		Code: orders.ReasonCodeOther, Lines: []orders.UnitsOf{{LineID: o.Lines[0].ID, Quantity: n}},
	}))
	must[*orders.Order](x.w.t)(desk.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
	o.canceled += n
}

func (x *bidding) check() {
	got := must[*quotes.SpecialPricing](x.w.t)(x.w.acme.GetSpecialPricing(x.w.t.Context(), x.b.ID))
	l := got.Lines[0]
	require.Equal(x, x.consumed(), l.ConsumedQuantity)
	require.Equal(x, l.MaxQuantity-l.ConsumedQuantity, l.RemainingQuantity)
	require.GreaterOrEqual(x, l.RemainingQuantity, 0)
	require.Equal(x, l.RemainingQuantity == 0, got.Status == quotes.SpecialPricingStatusConsumed)
}

// Quotes that were priced while there was enough for each cannot all be ordered at the special price.
func TestConcurrentOrdersTakeNoMoreThanThereIs(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		b := w.approve(w.ask(w.quote(), 5), quotes.SpecialPricingApproval{})
		const callers = 6
		var accepted []*quotes.Quote
		for range callers {
			accepted = append(accepted, w.accepted(with(b, 2)))
		}
		refused := make([]error, callers)
		var all sync.WaitGroup
		for i, q := range accepted {
			all.Go(func() { _, refused[i] = w.order(q, fmt.Sprint("PO-", i)) })
		}
		all.Wait()
		placed := 0
		for _, err := range refused {
			if err == nil {
				placed++
				continue
			}
			var e *partnerportal.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, []partnerportal.ErrorCode{quotes.ErrPriceChanged, orders.ErrSpecialPricingExhausted}, e.Code)
			if left := quotes.RemainingOf(err); left != nil {
				assert.Equal(t, 2, left[0].Wanted)
				assert.Less(t, left[0].Remaining, 2)
			}
		}
		assert.Equal(t, 2, placed)
		assert.Equal(t, 1, w.remaining(b))
	})
}
