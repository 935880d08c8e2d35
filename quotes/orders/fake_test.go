package orders_test

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// warehouse is a vendor that sells one accepted quote, whose price has risen as the deal's registration has expired. Operations that it
// does not know panic: the embedded interface is nil.
type warehouse struct {
	orders.Server

	order *orders.Order
}

var winter = time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC)

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// client returns a client of the warehouse, in process.
func (w *warehouse) client() *orders.Client {
	router := partnerportal.NewRouter()
	orders.Mount(router, w)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		panic(err)
	}
	return orders.New(pp)
}

func (w *warehouse) Place(_ context.Context, body *orders.Placement) (*orders.Order, error) {
	switch {
	case w.order != nil && w.order.PONumber != body.PONumber:
		return nil, problem(orders.ErrQuoteAlreadyOrdered, map[string]any{"order_id": w.order.ID})
	case w.order != nil:
		return w.order, nil
	case body.AcceptedTotal.IsZero():
		return nil, problem(orders.ErrPriceChanged, map[string]any{"drift": json.RawMessage(`{
			"quote_id": "quo_1", "changed": true, "before": {"amount":"41000.00","currency":"USD"}, "after": {"amount":"44000.00","currency":"USD"},
			"difference": {"amount":"3000.00","currency":"USD"}, "deal_registration_expired": true, "lines": [
				{"line_id": "qln_1", "sku": "SRV-100", "before": {"amount":"41000.00","currency":"USD"}, "after": {"amount":"44000.00","currency":"USD"},
				"difference": {"amount":"3000.00","currency":"USD"}, "reasons": [{"code": "deal_registration", "message": "The registration has expired."}]}]}`)})
	case body.AcceptedTotal.TenThousandths() > usd("50000").TenThousandths():
		return nil, problem(orders.ErrCreditLimit, map[string]any{"available": usd("50000"), "missing": usd("1000")})
	}
	total := body.AcceptedTotal
	w.order = &orders.Order{
		ID: "ord_1", Number: "O-000001", Revision: 1, Status: orders.StatusSubmitted, QuoteID: body.QuoteID, PONumber: body.PONumber,
		Lines: []orders.Line{{
			ID: "oln_1", SKU: "SRV-100", Name: "Server 100", Quantity: 10, List: usd("50000"), Net: total, Freight: usd("0"), Tax: usd("0"), Total: total,
			Status: orders.LineStatusAcknowledged, Units: orders.Units{Acknowledged: 10},
		}},
		Totals:         orders.Totals{List: usd("50000"), Net: total, Freight: usd("0"), Tax: usd("0"), Total: total, Canceled: usd("0"), Invoiced: usd("0"), Paid: usd("0")},
		AllowedActions: []orders.Action{orders.ActionRequestCancellation}, EditableFields: []string{"/external_refs"},
	}
	return w.order, nil
}

func (w *warehouse) Fulfil(_ context.Context, _, _, _ string, body *orders.Fulfilment) (*orders.Order, error) {
	l := &w.order.Lines[0]
	if body.Quantity > l.Units.Acknowledged {
		return nil, problem(orders.ErrQuantityExceeds, map[string]any{"available": l.Units.Acknowledged})
	}
	l.Units.Acknowledged -= body.Quantity
	l.Units.Shipped += body.Quantity
	l.Steps = append(l.Steps, orders.Step{ID: "ful_1", At: winter, Quantity: body.Quantity, Status: body.Status, Tracking: body.Tracking})
	w.order.Status = orders.StatusInProgress
	return w.order, nil
}

func (w *warehouse) List(context.Context, *orders.ListParams) (*orders.Page, error) {
	if w.order == nil {
		return &orders.Page{Items: []orders.Order{}}, nil
	}
	return &orders.Page{Items: []orders.Order{*w.order}}, nil
}

func (*warehouse) Credit(context.Context, *orders.CreditParams) (*orders.Credit, error) {
	return &orders.Credit{
		Limits: []orders.CreditLimit{{Given: usd("50000"), Ordered: usd("44000"), Available: usd("6000")}},
		Source: partnerportal.SourceStamp{System: "netsuite", Kind: "finance", AsOf: winter},
	}, nil
}

func problem(code partnerportal.ErrorCode, members map[string]any) error {
	e := &partnerportal.Error{Status: http.StatusConflict, Code: code, Extensions: map[string]json.RawMessage{}}
	for name, value := range members {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		e.Extensions[name] = raw
	}
	return e
}
