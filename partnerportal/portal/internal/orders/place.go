package orders

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// Place orders what an accepted quote offers.
func (s *Service) Place(ctx context.Context, body *contract.Placement) (*contract.Order, error) {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	quoteID, err := quoteOf(ctx, c, body)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "quote/"+quoteID); err != nil {
		return nil, err
	}
	quote, err := quoting.Load(ctx, c.Tx, quoteID)
	if errors.Is(err, store.ErrNotFound) || err == nil && quote.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid("/quote_id", "invalid_value", "You have no such quote.")
	}
	if err != nil {
		return nil, err
	}
	if placed, err := placedOf(ctx, c, quote.ID, body.PONumber); placed != nil || err != nil {
		return placed, err
	}
	if err := orderable(ctx, c, &quote.Quote); err != nil {
		return nil, err
	}
	d, err := s.prepare(ctx, c, quote, body)
	if err != nil {
		return nil, err
	}
	return d.place(ctx, c)
}

// quoteOf is the quote that is meant: the one named, or that of the session.
func quoteOf(ctx context.Context, c *call.Call, body *contract.Placement) (string, error) {
	if body.QuoteID != "" {
		return body.QuoteID, nil
	}
	if body.SessionID == "" {
		return "", problem.Invalid("/quote_id", "required", "Name the quote, or the session that has it.")
	}
	session, err := ownSession(ctx, c, body.SessionID)
	if err != nil {
		return "", err
	}
	if session.QuoteID == "" {
		return "", problem.Invalid("/quote_id", "required", "The session has no quote yet.")
	}
	return session.QuoteID, nil
}

func ownSession(ctx context.Context, c *call.Call, id string) (*quotes.Session, error) {
	session, err := quoting.LoadSession(ctx, c.Tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && session.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid("/session_id", "invalid_value", "You have no such session.")
	}
	return session, err
}

// sessionOf is the session in which the order is placed: the one named, which must be open, or that of the quote while it is.
func sessionOf(ctx context.Context, c *call.Call, quote *quotes.Quote, named string) (string, error) {
	id := cmp.Or(named, quote.SessionID)
	if id == "" {
		return "", nil
	}
	session, err := ownSession(ctx, c, id)
	if err != nil {
		return "", err
	}
	switch {
	case session.Status == quotes.SessionStatusOpen && c.Now.Before(session.ExpiresAt):
		return id, nil
	case named != "":
		return "", problem.Invalid("/session_id", "invalid_state", "The session is over.")
	}
	return "", nil
}

// placedOf is the order of a quote that stands, for whoever repeats the call; another purchase order number is another intention.
func placedOf(ctx context.Context, c *call.Call, quoteID, number string) (*contract.Order, error) {
	doc, err := c.Tx.OrderOfQuote(ctx, quoteID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	o, err := decode(doc)
	if err != nil {
		return nil, err
	}
	if poKey(o.PONumber) != poKey(number) {
		e := refuse(contract.ErrQuoteAlreadyOrdered, "The quote was ordered as "+o.Number+" with the purchase order number "+o.PONumber+". To order once more, clone the quote.")
		return nil, problem.With(e, "order_id", o.ID)
	}
	return o.view(c), nil
}

// orderable refuses a quote that nobody has accepted, or that is no longer what was offered last.
func orderable(ctx context.Context, c *call.Call, quote *quotes.Quote) error {
	if !quote.Latest {
		return quoting.NotLatest(ctx, c.Tx, quote)
	}
	if quote.Status != quotes.StatusAccepted {
		e := refuse(contract.ErrQuoteNotAccepted, "The quote is "+problem.Words(string(quote.Status))+"; an accepted one can be ordered.")
		return problem.With(e, "quote_status", quote.Status)
	}
	return nil
}

// prepare makes the order and holds it against what is now: the prices, the purchase orders that stand, and the credit.
func (s *Service) prepare(ctx context.Context, c *call.Call, quote *quoting.Stored, body *contract.Placement) (*dossier, error) {
	own, err := directory.LoadPartner(ctx, c.Tx, quote.PartnerID)
	if err != nil {
		return nil, err
	}
	session, err := sessionOf(ctx, c, &quote.Quote, body.SessionID)
	if err != nil {
		return nil, err
	}
	d := &dossier{order: order{Order: contract.Order{
		ID: ids.New(ids.Order, c.Now), Status: submitted, PartnerID: quote.PartnerID, ProgramID: cmp.Or(quote.ProgramID, own.ProgramID),
		QuoteID: quote.ID, QuoteNumber: quote.Number, QuoteVersion: quote.Version, DealID: quote.DealID, SessionID: session,
		PONumber: body.PONumber, Customer: quote.Customer, BillTo: body.BillTo, ShipTo: body.ShipTo, RequestedDeliveryOn: body.RequestedDeliveryOn,
		ExternalRefs: body.ExternalRefs, Livemode: c.Live, SubmittedAt: c.Now, CreatedAt: c.Now, CreatedBy: c.Caller.Actor(),
	}}}
	if d.BillTo.Organization.Name == "" {
		d.BillTo.Organization = partnerportal.Organization{Name: own.Name, Country: own.Country}
	}
	if d.ShipTo.Organization.Name == "" {
		d.ShipTo.Organization, d.ShipTo.Contact = quote.Customer, cmp.Or(body.ShipTo.Contact, primary(quote.Contacts))
	}
	if err := d.check(ctx, c, true); err != nil {
		return nil, err
	}
	now, err := s.priced(ctx, c, quote, body.AcceptedTotal)
	if err != nil {
		return nil, err
	}
	if err := d.fill(c, now.Lines, &now.Totals); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "orders of "+d.PartnerID); err != nil {
		return nil, err
	}
	if err := d.checkPO(ctx, c); err != nil {
		return nil, err
	}
	return d, s.checkCredit(ctx, c, &d.Order)
}

// place stores the order, and tells those who wait for it.
func (d *dossier) place(ctx context.Context, c *call.Call) (*contract.Order, error) {
	n, err := c.Tx.NextNumber(ctx, resource)
	if err != nil {
		return nil, err
	}
	d.Number = fmt.Sprintf("O-%06d", n)
	if err := d.keepRefs(ctx, c); err != nil {
		return nil, err
	}
	placed := feed.OrderPlaced{
		OrderID: d.ID, Number: d.Number, QuoteID: d.QuoteID, QuoteNumber: d.QuoteNumber, DealID: d.DealID, SessionID: d.SessionID,
		ProgramID: d.ProgramID, Total: d.Totals.Total, Lines: d.placed,
	}
	d.tell(contract.EventSubmitted, map[string]any{
		"quote_id": d.QuoteID, "amount": d.Totals.Total.Amount(), "currency": d.Totals.Total.Currency(),
	}, "/status")
	d.carry(placed)
	return d.answer(ctx, c)
}

// fill copies what the quote's lines say, as they are priced now.
func (d *dossier) fill(c *call.Call, lines []quotes.Line, totals *quotes.Totals) error {
	made := map[string]string{} // the order's lines by the quote's
	for i := range lines {
		made[lines[i].ID] = ids.New(ids.OrderLine, c.Now)
	}
	for i := range lines {
		l := &lines[i]
		d.Lines = append(d.Lines, contract.Line{
			ID: made[l.ID], QuoteLineID: l.ID, ParentLineID: made[l.ParentLineID], SKU: l.SKU, Name: l.Name, Kind: l.Kind, TermMonths: l.TermMonths,
			Quantity: l.Quantity, List: l.List, Net: l.Net, Freight: l.Freight, Tax: l.Tax, Total: l.Total,
			Status: contract.LineStatusAcknowledged, Units: contract.Units{Acknowledged: l.Quantity},
		})
		d.placed = append(d.placed, feed.OrderedLine{
			QuoteLineID: l.ID, Quantity: l.Quantity, SpecialPricingID: l.SpecialPricingID, SpecialQuantity: l.SpecialQuantity(),
		})
	}
	d.Totals = contract.Totals{List: totals.List, Net: totals.Net, Freight: totals.Freight, Tax: totals.Tax, Total: totals.Total}
	if err := d.recount(); err != nil {
		return err
	}
	return d.addUp()
}

func primary(contacts []partnerportal.Contact) partnerportal.Contact {
	for _, contact := range contacts {
		if contact.Primary {
			return contact
		}
	}
	if len(contacts) > 0 {
		return contacts[0]
	}
	return partnerportal.Contact{}
}
