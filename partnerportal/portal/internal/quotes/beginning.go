package quotes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// beginning is what a new quote is made of. What the caller says goes before what the quote is made from; of that, a session goes before
// a copy, and a copy before the deal.
type beginning struct {
	contract.NewQuote

	lines []contract.Line // of a copy: what is said of lines is said of these
	notes []contract.Note
}

// fromSession takes what the session knows.
func (b *beginning) fromSession(ctx context.Context, _ *call.Call) error {
	if b.SessionID == "" {
		return nil
	}
	session, err := useSession(ctx, b.SessionID)
	if err != nil {
		return err
	}
	if b.DealID == "" {
		b.DealID = session.DealID
	}
	if b.Customer.Name == "" && (b.DealID == session.DealID || session.DealID == "") { // another deal has another customer
		b.Customer = session.Customer
	}
	if b.ConfigurationID == "" && b.QuoteID == "" && len(b.Lines) == 0 {
		b.ConfigurationID = session.ConfigurationID
	}
	return nil
}

// fromQuote takes over what another quote says.
func (b *beginning) fromQuote(ctx context.Context, c *call.Call) error {
	if b.QuoteID == "" {
		return nil
	}
	from, err := readQuote(ctx, c, b.QuoteID)
	if isNotFound(err) {
		return problem.Invalid("/quote_id", "invalid_value", "You have no quote of this id.")
	}
	if err != nil {
		return err
	}
	if b.ConfigurationID == "" && len(b.Lines) == 0 {
		b.lines = from.copiedLines(c)
	}
	from.Lines = b.lines
	said := from.said()
	said.DealID, said.ProgramID, said.Currency = from.DealID, from.ProgramID, from.Currency
	said.SpecialPricingID, said.ExternalRefs, said.ValidUntilOn = "", nil, partnerportal.Date{} // they are that quote's
	if b.DealID != "" && b.DealID != from.DealID {
		said.Customer, said.Contacts, said.Parties, said.ProgramID = partnerportal.Organization{}, nil, nil, ""
	}
	if b.Customer.Name != "" {
		said.Customer = partnerportal.Organization{} // another company has another domain
	}
	b.NewQuote, err = call.Patched(said, b.NewQuote)
	return err
}

// copiedLines are the lines as those of another quote: the same, parts of configurations included, under other ids.
func (r *record) copiedLines(c *call.Call) []contract.Line {
	lines, copies := slices.Clone(r.Lines), map[string]string{}
	for i := range lines { // a part comes after what it is a part of
		l := &lines[i]
		copies[l.ID] = ids.New(ids.QuoteLine, c.Now)
		l.ID, l.ParentLineID = copies[l.ID], copies[l.ParentLineID]
	}
	return lines
}

// fromDeal takes over customer, contacts, parties and the products that can be quoted.
func (b *beginning) fromDeal(ctx context.Context, c *call.Call) error {
	if b.DealID == "" {
		return nil
	}
	deal, err := readDeal(ctx, c, b.DealID)
	if err != nil {
		return err
	}
	if b.Customer.Name == "" {
		b.Customer = deal.Customer
	}
	if b.Contacts == nil {
		b.Contacts = deal.Contacts
	}
	if b.Parties == nil {
		b.Parties = deal.Parties
	}
	if b.ProgramID == "" {
		b.ProgramID = deal.ProgramID
	}
	if b.Currency == "" {
		b.Currency = deal.Amount.Currency()
	}
	if len(b.Lines) > 0 || b.ConfigurationID != "" {
		return nil
	}
	for _, p := range deal.Products {
		if p.SKU == "" {
			b.notes = append(b.notes, contract.Note{
				Code: contract.NoteCodeDealProductSkipped, Ref: deal.ID, Message: "The deal names no SKU of " + p.Family + ": add its products yourself.",
			})
			continue
		}
		b.Lines = append(b.Lines, contract.LineInput{SKU: p.SKU, Quantity: p.Quantity, TermMonths: p.TermMonths})
	}
	return nil
}

// readDeal returns a deal of the caller's.
func readDeal(ctx context.Context, c *call.Call, id string) (*deals.Deal, error) {
	deal := new(deals.Deal)
	doc, err := c.Tx.Deal(ctx, id)
	if err == nil {
		err = json.Unmarshal([]byte(doc), deal)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("deal %s: %w", id, err)
	}
	if deal.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid("/deal_id", "invalid_value", "You have no deal of this id.")
	}
	return deal, nil
}

// fromConfiguration quotes one of what was configured.
func (b *beginning) fromConfiguration(context.Context, *call.Call) error {
	if b.ConfigurationID == "" {
		return nil
	}
	b.Lines = slices.Concat([]contract.LineInput{{ConfigurationID: b.ConfigurationID}}, b.Lines)
	return nil
}
