package account

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// CompletePayout reports that the money has arrived: the commissions are paid.
func (s *Service) CompletePayout(ctx context.Context, payoutID, ifMatch string, body *contract.PayoutReport) (*contract.Payout, error) {
	return s.settlePayout(ctx, payoutID, ifMatch, contract.PayoutActionComplete, func(c *call.Call, p *payout) (func(*commission), error) {
		today, err := today(ctx, c, p.PartnerID)
		if err != nil {
			return nil, err
		}
		if p.PaidOn, p.TraceID = body.PaidOn, body.TraceID; p.PaidOn.IsZero() {
			p.PaidOn = today
		}
		if p.PaidOn.After(today) {
			return nil, problem.Invalid("/paid_on", "out_of_range", "The day is yet to come. Give today or earlier.")
		}
		return func(k *commission) { k.Status, k.PaidOn = paid, p.PaidOn }, nil
	})
}

// FailPayout reports that the payment did not arrive; the commissions wait with it.
func (s *Service) FailPayout(ctx context.Context, payoutID, ifMatch string, body *contract.PayoutFailure) (*contract.Payout, error) {
	return s.settlePayout(ctx, payoutID, ifMatch, contract.PayoutActionFail, func(_ *call.Call, p *payout) (func(*commission), error) {
		p.FailureReason = body.Reason
		return nil, nil
	})
}

// RetryPayout schedules a failed payment again.
func (s *Service) RetryPayout(ctx context.Context, payoutID, ifMatch string) (*contract.Payout, error) {
	return s.settlePayout(ctx, payoutID, ifMatch, contract.PayoutActionRetry, func(_ *call.Call, p *payout) (func(*commission), error) {
		p.FailureReason = ""
		return nil, nil
	})
}

// CancelPayout gives the commissions back, to be paid another time.
func (s *Service) CancelPayout(ctx context.Context, payoutID, ifMatch string, body *contract.PayoutFailure) (*contract.Payout, error) {
	return s.settlePayout(ctx, payoutID, ifMatch, contract.PayoutActionCancel, func(_ *call.Call, p *payout) (func(*commission), error) {
		p.FailureReason = body.Reason
		return func(k *commission) { k.Status, k.PayoutID = approved, "" }, nil
	})
}

// settlePayout takes a payout through an action. do changes the payout and says what becomes of its commissions, nil for nothing.
func (s *Service) settlePayout(ctx context.Context, id, ifMatch string, action contract.PayoutAction, do func(c *call.Call, p *payout) (func(*commission), error)) (*contract.Payout, error) {
	c := call.From(ctx)
	if c.Caller.Side == partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	p, lines, err := readPayout(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The "+payoutResource, ifMatch, p.Revision); err != nil {
		return nil, err
	}
	t := payoutTable[slices.IndexFunc(payoutTable, func(t payoutTransition) bool { return t.action == action })]
	if !slices.Contains(t.from, p.Status) {
		return nil, problem.Untimely(payoutResource, p.Status, action, allowedOnPayout(p, c.Caller))
	}
	each, err := do(c, p)
	if err != nil {
		return nil, err
	}
	p.Status = t.to
	if err := p.update(ctx, c, t.event); err != nil || each == nil {
		return p.view(c, lines), err
	}
	docs, err := c.Tx.CommissionsOfPayout(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, doc := range docs {
		k, err := decodeCommission(doc)
		if err != nil {
			return nil, err
		}
		each(k)
		if err := k.update(ctx, c, ""); err != nil {
			return nil, err
		}
	}
	return p.view(c, lines), nil
}

func (p *payout) update(ctx context.Context, c *call.Call, event string) error {
	read := p.Revision
	p.Revision, p.UpdatedAt = read+1, c.Now
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := store.Changed(c.Tx.UpdatePayout(ctx, store.UpdatePayoutParams{
		ID: p.ID, Revision: read, Status: string(p.Status), ScheduledOn: p.ScheduledOn.String(), UpdatedAt: store.Micros(c.Now), Doc: string(doc),
	})); err != nil {
		return err
	}
	return p.tell(ctx, c, event)
}

// today is the day that it is in the time zone of the partner's programme.
func today(ctx context.Context, c *call.Call, partnerID string) (partnerportal.Date, error) {
	partner, err := directory.LoadPartner(ctx, c.Tx, partnerID)
	if err != nil {
		return partnerportal.Date{}, err
	}
	rules, err := directory.Load(ctx, c.Tx, partner.ProgramID)
	if err != nil {
		return partnerportal.Date{}, err
	}
	return rules.Today(c.Now), nil
}

// Statement writes a payout down for the partner's books.
func (s *Service) Statement(ctx context.Context, payoutID string) (*partnerportal.Download, error) {
	p, lines, err := readPayout(ctx, call.From(ctx), payoutID)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true // RFC 4180
	rows := [][]string{{"commission", "kind", "deal", "earned_at", "basis", "rate_percent", "amount", "currency", "order"}}
	for _, l := range lines {
		basis := ""
		if !l.BasisAmount.IsZero() {
			basis = l.BasisAmount.Amount()
		}
		rows = append(rows, []string{l.CommissionID, string(l.Kind), l.DealID, l.EarnedAt.UTC().Format(time.RFC3339), basis, l.RatePercent, l.Amount.Amount(), l.Amount.Currency(), l.OrderID})
	}
	if p.TaxWithheld.Sign() > 0 {
		less, err := p.TaxWithheld.Neg()
		if err != nil {
			return nil, err
		}
		rows = append(rows, []string{"", "tax_withheld", "", "", "", "", less.Amount(), less.Currency(), ""})
	}
	rows = append(rows, []string{p.Number, "total", "", "", "", "", p.Amount.Amount(), p.Amount.Currency(), ""})
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return &partnerportal.Download{ReadCloser: seekable{bytes.NewReader(b.Bytes())}, Name: p.Number + ".csv", MediaType: "text/csv", Size: int64(b.Len())}, nil
}

// seekable is a statement in memory, of which parts can be asked for.
type seekable struct{ io.ReadSeeker }

func (seekable) Close() error { return nil }
