package store

import (
	"context"
	"fmt"
)

// OutcomesQuery asks for what became of the quotes that were made in some days. Empty lists keep all.
type OutcomesQuery struct {
	FromDay, ToDay int64
	PartnerIDs     []string
	TierIDs        []string
}

// DayOutcomes is what became of the quotes of one day.
type DayOutcomes struct {
	Day       int64
	Quotes    int
	InSession int // made in a session
	Ordered   int
	AtOnce    int // ordered in the session in which they were made
}

// QuoteOutcomes returns what became of quotes by the day on which they were made, in the order of the days; and of those that were
// ordered in the session in which they were made, how many took how many minutes.
func (t *Tx) QuoteOutcomes(ctx context.Context, ask OutcomesQuery) (days []DayOutcomes, minutes map[int]int, err error) {
	text, args := ask.sql(`SELECT day, count(*), sum(CASE WHEN session_id <> '' THEN 1 ELSE 0 END), sum(CASE WHEN ordered_at > 0 THEN 1 ELSE 0 END), CAST(sum(at_once) AS bigint)
FROM quote_outcomes`, " GROUP BY day ORDER BY day")
	err = t.each(ctx, text, args, func(scan func(...any) error) error {
		var d DayOutcomes
		err := scan(&d.Day, &d.Quotes, &d.InSession, &d.Ordered, &d.AtOnce)
		days = append(days, d)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("outcomes of quotes: %w", err)
	}
	minutes = map[int]int{}
	text, args = ask.sql("SELECT (ordered_at - made_at) / 60000000, count(*) FROM quote_outcomes", " AND at_once = 1 GROUP BY (ordered_at - made_at) / 60000000")
	err = t.each(ctx, text, args, func(scan func(...any) error) error {
		var taken, n int
		err := scan(&taken, &n)
		minutes[taken] = n
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("how long quotes took: %w", err)
	}
	return days, minutes, nil
}

func (ask OutcomesQuery) sql(from, after string) (text string, args []any) {
	var q Query
	q.Where("day >= ?", ask.FromDay)
	q.Where("day <= ?", ask.ToDay)
	WhereIn(&q, "partner_id", ask.PartnerIDs)
	WhereIn(&q, "tier_id", ask.TierIDs)
	return numbered(from + q.where() + after), q.args
}

// each hands every row of a query to read.
func (t *Tx) each(ctx context.Context, text string, args []any, read func(scan func(...any) error) error) error {
	rows, err := t.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
