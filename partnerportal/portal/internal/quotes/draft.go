package quotes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Create makes a draft, priced.
func (s *Service) Create(ctx context.Context, body *contract.NewQuote) (*contract.Quote, error) {
	c := call.From(ctx)
	d, err := s.draft(ctx, c, *body)
	if err != nil {
		return nil, err
	}
	number, err := c.Tx.NextNumber(ctx, quoteResource)
	if err != nil {
		return nil, err
	}
	d.Number = fmt.Sprintf("Q-%06d", number)
	d.tellCreated()
	return d.answer(ctx, c)
}

// tellCreated says that the version is there, with what its deal and its session keep of it.
func (d *dossier) tellCreated() {
	d.tell(contract.EventCreated, known("deal_id", d.DealID))
	d.told[len(d.told)-1].Payload = feed.QuoteMade{QuoteID: d.ID, Number: d.Number, DealID: d.DealID, SessionID: d.SessionID}
}

// Preview prices without storing anything.
func (s *Service) Preview(ctx context.Context, body *contract.NewQuote) (*contract.Preview, error) {
	c := call.From(ctx)
	d, err := s.draft(ctx, c, *body)
	if err != nil {
		return nil, err
	}
	p := &contract.Preview{
		Currency: d.Currency, Customer: d.Customer, Lines: d.Lines, Totals: d.Totals, Pricing: d.Pricing, ApprovalNeeded: d.ApprovalNeeded,
	}
	if !d.ApprovalNeeded {
		return p, nil
	}
	policy, err := policyOf(ctx, c, d.ProgramID)
	if err != nil {
		return nil, err
	}
	p.ApprovalRole, _ = decider(policy, d.unapproved(policy))
	return p, nil
}

// draft makes a quote of what a partner says. It is not saved yet, and has no number.
func (s *Service) draft(ctx context.Context, c *call.Call, said contract.NewQuote) (*dossier, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	d := &dossier{record: record{Stored: quoting.Stored{Quote: contract.Quote{
		ID: ids.New(ids.Quote, c.Now), Version: 1, Latest: true, PartnerID: c.Caller.PartnerID, Status: contract.StatusDraft,
		Lines: []contract.Line{}, Livemode: c.Live, CreatedAt: c.Now, CreatedBy: c.Caller.Actor(),
	}}}}
	start := &beginning{NewQuote: said}
	for _, from := range []func(context.Context, *call.Call) error{start.fromSession, start.fromQuote, start.fromDeal, start.fromConfiguration} {
		if err := from(ctx, c); err != nil {
			return nil, err
		}
	}
	d.DealID, d.SessionID, d.CopiedFrom, d.Currency = start.DealID, start.SessionID, said.QuoteID, start.Currency
	if err := d.setProgram(ctx, c, start.ProgramID); err != nil {
		return nil, err
	}
	if err := d.say(ctx, c, start.NewQuote, start.lines); err != nil {
		return nil, err
	}
	if err := d.price(ctx, c); err != nil {
		return nil, err
	}
	d.Pricing.Notes = append(d.Pricing.Notes, start.notes...)
	return d, nil
}

// setProgram is the programme whose policy counts: one of the partner's, its own when none is named.
func (d *dossier) setProgram(ctx context.Context, c *call.Call, programID string) error {
	partner, err := directory.LoadPartner(ctx, c.Tx, d.PartnerID)
	if err != nil {
		return err
	}
	d.ProgramID = cmp.Or(programID, partner.ProgramID)
	if d.ProgramID == partner.ProgramID {
		return nil
	}
	members, err := directory.MembersOf(ctx, c.Tx, d.PartnerID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(members, func(m *directory.Member) bool { return m.ProgramID == d.ProgramID && m.Stands() }) {
		return problem.Invalid("/program_id", "invalid_value", "Name a programme that you are a member of, or leave it out.")
	}
	return nil
}

// said is what the partner says of the quote, apart from all that the portal says.
func (r *record) said() contract.NewQuote {
	n := contract.NewQuote{
		SpecialPricingID: r.SpecialPricingID, Customer: r.Customer, Contacts: r.Contacts, Parties: r.Parties, Title: r.Title,
		Adjustments: r.Adjustments, PromotionCodes: r.PromotionCodes, Terms: r.Terms, Notes: r.Notes, ExternalRefs: r.ExternalRefs,
	}
	if r.OwnTerm {
		n.ValidUntilOn = r.ValidUntilOn
	}
	for i := range r.Lines {
		n.Lines = append(n.Lines, r.Lines[i].Input())
	}
	return n
}

// say puts into the quote what the partner says of it. Lines that it had may be named.
func (d *dossier) say(ctx context.Context, c *call.Call, said contract.NewQuote, lines []contract.Line) error {
	if err := d.setTerm(ctx, c, said.ValidUntilOn); err != nil {
		return err
	}
	if err := d.setSpecial(ctx, c, said.SpecialPricingID); err != nil {
		return err
	}
	d.Customer, d.Contacts, d.Parties, d.Title, d.Adjustments = said.Customer, said.Contacts, said.Parties, said.Title, said.Adjustments
	d.PromotionCodes, d.Terms, d.Notes, d.ExternalRefs = said.PromotionCodes, said.Terms, said.Notes, said.ExternalRefs
	return d.setLines(ctx, c, said.Lines, lines)
}

// setTerm sets until when the quote shall be valid, which must be in the future.
func (d *dossier) setTerm(ctx context.Context, c *call.Call, until partnerportal.Date) error {
	if until == d.ValidUntilOn {
		return nil
	}
	d.ValidUntilOn, d.OwnTerm = until, !until.IsZero()
	if !d.OwnTerm {
		return nil
	}
	program, err := directory.Load(ctx, c.Tx, d.ProgramID)
	if err != nil {
		return err
	}
	if until.Before(program.Today(c.Now)) {
		return problem.Invalid("/valid_until_on", "out_of_range", "Give today or a day to come.")
	}
	return nil
}

// setSpecial names special pricing that the quote can use. What it used already it may keep: once it is over, it gives nothing any more.
func (d *dossier) setSpecial(ctx context.Context, c *call.Call, id string) error {
	if id == d.SpecialPricingID {
		return nil
	}
	d.SpecialPricingID = id
	if id == "" {
		return nil
	}
	b, err := readSpecial(ctx, c, id)
	if isNotFound(err) {
		return problem.Invalid("/special_pricing_id", "invalid_value", "You have no special pricing of this id.")
	}
	switch {
	case err != nil:
		return err
	case !slices.Contains(usable, b.Status):
		return problem.Invalid("/special_pricing_id", "invalid_state", "The special pricing is "+problem.Words(string(b.Status))+".")
	case b.DealID != d.DealID && b.DealID != "":
		return problem.Invalid("/special_pricing_id", "invalid_value", "The special pricing is for another deal.")
	}
	return nil
}

// Update changes a draft, and prices it.
func (s *Service) Update(ctx context.Context, quoteID, ifMatch string, body *contract.Patch) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionUpdate)
	if err != nil {
		return nil, err
	}
	changed, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	said, err := call.Patched(d.said(), body)
	if err != nil {
		return nil, err
	}
	if err := d.say(ctx, c, said, d.Lines); err != nil {
		return nil, err
	}
	if err := d.price(ctx, c); err != nil {
		return nil, err
	}
	d.tell(contract.EventUpdated, nil, changed...)
	return d.answer(ctx, c)
}
