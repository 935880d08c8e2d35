package deals_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// fakePortal takes one registration of each customer and refuses the next. What it does not do, no test asks of it.
type fakePortal struct {
	deals.Server
	taken map[string]*deals.Deal
}

func newFakePortal() http.Handler {
	router := partnerportal.NewRouter()
	deals.Mount(router, &fakePortal{taken: map[string]*deals.Deal{}})
	return router
}

func (f *fakePortal) Register(_ context.Context, body *deals.Registration) (*deals.Deal, error) {
	if f.taken[body.Customer.Domain] != nil {
		e := &partnerportal.Error{Status: http.StatusConflict, Code: deals.ErrConflict, Detail: "Somebody else holds this customer."}
		e.Extensions = map[string]json.RawMessage{"conflict": json.RawMessage(
			`{"matches":[{"matched_on":["exact_domain"],"scope_overlap":"full","holder":"other_partner","options":["narrow_scope","join_as_services"]}]}`)}
		return nil, e
	}
	d := &deals.Deal{
		ID: fmt.Sprintf("deal_%d", len(f.taken)+1), Number: "D-000001", Revision: 1, Status: deals.StatusSubmitted, Outcome: deals.OutcomeOpen, Priority: 1,
		Customer: body.Customer, Products: body.Products, Amount: body.Amount, ExpectedCloseOn: body.ExpectedCloseOn,
		CreatedAt: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), AllowedActions: []deals.Action{deals.ActionRecall, deals.ActionWithdraw},
	}
	f.taken[body.Customer.Domain] = d
	return d, nil
}

func (f *fakePortal) Create(context.Context, *deals.Registration) (*deals.Deal, error) {
	e := &partnerportal.Error{Status: http.StatusConflict, Code: deals.ErrDuplicateRef}
	e.Extensions = map[string]json.RawMessage{"existing_id": json.RawMessage(`"deal_1"`)}
	return nil, e
}

func (f *fakePortal) Get(context.Context, string) (*deals.Deal, error) {
	e := &partnerportal.Error{Status: http.StatusConflict, Code: deals.ErrOwnDuplicate}
	e.Extensions = map[string]json.RawMessage{"existing_id": json.RawMessage(`7`), "conflict": json.RawMessage(`[]`)}
	return nil, e
}

func newClient(options ...partnerportal.Option) *partnerportal.Client {
	pp, err := partnerportal.New("https://portal.example.com",
		append([]partnerportal.Option{partnerportal.WithHandler(newFakePortal()), partnerportal.WithAPIKey("ppk_example")}, options...)...)
	if err != nil {
		panic(err)
	}
	return pp
}
