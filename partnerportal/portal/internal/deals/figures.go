package deals

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// presumed is the chance of winning, in percent, of a deal that gives none.
const presumed = 50

// parts are what a deal adds to its partner's sums: while it is open to the pipeline, once it is won to the revenue. They depend on the
// stored record alone, so that what a later version takes out is what an earlier one put in.
func parts(r *record) ([]figures.Part, error) {
	switch r.Outcome {
	case contract.OutcomeWon:
		return []figures.Part{{Key: figures.Key{Name: figures.Revenue, Day: wonOn(r)}, Amount: r.Close.ActualAmount, Count: 1}}, nil
	case contract.OutcomeOpen:
	default:
		return nil, nil
	}
	amount, err := worth(r)
	if err != nil {
		return nil, err
	}
	chance := r.Probability
	if chance == 0 {
		chance = presumed
	}
	weighted, err := amount.Share(int64(chance), 100)
	if err != nil {
		return nil, err
	}
	open := []figures.Part{
		{Key: figures.Key{Name: figures.OpenPipeline}, Amount: amount, Count: 1},
		{Key: figures.Key{Name: figures.WeightedPipeline}, Amount: weighted},
	}
	if r.Status != contract.StatusApproved {
		return open, nil
	}
	// 24:00 of a day is the last instant of that day here, not the first of the next.
	end := partnerportal.DateOf(r.Protection.ExpiresAt.UTC().Add(-time.Microsecond))
	return append(open,
		figures.Part{Key: figures.Key{Name: figures.ProtectedDeals}, Amount: amount, Count: 1},
		figures.Part{Key: figures.Key{Name: figures.ExpiringDeals, Day: end}, Amount: amount, Count: 1},
	), nil
}

// worth is the deal's amount, or nothing in no currency.
func worth(r *record) (partnerportal.Money, error) {
	if r.Amount.IsZero() {
		return partnerportal.NewMoney(0, figures.NoCurrency)
	}
	return r.Amount, nil
}

// wonDay is the day of the revenue as it is searched, "" for a deal that brought none.
func (r *record) wonDay() string {
	if r.Outcome != contract.OutcomeWon {
		return ""
	}
	return wonOn(r).String()
}

// wonOn is the day of the revenue. Deals that were won before it was kept go by the instant, which is 24:00 for a day in the past.
func wonOn(r *record) partnerportal.Date {
	if r.WonOn.IsZero() {
		return partnerportal.DateOf(r.Close.ClosedAt.UTC().Add(-time.Microsecond))
	}
	return r.WonOn
}

// count moves the partner's sums from what the deal added to what it adds now.
func (d *dossier) count(ctx context.Context, c *call.Call) error {
	now, err := parts(&d.record)
	if err != nil {
		return err
	}
	if err := figures.Move(ctx, c.Tx, d.PartnerID, c.Now, d.counted, now); err != nil {
		return err
	}
	d.counted = now
	return nil
}

// countedSetting says in the store's settings that all deals have been counted.
const countedSetting = "deals.counted"

// CountAll counts the deals of a portal that is older than the sums, once. also is told of each, with the day of its revenue if it was won.
func CountAll(ctx context.Context, tx *store.Tx, now time.Time, also func(d *contract.Deal, wonOn partnerportal.Date) error) error {
	if _, err := tx.Setting(ctx, countedSetting); err == nil || !isNotFound(err) {
		return err
	}
	q := store.Query{Table: "deals", Sort: "created_at", Page: store.Page{Limit: 1000}}
	for {
		found, next, err := store.List(ctx, tx, q, scanDoc[record])
		if err != nil {
			return err
		}
		for _, r := range found {
			adds, err := parts(r)
			if err != nil {
				return err
			}
			if err := tx.SetWonOn(ctx, store.SetWonOnParams{ID: r.ID, WonOn: r.wonDay()}); err != nil {
				return err
			}
			if err := figures.Move(ctx, tx, r.PartnerID, now, nil, adds); err != nil {
				return err
			}
			if err := also(&r.Deal, wonOn(r)); err != nil {
				return err
			}
		}
		if q.Cursor = next; next == "" {
			return tx.SetSetting(ctx, store.SetSettingParams{Name: countedSetting, Value: "1"})
		}
	}
}
