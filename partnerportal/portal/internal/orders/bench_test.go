package orders_test

import (
	"fmt"
	"testing"

	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// BenchmarkPlace orders accepted quotes in memory: everything is checked and priced again.
func BenchmarkPlace(b *testing.B) {
	for _, lines := range []int{2, 100, 500} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			w := newWorld(b)
			many := func(body *quotes.NewQuote) {
				body.Lines = nil
				for range lines {
					body.Lines = append(body.Lines, quotes.LineInput{SKU: "SRV-100", Quantity: 2})
				}
			}
			for b.Loop() {
				b.StopTimer()
				q := w.accepted(nil, many)
				b.StartTimer()
				must[*orders.Order](b)(w.acme.Place(b.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO " + q.Number}))
			}
		})
	}
}
