package orders_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestWhatRefusalsCarry(t *testing.T) {
	t.Parallel()
	desk, ctx := new(warehouse).client(), t.Context()
	_, err := desk.Place(ctx, orders.Placement{QuoteID: "quo_1", PONumber: "1"})
	require.ErrorIs(t, err, orders.ErrPriceChanged)
	change := orders.PriceChangeOf(err)
	assert.True(t, change.DealRegistrationExpired)
	assert.Equal(t, usd("3000"), change.Difference)
	require.Len(t, change.Lines, 1)
	assert.Equal(t, "deal_registration", change.Lines[0].Reasons[0].Code)
	assert.Zero(t, orders.CreditShortfallOf(err))
	assert.Empty(t, orders.OrderOf(err))

	_, err = desk.Place(ctx, orders.Placement{QuoteID: "quo_1", PONumber: "1", AcceptedTotal: usd("50000.01")})
	assert.Equal(t, orders.CreditShortfall{Available: usd("50000"), Missing: usd("1000")}, orders.CreditShortfallOf(err))

	for _, odd := range []error{
		nil, errors.New("not of a portal"), &partnerportal.Error{Code: orders.ErrCreditLimit},
		&partnerportal.Error{Code: orders.ErrCreditLimit, Extensions: map[string]json.RawMessage{
			"available": json.RawMessage(`{"amount":"1.00","currency":"USD"}`), "missing": json.RawMessage(`7`), "order_id": json.RawMessage(`[]`),
			"drift": json.RawMessage(`"x"`),
		}},
	} {
		assert.Zero(t, orders.PriceChangeOf(odd))
		assert.Zero(t, orders.CreditShortfallOf(odd))
		assert.Empty(t, orders.OrderOf(odd))
	}
}
