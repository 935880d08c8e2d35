package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ListLines returns the records that a figure is the sum of.
func (s *Service) ListLines(ctx context.Context, figure string, params *contract.ListLinesParams) (*contract.LinePage, error) {
	v, err := s.screen(ctx, params.PartnerID, "")
	if err != nil {
		return nil, err
	}
	page := store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}
	var lines []contract.Line
	var next string
	switch figure {
	case contract.FigureRevenueYTD:
		lines, next, err = v.revenueLines(ctx, page)
	case contract.FigureOpenPipeline:
		lines, next, err = v.dealLines(ctx, page, deals.OutcomeOpen)
	case contract.FigureMDFAvailable:
		lines, next, err = v.mdfLines(ctx, page)
	case contract.FigureCommissionsDue:
		lines, next, err = v.commissionLines(ctx, page)
	default:
		return nil, fmt.Errorf("the contract has the figure %q, this portal has no lines of it", figure)
	}
	if err != nil {
		return nil, err
	}
	if params.Currency != "" { // a page may get shorter; its cursor still leads on
		lines = slices.DeleteFunc(lines, func(l contract.Line) bool { return l.Amount.Currency() != params.Currency })
	}
	return &contract.LinePage{Items: lines, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

func (v *screen) revenueLines(ctx context.Context, page store.Page) ([]contract.Line, string, error) {
	name, _ := v.sources.revenue()
	switch name {
	case figures.FinanceRevenue:
		return v.recordLines(ctx, page, financeKind)
	case figures.CRMRevenue:
		return v.recordLines(ctx, page, crmKind)
	}
	return v.dealLines(ctx, page, deals.OutcomeWon)
}

// dealLines are the deals with an outcome; of the won ones those of the year.
func (v *screen) dealLines(ctx context.Context, page store.Page, outcome deals.Outcome) ([]contract.Line, string, error) {
	q := store.Query{Table: "deals", Sort: "created_at", Desc: true, Page: page}
	q.Where("partner_id = ?", v.partner.ID)
	q.Where("outcome = ?", string(outcome))
	if outcome == deals.OutcomeWon {
		q.Where("won_on BETWEEN ? AND ?", v.yearStart().String(), v.today.String())
	}
	return store.List(ctx, v.c.Tx, q, func(dest func(...any) error) (contract.Line, error) {
		d, err := scanDoc[deals.Deal](dest)
		if err != nil {
			return contract.Line{}, err
		}
		line := contract.Line{ResourceType: "deal", ResourceID: d.ID, Number: d.Number, Status: string(d.Status), Amount: d.Amount, At: d.CreatedAt}
		if outcome == deals.OutcomeWon {
			line.Amount, line.At = d.Close.ActualAmount, d.Close.ClosedAt
		}
		if line.Amount.IsZero() { // a draft may have none yet, and is counted all the same
			line.Amount, err = partnerportal.NewMoney(0, figures.NoCurrency)
		}
		return line, err
	})
}

func (v *screen) commissionLines(ctx context.Context, page store.Page) ([]contract.Line, string, error) {
	q := store.Query{Table: "commissions", Sort: "created_at", Desc: true, Page: page}
	q.Where("partner_id = ?", v.partner.ID)
	q.Where("status IN (?, ?)", string(contract.CommissionStatusApproved), string(contract.CommissionStatusScheduled))
	return store.List(ctx, v.c.Tx, q, func(dest func(...any) error) (contract.Line, error) {
		k, err := scanDoc[contract.Commission](dest)
		if err != nil {
			return contract.Line{}, err
		}
		return contract.Line{ResourceType: commissionResource, ResourceID: k.ID, Status: string(k.Status), Amount: k.Amount, At: k.EarnedAt}, nil
	})
}

// mdfLines are what the allocations have available, or what finance has posted and what was held since.
func (v *screen) mdfLines(ctx context.Context, page store.Page) ([]contract.Line, string, error) {
	if v.sources.mdf() != nil {
		lines, err := v.postedLines(ctx)
		return lines, "", err
	}
	q := store.Query{Table: "mdf_allocations", Sort: "created_at", Desc: true, Page: page, Columns: "id, status, currency, available, created_at"}
	q.Where("partner_id = ?", v.partner.ID)
	q.Where("available <> 0")
	return store.List(ctx, v.c.Tx, q, func(dest func(...any) error) (contract.Line, error) {
		line := contract.Line{ResourceType: "mdf_allocation"}
		var currency string
		var available, createdAt int64
		err := dest(&line.ResourceID, &line.Status, &currency, &available, &createdAt)
		if err != nil {
			return line, err
		}
		line.At = store.Time(createdAt)
		line.Amount, err = partnerportal.NewMoney(available, currency)
		return line, err
	})
}

func (v *screen) postedLines(ctx context.Context) ([]contract.Line, error) {
	posted, err := v.posted(ctx)
	if err != nil {
		return nil, err
	}
	lines := []contract.Line{}
	for _, b := range posted {
		at := store.Time(b.record.At)
		lines = append(lines, contract.Line{ResourceType: "posted_balance", ResourceID: b.record.ID, Amount: b.posted, At: at})
		if b.unseen.Sign() == 0 {
			continue
		}
		less, err := b.unseen.Neg()
		if err != nil {
			return nil, err
		}
		lines = append(lines, contract.Line{ResourceType: "mdf_holds", ResourceID: b.record.ID, Amount: less, At: at})
	}
	return lines, nil
}

// recordLines are what another system says was sold in the year.
func (v *screen) recordLines(ctx context.Context, page store.Page, kind string) ([]contract.Line, string, error) {
	q := store.Query{Table: "source_records", Sort: "at", Desc: true, Page: page, Columns: "id, currency, amount, at"}
	q.Where("partner_id = ?", v.partner.ID)
	q.Where("kind = ?", kind)
	q.Where("type = ?", revenueRecords)
	q.Where("day BETWEEN ? AND ?", v.yearStart().String(), v.today.String())
	return store.List(ctx, v.c.Tx, q, func(dest func(...any) error) (contract.Line, error) {
		line := contract.Line{ResourceType: kind + "_revenue"}
		var currency string
		var amount, at int64
		err := dest(&line.ResourceID, &currency, &amount, &at)
		if err != nil {
			return line, err
		}
		line.At = store.Time(at)
		line.Amount, err = partnerportal.NewMoney(amount, currency)
		return line, err
	})
}

func scanDoc[T any](dest func(...any) error) (*T, error) {
	var doc string
	if err := dest(&doc); err != nil {
		return nil, err
	}
	v := new(T)
	return v, json.Unmarshal([]byte(doc), v)
}
