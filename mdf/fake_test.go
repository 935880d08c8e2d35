package mdf_test

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// desk is a vendor with one allocation of 5000 dollars. Operations that it does not know panic: the embedded interface is nil.
type desk struct {
	mdf.Server

	available partnerportal.Money
	invoices  map[string]string // claims by invoice number
}

var spring = time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC)

func newDesk() *desk {
	return &desk{available: usd("5000.00"), invoices: map[string]string{}}
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// client returns a client of the desk, in process.
func (d *desk) client() *mdf.Client {
	router := partnerportal.NewRouter()
	mdf.Mount(router, d)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		panic(err)
	}
	return mdf.New(pp)
}

func (d *desk) QuickRequest(_ context.Context, body *mdf.QuickRequest) (*mdf.Request, error) {
	left, err := d.available.Sub(body.Amount)
	if err != nil {
		return nil, err
	}
	if left.Sign() < 0 {
		short, err := left.Neg()
		if err != nil {
			return nil, err
		}
		return nil, problem(mdf.ErrInsufficientFunds, map[string]any{"available": d.available, "shortfall": short})
	}
	d.available = left
	return &mdf.Request{
		ID: "mdf_1", Number: "M-000001", Revision: 2, Status: mdf.RequestStatusSubmitted, Title: "Regional roadshow", RequestedTotal: body.Amount,
		Activities: []mdf.Activity{}, AllowedActions: []mdf.RequestAction{mdf.RequestActionWithdraw}, EditableFields: []string{},
	}, nil
}

func (d *desk) QuickClaim(_ context.Context, body *mdf.QuickClaim) (*mdf.Claim, error) {
	if id, ok := d.invoices[body.InvoiceNumber]; ok {
		return nil, problem(mdf.ErrDuplicateInvoice, map[string]any{"claim_id": id})
	}
	if len(body.FileIDs) == 0 {
		return nil, problem(mdf.ErrProofMissing, map[string]any{"requirement_ids": []string{"invoice"}})
	}
	half, err := body.Spent.MulRat(1, 2)
	if err != nil {
		return nil, err
	}
	if more, err := half.Cmp(usd("4000")); err != nil || more > 0 {
		return nil, problem(mdf.ErrClaimExceedsApproved, map[string]any{"max": usd("4000")})
	}
	d.invoices[body.InvoiceNumber] = "clm_1"
	return &mdf.Claim{
		ID: "clm_1", Number: "C-000001", Revision: 2, Status: mdf.ClaimStatusSubmitted, RequestID: body.RequestID, ClaimedTotal: half,
		Lines: []mdf.ClaimLine{}, AllowedActions: []mdf.ClaimAction{mdf.ClaimActionWithdraw}, EditableFields: []string{},
	}, nil
}

func (d *desk) Forecast(context.Context, *mdf.ForecastParams) (*mdf.Forecast, error) {
	return &mdf.Forecast{AsOf: spring, Lost: []partnerportal.Money{usd("1000.00")}, Items: []mdf.ForecastItem{{
		At: spring, On: partnerportal.Date{Year: 2027, Month: 6, Day: 30}, Reason: mdf.ForecastReasonAllocationEnd,
		From: mdf.AccountAvailable, To: mdf.AccountExpired, Amount: usd("1000.00"),
	}}}, nil
}

func (d *desk) ListEntries(_ context.Context, params *mdf.ListEntriesParams) (*mdf.EntryPage, error) {
	all := []mdf.Entry{
		{Sequence: 1, Type: mdf.EntryTypeAllocate, From: mdf.AccountFunding, To: mdf.AccountAvailable, Amount: usd("5000.00"),
			Balance: mdf.Balance{Allocated: usd("5000.00"), Available: usd("5000.00")}},
		{Sequence: 2, Type: mdf.EntryTypeHold, From: mdf.AccountAvailable, To: mdf.AccountHeld, Amount: usd("4000.00"),
			Balance: mdf.Balance{Allocated: usd("5000.00"), Available: usd("1000.00"), Held: usd("4000.00")}},
	}
	return &mdf.EntryPage{Items: all[min(int(params.After), len(all)):]}, nil
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
