package quotes

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Revise makes the next version, a draft priced as of now. The one before stays as it was, and is superseded.
func (s *Service) Revise(ctx context.Context, quoteID, ifMatch string) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionRevise)
	if err != nil {
		return nil, err
	}
	next := d.next(c)
	if err := d.enter(c, contract.ActionRevise, contract.StatusSuperseded); err != nil {
		return nil, err
	}
	d.Latest, d.NextVersionID = false, next.ID
	d.tell(contract.EventSuperseded, nil, "/status", "/latest", "/next_version_id")
	if err := d.save(ctx, c); err != nil { // first: the next version takes its references over
		return nil, err
	}
	if err := next.priceOrKeep(ctx, c); err != nil {
		return nil, err
	}
	next.tellCreated()
	return next.answer(ctx, c)
}

// next is the next version before it is priced.
func (d *dossier) next(c *call.Call) *dossier {
	n := &dossier{record: record{Stored: d.Stored, OwnTerm: d.OwnTerm}}
	n.ID, n.Version, n.Revision, n.PreviousVersionID = ids.New(ids.Quote, c.Now), d.Version+1, 0, d.ID
	n.Status, n.Latest, n.CreatedAt, n.CreatedBy = contract.StatusDraft, true, c.Now, c.Caller.Actor()
	n.CopiedFrom, n.CloseNote, n.Approvals, n.Documents = "", "", nil, nil
	n.Acceptance, n.Decline, n.PresentedAt, n.AcceptedAt, n.ExpiresAt = contract.Acceptance{}, contract.Decline{}, time.Time{}, time.Time{}, time.Time{}
	if over := !d.ExpiresAt.IsZero() && !c.Now.Before(d.ExpiresAt); over || !n.OwnTerm {
		n.ValidUntilOn, n.OwnTerm = partnerportal.Date{}, false
	}
	return n
}

// priceOrKeep prices the quote, or leaves it with the prices of before, to be changed, and says why.
func (d *dossier) priceOrKeep(ctx context.Context, c *call.Call) error {
	err := d.price(ctx, c)
	refusal, ok := errors.AsType[*partnerportal.Error](err)
	if !ok {
		return err
	}
	d.Pricing.FreshUntil = time.Time{}
	d.Pricing.Notes = append(slices.Clone(d.Pricing.Notes), contract.Note{Code: contract.NoteCodeNotPriced, Ref: string(refusal.Code), Message: refusal.Detail})
	return nil
}
