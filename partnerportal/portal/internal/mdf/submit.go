package mdf

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
)

// SubmitRequest asks for the money.
func (s *Service) SubmitRequest(ctx context.Context, id, ifMatch string) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionSubmit, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := d.submit(ctx, c, contract.RequestActionSubmit); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

// ResubmitRequest asks again, with the changes that the vendor wanted.
func (s *Service) ResubmitRequest(ctx context.Context, id, ifMatch string) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionResubmit, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := d.submit(ctx, c, contract.RequestActionResubmit); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

// submit finds the money and sets it aside.
func (d *dossier) submit(ctx context.Context, c *call.Call, action contract.RequestAction) error {
	f, err := d.choose(ctx, c)
	if err != nil {
		return err
	}
	if f.Rules.HoldOn == contract.HoldOnSubmit && d.purse != nil {
		if err := d.hold(d.RequestedTotal, c.Now); err != nil {
			return err
		}
	}
	if err := d.enter(c, action, contract.RequestStatusSubmitted); err != nil {
		return err
	}
	happened := happened{event: contract.EventRequestResubmitted, fields: []string{"/status"}, facts: map[string]any{
		"number": d.Number, "fund_id": d.FundID, "amount": d.RequestedTotal.Amount(), "currency": f.Currency,
	}}
	d.Review.Message, d.Review.Changes, d.Review.ChangesDueAt = "", nil, time.Time{}
	if action == contract.RequestActionSubmit {
		d.SubmittedAt, happened.event = c.Now, contract.EventRequestSubmitted
		if opened := d.Telemetry.FormOpenedAt; !opened.IsZero() {
			d.Telemetry.ElapsedSeconds = int(c.Now.Sub(opened) / time.Second)
		}
		happened.payload = d.timed()
	}
	d.told = append(d.told, happened)
	return nil
}

// timed is how long a person took to ask, in this call or in those before.
func (d *dossier) timed() feed.Timed {
	t := d.timing
	t.ActiveSeconds, t.FieldsTyped, t.FieldsPrefilled = d.Telemetry.ActiveSeconds, d.Telemetry.FieldsTyped, d.Telemetry.FieldsPrefilled
	return feed.Timed{Flow: "mdf_request", Started: d.Telemetry.FormOpenedAt, Timing: t, Filled: d.filled}
}

// hold makes what is set aside for the request as much as this.
func (d *dossier) hold(amount partnerportal.Money, now time.Time) error {
	held := d.Held
	if held.IsZero() {
		held = none(amount.Currency())
	}
	what := purpose{requestID: d.ID}
	d.Held = amount
	if less(held, amount) {
		more, err := amount.Sub(held)
		if err != nil {
			return err
		}
		return d.purse.post(contract.EntryTypeHold, contract.AccountAvailable, contract.AccountHeld, more, what)
	}
	rest, err := held.Sub(amount)
	if err != nil {
		return err
	}
	return d.purse.free(contract.AccountHeld, rest, now, what)
}

// letGo gives back all that is set aside for a request that will not be approved.
func (d *dossier) letGo(ctx context.Context, c *call.Call) error {
	d.ClosedAt = c.Now
	if d.Held.Sign() == 0 {
		return nil
	}
	if err := d.opensPurse(ctx, c); err != nil {
		return err
	}
	return d.hold(none(d.Held.Currency()), c.Now)
}

// WithdrawRequest takes an undecided request back.
func (s *Service) WithdrawRequest(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionWithdraw, ifMatch)
	if err != nil {
		return nil, err
	}
	d.CloseNote = body.Text
	return d.withdraw(ctx, c, contract.RequestActionWithdraw, "")
}

func (d *dossier) withdraw(ctx context.Context, c *call.Call, action contract.RequestAction, reason string) (*contract.Request, error) {
	if err := d.enter(c, action, contract.RequestStatusWithdrawn); err != nil {
		return nil, err
	}
	if err := d.letGo(ctx, c); err != nil {
		return nil, err
	}
	d.tell(contract.EventRequestWithdrawn, map[string]any{"number": d.Number, "reason": reason}, "/status")
	return d.answer(ctx, c)
}
