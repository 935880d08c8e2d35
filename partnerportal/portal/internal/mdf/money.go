package mdf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// What is computed from a percentage is rounded half to even at the currency's minor unit, once, at the end. What is given is never
// rounded: an amount finer than the minor unit is refused.

// none is no money of a currency.
func none(currency string) partnerportal.Money {
	m, _ := partnerportal.NewMoney(0, currency) // currencies come from funds, where they were checked
	return m
}

// sum adds up amounts of one currency.
func sum[T any](currency string, items []T, of func(*T) partnerportal.Money) (partnerportal.Money, error) {
	total := none(currency)
	for i := range items {
		amount := of(&items[i])
		if amount.IsZero() {
			continue
		}
		var err error
		if total, err = total.Add(amount); err != nil {
			return partnerportal.Money{}, tooLarge(err)
		}
	}
	return total, nil
}

// less says that a is the smaller of two amounts of one currency.
func less(a, b partnerportal.Money) bool { return a.TenThousandths() < b.TenThousandths() }

// smaller is the smaller of two amounts of one currency.
func smaller(a, b partnerportal.Money) partnerportal.Money {
	if less(b, a) {
		return b
	}
	return a
}

// basisPoints is a percentage of the contract, at most two decimals, in hundredths of a percent.
func basisPoints(percent string) int64 {
	whole, fraction, _ := strings.Cut(percent, ".")
	n, _ := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64) // the contract's pattern has been checked
	return n
}

// share is a percentage of an amount.
func share(m partnerportal.Money, percent string) (partnerportal.Money, error) {
	return part(m, basisPoints(percent), 10_000)
}

// part is num/den of an amount, as it can be paid.
func part(m partnerportal.Money, num, den int64) (partnerportal.Money, error) {
	share, err := m.Share(num, den)
	return share, tooLarge(err)
}

// tooLarge refuses amounts that cannot be computed with, which is for the caller to know.
func tooLarge(err error) error {
	if errors.Is(err, partnerportal.ErrMoneyRange) {
		return invalid(problem.Field("", "out_of_range", "The amounts are too large."))
	}
	return err
}

// leastCost is the smallest cost of which a percentage gives the amount.
func leastCost(amount partnerportal.Money, percent string) (partnerportal.Money, error) {
	cost, err := part(amount, 10_000, basisPoints(percent))
	if err != nil {
		return cost, err
	}
	for {
		given, err := share(cost, percent)
		if err != nil || !less(given, amount) {
			return cost, err
		}
		if cost, err = cost.Add(minorUnit(amount.Currency())); err != nil {
			return cost, err
		}
	}
}

// minorUnit is the smallest amount that can be paid in a currency.
func minorUnit(currency string) partnerportal.Money {
	for units := int64(1); ; units *= 10 {
		m, err := partnerportal.NewMoney(units, currency)
		if whole, rounded := m.Round(); err != nil || rounded != nil || whole == m {
			return m
		}
	}
}

// split divides an amount by weights, to the minor unit and so that the parts add up to it: each part is the difference of two
// rounded running totals.
func split(m partnerportal.Money, weights []int64) ([]partnerportal.Money, error) {
	total := int64(0)
	for _, w := range weights {
		total += w
	}
	parts, before, running := make([]partnerportal.Money, len(weights)), none(m.Currency()), int64(0)
	for i, w := range weights {
		running += w
		upTo, err := part(m, running, total)
		if err != nil {
			return nil, err
		}
		if parts[i], err = upTo.Sub(before); err != nil {
			return nil, err
		}
		before = upTo
	}
	return parts, nil
}

// amounts collects what is wrong with the amounts of a request.
type amounts struct {
	currency string
	faults   []partnerportal.FieldError
	foreign  bool // some amount is of another currency
}

// check holds an amount against the fund's currency and the rule that it is more than nothing. One that was not given passes.
func (a *amounts) check(pointer string, m partnerportal.Money) {
	a.checkSigned(pointer, m)
	if !m.IsZero() && m.Sign() <= 0 {
		a.faults = append(a.faults, problem.Field(pointer, "out_of_range", "Give more than nothing."))
	}
}

func (a *amounts) checkSigned(pointer string, m partnerportal.Money) {
	if m.IsZero() {
		return
	}
	if a.currency != "" && m.Currency() != a.currency {
		a.foreign = true
		a.faults = append(a.faults, problem.Field(pointer+"/currency", "invalid_value", "Give the amount in "+a.currency+", the currency of the fund."))
		return
	}
	if whole, err := m.Round(); err != nil || whole != m {
		a.faults = append(a.faults, problem.Field(pointer+"/amount", "invalid_format", fmt.Sprintf("Give no fractions of the smallest unit of %s.", m.Currency())))
	}
}

func (a *amounts) err() error {
	switch {
	case len(a.faults) == 0:
		return nil
	case a.foreign:
		e := problem.New(422, contract.ErrCurrencyMismatch, "The fund is in "+a.currency+"; nothing is converted.")
		e.Fields = a.faults
		return e
	}
	return invalid(a.faults...)
}
