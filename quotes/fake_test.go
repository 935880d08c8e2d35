package quotes_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// counter is a vendor who sells servers for 1,000 dollars, less 8 % for a registered deal. Operations that it does not know panic: the
// embedded interface is nil.
type counter struct {
	quotes.Server

	last      quotes.Quote
	session   quotes.Session
	protected bool // the deal is
}

var winter = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

func newCounter() *counter { return &counter{protected: true} }

// client returns a client of the counter, in process.
func (c *counter) client() *quotes.Client {
	router := partnerportal.NewRouter()
	quotes.Mount(router, c)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		panic(err)
	}
	return quotes.New(pp)
}

// priced is so many servers.
func (c *counter) priced(quantity int) (quotes.Line, error) {
	list, err := usd("1000.00").MulRat(int64(quantity), 1)
	if err != nil {
		return quotes.Line{}, err
	}
	l := quotes.Line{
		ID: "qln_1", SKU: "SRV-1", Name: "Server", Quantity: quantity, ListUnit: usd("1000.00"), List: list, Net: list, Total: list,
		Freight: usd("0.00"), Tax: usd("0.00"), Components: []quotes.Component{{Kind: quotes.ComponentKindList, Amount: list}},
	}
	if !c.protected {
		return l, nil
	}
	off, err := list.MulRat(-8, 100)
	if err != nil {
		return l, err
	}
	l.Components = append(l.Components, quotes.Component{Kind: quotes.ComponentKindDealRegistration, Percent: "8", Amount: off, Note: "Registered deal"})
	l.Net, err = list.Add(off)
	l.Total = l.Net
	return l, err
}

func totals(l quotes.Line) quotes.Totals {
	return quotes.Totals{List: l.List, Discounts: []quotes.Discount{}, Net: l.Net, Freight: l.Freight, Tax: l.Tax, Total: l.Total}
}

func (c *counter) Preview(_ context.Context, body *quotes.NewQuote) (*quotes.Preview, error) {
	if body.Lines[0].SKU == "SRV-0" {
		return nil, problem(http.StatusUnprocessableEntity, quotes.ErrProductEndOfSale, map[string]any{"replacement": "SRV-1"})
	}
	l, err := c.priced(body.Lines[0].Quantity)
	return &quotes.Preview{Currency: "USD", Lines: []quotes.Line{l}, Totals: totals(l), Pricing: quotes.Pricing{Stacking: quotes.StackingSequential}}, err
}

func (c *counter) Create(_ context.Context, body *quotes.NewQuote) (*quotes.Quote, error) {
	l, err := c.priced(body.Lines[0].Quantity)
	c.last = quotes.Quote{
		ID: "quo_1", Number: "Q-000001", Version: 1, Revision: 1, Latest: true, Status: quotes.StatusDraft, DealID: body.DealID, Currency: "USD",
		Lines: []quotes.Line{l}, Totals: totals(l), AllowedActions: []quotes.Action{quotes.ActionPresent}, EditableFields: []string{},
	}
	return &c.last, err
}

func (c *counter) StartSession(_ context.Context, body *quotes.NewSession) (*quotes.Session, error) {
	c.session = quotes.Session{
		ID: "ses_1", Status: quotes.SessionStatusOpen, DealID: body.DealID, ExpiresAt: winter.AddDate(0, 0, 7),
		Steps: []quotes.SessionEntry{{Step: quotes.SessionStepStarted, At: winter}},
	}
	return &c.session, nil
}

func (c *counter) GetSession(context.Context, string) (*quotes.Session, error) {
	c.session.QuoteID = c.last.ID
	c.session.Steps = append(c.session.Steps, quotes.SessionEntry{Step: quotes.SessionStepQuoted, At: winter, ResourceID: c.last.ID})
	return &c.session, nil
}

func (c *counter) CreateSpecialPricing(_ context.Context, body *quotes.NewSpecialPricing) (*quotes.SpecialPricing, error) {
	line := body.Lines[0]
	return &quotes.SpecialPricing{
		ID: "spc_1", Number: "SP-000001", Status: quotes.SpecialPricingStatusSubmitted, QuoteID: body.QuoteID, Currency: "USD",
		Lines: []quotes.SpecialLine{{ID: "spl_1", LineID: line.LineID, SKU: "SRV-1", Quantity: line.Quantity, RequestedUnitPrice: line.RequestedUnitPrice}},
	}, nil
}

func (c *counter) Present(context.Context, string, string) (*quotes.Quote, error) {
	now, err := c.priced(c.last.Lines[0].Quantity)
	if err != nil {
		return nil, err
	}
	if before := c.last.Totals.Total; now.Total != before {
		difference, err := now.Total.Sub(before)
		if err != nil {
			return nil, err
		}
		return nil, problem(http.StatusConflict, quotes.ErrPriceChanged, map[string]any{"drift": quotes.Drift{
			QuoteID: c.last.ID, Changed: true, Before: before, After: now.Total, Difference: difference, DealRegistrationExpired: !c.protected, CheckedAt: winter,
			Lines: []quotes.LineDrift{{LineID: "qln_1", SKU: "SRV-1", Before: before, After: now.Total, Difference: difference, Reasons: []quotes.DriftReason{
				{Code: quotes.DriftCodeDealRegistration, Message: "The protection of the deal has ended."},
			}}},
		}})
	}
	c.last.Status = quotes.StatusPresented
	return &c.last, nil
}

func (c *counter) Accept(_ context.Context, _, _ string, body *quotes.Acceptance) (*quotes.Quote, error) {
	c.last.Status, c.last.Acceptance = quotes.StatusAccepted, *body
	return &c.last, nil
}

func (c *counter) Revise(context.Context, string, string) (*quotes.Quote, error) {
	l, err := c.priced(c.last.Lines[0].Quantity)
	next := c.last
	next.ID, next.Version, next.PreviousVersionID, next.Status = "quo_2", 2, c.last.ID, quotes.StatusDraft
	next.Lines, next.Totals = []quotes.Line{l}, totals(l)
	c.last = next
	return &next, err
}

func (c *counter) OpenDocument(context.Context, string, *quotes.OpenDocumentParams) (*partnerportal.Download, error) {
	pdf := []byte("%PDF-1.7")
	return &partnerportal.Download{
		ReadCloser: io.NopCloser(bytes.NewReader(pdf)), Name: "Q-000001-v1.pdf", MediaType: "application/pdf", Size: int64(len(pdf)),
	}, nil
}

func problem(status int, code partnerportal.ErrorCode, members map[string]any) error {
	e := &partnerportal.Error{Status: status, Code: code, Extensions: map[string]json.RawMessage{}}
	for name, value := range members {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		e.Extensions[name] = raw
	}
	return e
}

// refused is a refusal with a member of its own.
func refused(code partnerportal.ErrorCode, member string, value any) error {
	return problem(http.StatusConflict, code, map[string]any{member: value})
}
