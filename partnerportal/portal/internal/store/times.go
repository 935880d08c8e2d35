package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/internal/db"
)

// TimesQuery asks for the times of one form in some days. Empty lists keep all.
type TimesQuery struct {
	Flow           string
	FromDay, ToDay int64
	PartnerIDs     []string
	TierIDs        []string
}

// DayTimes are times of one day.
type DayTimes struct {
	Day       int64
	Abandoned int         // forms that were given up
	Times     map[int]int // how often each number of seconds occurred
}

// AddTiming stores how long a form took, and adds it to the sums of its day. It reports false when the resource has its time already.
func (t *Tx) AddTiming(ctx context.Context, timing InsertTimingParams) (added bool, err error) {
	if n, err := t.InsertTiming(ctx, timing); err != nil || n == 0 {
		return false, err
	}
	if err := t.Lock(ctx, fmt.Sprintf("times %s %d %s", timing.Flow, timing.Day, timing.TierID)); err != nil {
		return false, err
	}
	times := map[int]int{}
	doc, err := t.FlowDay(ctx, db.FlowDayParams{Flow: timing.Flow, Day: timing.Day, TierID: timing.TierID})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if doc != "" {
		if err := json.Unmarshal([]byte(doc), &times); err != nil {
			return false, fmt.Errorf("times of %s: %w", timing.Flow, err)
		}
	}
	sums := db.AddToFlowDayParams{Flow: timing.Flow, Day: timing.Day, TierID: timing.TierID, Abandoned: timing.Abandoned}
	if timing.Abandoned == 0 {
		times[int(timing.Seconds)]++
		sums.Forms, sums.Typed, sums.Prefilled = 1, timing.Typed, timing.Prefilled
	}
	data, err := json.Marshal(times)
	if err != nil {
		return false, err
	}
	sums.Times = string(data)
	return true, t.AddToFlowDay(ctx, sums)
}

// Times returns times by day, in the order of the days. A day may come several times.
func (t *Tx) Times(ctx context.Context, ask TimesQuery) ([]DayTimes, error) {
	if len(ask.PartnerIDs) > 0 {
		return t.ownTimes(ctx, ask)
	}
	text, args := ask.sql("SELECT day, abandoned, times FROM flow_days", " ORDER BY day, tier_id")
	return times(ctx, t, text, args, func(scan func(...any) error, d *DayTimes) error {
		var doc string
		if err := scan(&d.Day, &d.Abandoned, &doc); err != nil {
			return err
		}
		return json.Unmarshal([]byte(doc), &d.Times)
	})
}

// ownTimes counts the times of single partners, of which there are few.
func (t *Tx) ownTimes(ctx context.Context, ask TimesQuery) ([]DayTimes, error) {
	text, args := ask.sql("SELECT day, abandoned, seconds, count(*) FROM flow_timings", " GROUP BY day, abandoned, seconds ORDER BY day, abandoned, seconds")
	return times(ctx, t, text, args, func(scan func(...any) error, d *DayTimes) error {
		var abandoned, seconds, n int
		if err := scan(&d.Day, &abandoned, &seconds, &n); err != nil {
			return err
		}
		if abandoned != 0 {
			d.Abandoned = n
			return nil
		}
		d.Times = map[int]int{seconds: n}
		return nil
	})
}

func times(ctx context.Context, t *Tx, text string, args []any, read func(scan func(...any) error, d *DayTimes) error) (days []DayTimes, err error) {
	err = t.each(ctx, text, args, func(scan func(...any) error) error {
		var d DayTimes
		err := read(scan, &d)
		days = append(days, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("times: %w", err)
	}
	return days, nil
}

func (ask TimesQuery) sql(from, after string) (text string, args []any) {
	var q Query
	q.Where("flow = ?", ask.Flow)
	q.Where("day >= ?", ask.FromDay)
	q.Where("day <= ?", ask.ToDay)
	WhereIn(&q, "partner_id", ask.PartnerIDs)
	WhereIn(&q, "tier_id", ask.TierIDs)
	return numbered(from + q.where() + after), q.args
}
