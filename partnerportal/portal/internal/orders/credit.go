package orders

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// creditRecords is what the account room calls what finance gives, among the records of other systems.
const creditRecords = "credit"

// Credit returns what a partner can still order.
func (s *Service) Credit(ctx context.Context, params *contract.CreditParams) (*contract.Credit, error) {
	c := call.From(ctx)
	partnerID := c.Caller.PartnerID
	switch {
	case !c.Caller.Vendor() && params.PartnerID != "" && params.PartnerID != partnerID:
		return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
	case c.Caller.Vendor() && params.PartnerID == "":
		return nil, problem.BadQuery("?partner_id", "required", "Say which partner you ask about.")
	case c.Caller.Vendor():
		if _, err := directory.LoadPartner(ctx, c.Tx, params.PartnerID); err != nil {
			return nil, call.OrNotFound(err, "partner")
		}
		partnerID = params.PartnerID
	}
	return s.credit(ctx, c, partnerID)
}

// credit is what finance gave, less what was ordered since: finance does not know of an order before it has seen it.
func (s *Service) credit(ctx context.Context, c *call.Call, partnerID string) (*contract.Credit, error) {
	found := &contract.Credit{Limits: []contract.CreditLimit{}}
	if !s.finance {
		return found, nil
	}
	from, err := s.stamp(ctx, c)
	if err != nil {
		return nil, err
	}
	given, err := c.Tx.SourceRecordsOf(ctx, store.SourceRecordsOfParams{PartnerID: partnerID, Kind: source.KindFinance, Type: creditRecords})
	if err != nil {
		return nil, err
	}
	if len(given) > 0 || from.Error != "" {
		found.Source = from
	}
	for _, record := range given {
		ordered, err := c.Tx.OrderedSince(ctx, store.OrderedSinceParams{PartnerID: partnerID, Currency: record.Currency, AfterTime: record.At})
		if err != nil {
			return nil, err
		}
		limit, err := newLimit(record, ordered)
		if err != nil {
			return nil, err
		}
		found.Limits = append(found.Limits, limit)
	}
	return found, nil
}

func newLimit(record store.SourceRecord, ordered int64) (l contract.CreditLimit, err error) {
	if l.Given, err = partnerportal.NewMoney(record.Amount, record.Currency); err != nil {
		return l, err
	}
	if l.Ordered, err = partnerportal.NewMoney(ordered, record.Currency); err != nil {
		return l, err
	}
	l.Available, err = l.Given.Sub(l.Ordered)
	return l, err
}

// stamp says which system finance is, as of when it was read, and whether that is too long ago.
func (s *Service) stamp(ctx context.Context, c *call.Call) (partnerportal.SourceStamp, error) {
	stamp := partnerportal.SourceStamp{System: source.KindFinance, Kind: source.KindFinance}
	rows, err := c.Tx.Sources(ctx)
	if err != nil {
		return stamp, err
	}
	for _, row := range rows {
		if row.Kind != source.KindFinance {
			continue
		}
		var read partnerportal.SourceStamp // of what is stored, the members that a stamp has too
		if err := json.Unmarshal([]byte(row.Doc), &read); err != nil {
			return stamp, fmt.Errorf("source %s: %w", row.Kind, err)
		}
		stamp.System, stamp.AsOf, stamp.Stale = read.System, read.AsOf, read.AsOf.Before(c.Now.Add(-s.freshFor))
	}
	if stamp.AsOf.IsZero() {
		stamp.Stale, stamp.Error = false, "The system has not been read yet."
	}
	return stamp, nil
}

// checkCredit refuses an order above the partner's credit. Only what finance gives in the order's own currency counts: nothing is converted.
func (s *Service) checkCredit(ctx context.Context, c *call.Call, o *contract.Order) error {
	all, err := s.credit(ctx, c, o.PartnerID)
	if err != nil {
		return err
	}
	total := o.Totals.Total
	for _, l := range all.Limits {
		if l.Available.Currency() != total.Currency() || total.TenThousandths() <= l.Available.TenThousandths() {
			continue
		}
		missing, err := total.Sub(l.Available)
		if err != nil {
			return err
		}
		e := refuse(contract.ErrCreditLimit, fmt.Sprintf("Your credit is %v, and the order is %v above it.", l.Available, missing))
		return problem.With(problem.With(problem.With(e, "available", l.Available), "missing", missing), "source", all.Source)
	}
	return nil
}
