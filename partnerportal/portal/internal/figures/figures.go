// Package figures keeps sums over each partner's records: the worth of its open deals, the accounts of its MDF. A room that
// changes a record moves the sums in the same transaction, so that they are right at every commit and cost the same to read
// whether a partner has ten records or a hundred thousand.
package figures

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Key names a sum of a partner's.
type Key struct {
	Name string
	Day  partnerportal.Date // zero for sums that are of no day
}

// Part is what one record adds to a sum. A record that has no part in it adds none.
type Part struct {
	Key

	Amount partnerportal.Money
	Count  int64 // 1 when the record is to be counted, else 0
}

// Move takes out of the sums what a record added to them before, and puts in what it adds now. A record that is new had no parts
// before; one that is deleted has none now.
func Move(ctx context.Context, tx *store.Tx, partnerID string, now time.Time, before, after []Part) error {
	changes := map[row]change{}
	for _, side := range []struct {
		parts []Part
		sign  int64
	}{{after, 1}, {before, -1}} {
		for _, p := range side.parts {
			c, ok := changes[p.row()].plus(p, side.sign)
			if !ok {
				return tooLarge()
			}
			changes[p.row()] = c
		}
	}
	rows := make([]row, 0, len(changes))
	for r, c := range changes {
		if c != (change{}) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, row.compare) // all take the rows in one order, so that none wait for each other in a ring
	for _, r := range rows {
		if err := fits(ctx, tx, partnerID, r, changes[r]); err != nil {
			return err
		}
		if err := tx.MoveFigure(ctx, store.MoveFigureParams{
			PartnerID: partnerID, Name: r.name, Day: r.day, Currency: r.currency, N: changes[r].n, Amount: changes[r].amount, ChangedAt: store.Micros(now),
		}); err != nil {
			return err
		}
	}
	return nil
}

// large is the change, in ten-thousandths, from which on a few of them might leave what a sum can hold.
const large = 1e17

// fits refuses a change that would make a sum too large. It looks only at amounts that hardly anybody has.
func fits(ctx context.Context, tx *store.Tx, partnerID string, r row, c change) error {
	if -large < c.amount && c.amount < large {
		return nil
	}
	sums, err := read(ctx, tx, partnerID, r.name, r.day, r.day)
	if err != nil {
		return err
	}
	for _, s := range sums {
		if s.Amount.Currency() != r.currency {
			continue
		}
		moved, err := partnerportal.NewMoney(c.amount, r.currency)
		if err != nil {
			return err
		}
		if _, err := s.Amount.Add(moved); err != nil {
			return tooLarge()
		}
	}
	return nil
}

func tooLarge() error {
	return problem.Invalid("/amount", "out_of_range", "With this amount the partner's sums would be too large to be held.")
}

// Sum is one sum in one currency.
type Sum struct {
	Amount    partnerportal.Money
	Count     int64
	ChangedAt time.Time
}

// All returns all sums that are of no day, by name, each in the order of the currencies.
func All(ctx context.Context, tx *store.Tx, partnerID string) (map[string][]Sum, error) {
	rows, err := tx.UndatedFigures(ctx, partnerID)
	if err != nil {
		return nil, err
	}
	all := map[string][]Sum{}
	for _, r := range rows {
		amount, err := partnerportal.NewMoney(r.Amount, r.Currency)
		if err != nil {
			return nil, err
		}
		all[r.Name] = append(all[r.Name], Sum{Amount: amount, Count: r.N, ChangedAt: store.Time(r.ChangedAt)})
	}
	return all, nil
}

// Of returns the sums of a name that are of no day, one for each currency, in the order of the currencies.
func Of(ctx context.Context, tx *store.Tx, partnerID, name string) ([]Sum, error) {
	return read(ctx, tx, partnerID, name, "", "")
}

// Between returns the sums of a name over the days from and to, both included, one for each currency, in the order of the currencies.
func Between(ctx context.Context, tx *store.Tx, partnerID, name string, from, to partnerportal.Date) ([]Sum, error) {
	return read(ctx, tx, partnerID, name, from.String(), to.String())
}

func read(ctx context.Context, tx *store.Tx, partnerID, name, from, to string) ([]Sum, error) {
	rows, err := tx.Figures(ctx, store.FiguresParams{PartnerID: partnerID, Name: name, FromDay: from, ToDay: to})
	if err != nil {
		return nil, err
	}
	var sums []Sum
	for _, r := range rows {
		amount, err := partnerportal.NewMoney(r.Amount, r.Currency)
		if err != nil {
			return nil, err
		}
		i, found := slices.BinarySearchFunc(sums, r.Currency, func(s Sum, currency string) int { return cmp.Compare(s.Amount.Currency(), currency) })
		if !found {
			sums = slices.Insert(sums, i, Sum{Amount: amount, Count: r.N, ChangedAt: store.Time(r.ChangedAt)})
			continue
		}
		if sums[i].Amount, err = sums[i].Amount.Add(amount); err != nil {
			return nil, err
		}
		sums[i].Count += r.N
		if at := store.Time(r.ChangedAt); at.After(sums[i].ChangedAt) {
			sums[i].ChangedAt = at
		}
	}
	return sums, nil
}

// row is where a sum is stored.
type row struct{ name, day, currency string }

func (r row) compare(other row) int {
	return cmp.Or(cmp.Compare(r.name, other.name), cmp.Compare(r.day, other.day), cmp.Compare(r.currency, other.currency))
}

func (p Part) row() row {
	day := ""
	if !p.Day.IsZero() {
		day = p.Day.String()
	}
	return row{p.Name, day, p.Amount.Currency()}
}

// change is what is added to a sum.
type change struct{ n, amount int64 }

// plus is not ok where what many parts change together cannot be held.
func (c change) plus(p Part, sign int64) (sum change, ok bool) {
	more := sign * p.Amount.TenThousandths()
	sum = change{c.n + sign*p.Count, c.amount + more}
	return sum, (sum.amount > c.amount) == (more > 0)
}
