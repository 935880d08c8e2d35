package pricing

import (
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// cents counts amounts of one currency in its smallest unit: 0.01 of USD, 1 of JPY, 0.001 of KWD.
type cents struct {
	currency string
	size     int64 // of the unit, in ten-thousandths
}

func newCents(currency string) (cents, error) {
	for size := int64(1); ; size *= 10 {
		m, err := partnerportal.NewMoney(size, currency)
		if err != nil {
			return cents{}, problem.Invalid("/currency", "invalid_format", "Give the ISO 4217 code of a currency.")
		}
		if payable, err := m.Round(); err != nil || payable == m {
			return cents{currency, size}, err
		}
	}
}

// check refuses what is of another currency or below zero.
func (c cents) check(pointer string, m partnerportal.Money) error {
	switch {
	case m.Currency() != c.currency:
		e := problem.New(http.StatusUnprocessableEntity, contract.ErrCurrencyMismatch, "The quote is in "+c.currency+"; nothing is converted.")
		e.Fields = []partnerportal.FieldError{problem.Field(pointer+"/currency", "invalid_value", "Give the amount in "+c.currency+".")}
		return e
	case m.Sign() < 0:
		return problem.Invalid(pointer+"/amount", "out_of_range", "Give an amount that is not below zero.")
	}
	return nil
}

// count is an amount that can be paid, in the smallest unit.
func (c cents) count(pointer string, m partnerportal.Money) (int64, error) {
	if err := c.check(pointer, m); err != nil {
		return 0, err
	}
	if m.TenThousandths()%c.size != 0 {
		return 0, problem.Invalid(pointer+"/amount", "invalid_format", "Give no fractions of the smallest unit of "+c.currency+".")
	}
	return m.TenThousandths() / c.size, nil
}

// times is the price of so many. The price of one may be finer than what can be paid.
func (c cents) times(pointer string, unit partnerportal.Money, quantity int) (int64, error) {
	if err := c.check(pointer, unit); err != nil {
		return 0, err
	}
	m, err := unit.MulRat(int64(quantity), c.size)
	return m.TenThousandths(), err
}

// part is num/den of a count, rounded half to even.
func (c cents) part(n, num, den int64) (int64, error) {
	m, err := partnerportal.NewMoney(n, c.currency)
	if err == nil {
		m, err = m.MulRat(num, den)
	}
	return m.TenThousandths(), err
}

// share is a percentage of a count, rounded half to even.
func (c cents) share(n int64, r rate) (int64, error) { return c.part(n, r.points, whole) }

func (c cents) add(a, b int64) (int64, error) {
	sum := a + b
	if b != 0 && (sum > a) != (b > 0) {
		return 0, partnerportal.ErrMoneyRange
	}
	return sum, nil
}

// money is a count as an amount.
func (c cents) money(n int64) (partnerportal.Money, error) {
	m, err := partnerportal.NewMoney(n, c.currency)
	if err != nil {
		return m, err
	}
	return m.MulRat(c.size, 1)
}

// units is a count in whole units of the currency, without its fraction.
func (c cents) units(n int64) int64 { return n / (10_000 / c.size) }

// split divides a count by weights, so that the parts add up to it: each part is the difference of two rounded running totals. Where nothing
// weighs anything, the first takes it all; where there is nobody, nobody does.
func (c cents) split(n int64, weights []int64) ([]int64, error) {
	parts, total := make([]int64, len(weights)), int64(0)
	for _, w := range weights {
		var err error
		if total, err = c.add(total, w); err != nil {
			return nil, err
		}
	}
	if total == 0 {
		copy(parts, []int64{n})
		return parts, nil
	}
	running, before := int64(0), int64(0)
	for i, w := range weights {
		running += w
		upTo, err := c.part(n, running, total)
		if err != nil {
			return nil, err
		}
		parts[i], before = upTo-before, upTo
	}
	return parts, nil
}
