package partnerportal

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
)

// Money is an exact amount in one currency: a count of ten-thousandths of the currency's unit, and the currency's ISO 4217
// code. It is a plain value, comparable with ==, and reaches from -922,337,203,685,477.5808 to +922,337,203,685,477.5807; arithmetic
// that would leave this range fails with [ErrMoneyRange] and never wraps.
//
// On the wire it is {"amount":"125000.00","currency":"USD"}. The zero Money means no amount, which is not the same as an amount
// of 0.00 in some currency; on the wire it is null, or left out with the tag option omitzero.
type Money struct {
	units    int64
	currency string
}

// Errors of Money. Match them with errors.Is.
const (
	// ErrCurrencyMismatch says that amounts of two currencies met in one calculation.
	ErrCurrencyMismatch = ErrorCode("currency_mismatch")
	// ErrMoneyRange says that an amount is too large to be held, or that a division by zero was asked for.
	ErrMoneyRange = ErrorCode("money_out_of_range")
	// ErrMoneyFormat says that a text is not an amount or a currency code.
	ErrMoneyFormat = ErrorCode("money_malformed")
)

// perUnit is the number of ten-thousandths in one unit of a currency.
const perUnit = 10_000

// NewMoney returns the amount of the given number of ten-thousandths of the currency's unit: NewMoney(12_500, "USD") is 1.25
// dollars. It fails unless currency has the form of an ISO 4217 code.
func NewMoney(tenThousandths int64, currency string) (Money, error) {
	if !isCurrency(currency) {
		return Money{}, fmt.Errorf("%w: currency %q", ErrMoneyFormat, clip(currency, 16))
	}
	return Money{tenThousandths, currency}, nil
}

// MustMoney is [ParseMoney] for amounts written in a program: MustMoney("125000.00", "USD"). It panics where ParseMoney fails.
func MustMoney(amount, currency string) Money {
	m, err := ParseMoney(amount, currency)
	if err != nil {
		panic(err)
	}
	return m
}

// TenThousandths returns the amount as a count of ten-thousandths of the currency's unit, the form to store and index.
func (m Money) TenThousandths() int64 { return m.units }

// Currency returns the ISO 4217 code, "" for the zero Money.
func (m Money) Currency() string { return m.currency }

// IsZero reports whether m is the zero Money, no amount. An amount of 0.00 is not; see [Money.Sign].
func (m Money) IsZero() bool { return m == Money{} }

// Sign returns -1 for an amount below nothing, 0 for nothing, and +1 above.
func (m Money) Sign() int { return cmp.Compare(m.units, 0) }

// Cmp compares two amounts: -1 when m is smaller than other, 0 when they are equal, +1 when m is larger. It fails with
// [ErrCurrencyMismatch] when the currencies differ.
func (m Money) Cmp(other Money) (int, error) {
	if err := m.sameCurrency(other); err != nil {
		return 0, err
	}
	return cmp.Compare(m.units, other.units), nil
}

// Add returns m + other. It fails with [ErrCurrencyMismatch] or [ErrMoneyRange].
func (m Money) Add(other Money) (Money, error) {
	if err := m.sameCurrency(other); err != nil {
		return Money{}, err
	}
	sum := m.units + other.units
	if other.units != 0 && (sum > m.units) != (other.units > 0) {
		return Money{}, fmt.Errorf("%w: %v + %v", ErrMoneyRange, m, other)
	}
	return Money{sum, m.currency}, nil
}

// Sub returns m - other. It fails with [ErrCurrencyMismatch] or [ErrMoneyRange].
func (m Money) Sub(other Money) (Money, error) {
	if err := m.sameCurrency(other); err != nil {
		return Money{}, err
	}
	diff := m.units - other.units
	if other.units != 0 && (diff < m.units) != (other.units > 0) {
		return Money{}, fmt.Errorf("%w: %v - %v", ErrMoneyRange, m, other)
	}
	return Money{diff, m.currency}, nil
}

// Neg returns -m. It fails with [ErrMoneyRange] for the one amount whose opposite cannot be held.
func (m Money) Neg() (Money, error) {
	if m.units == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: -(%v)", ErrMoneyRange, m)
	}
	return Money{-m.units, m.currency}, nil
}

// MulRat returns m times num/den, rounded to ten-thousandths half to even: a discount of 12.5 % leaves m.MulRat(875, 1000). The
// product is exact before it is rounded. It fails with [ErrMoneyRange] when the result cannot be held or den is 0.
func (m Money) MulRat(num, den int64) (Money, error) {
	if den == 0 {
		return Money{}, fmt.Errorf("%w: division by zero", ErrMoneyRange)
	}
	negative := (m.units < 0) != (num < 0) != (den < 0)
	hi, lo := bits.Mul64(magnitude(m.units), magnitude(num))
	d := magnitude(den)
	if hi >= d {
		return Money{}, fmt.Errorf("%w: %v * %d/%d", ErrMoneyRange, m, num, den)
	}
	quotient, rest := bits.Div64(hi, lo, d)
	// Half to even. Comparing rest with d-rest instead of 2*rest with d cannot overflow.
	if rest > d-rest || rest == d-rest && quotient&1 == 1 {
		quotient++ // from the largest quotient to 0 only if it was out of range anyway
		if quotient == 0 {
			return Money{}, fmt.Errorf("%w: %v * %d/%d", ErrMoneyRange, m, num, den)
		}
	}
	units, ok := signed(quotient, negative)
	if !ok {
		return Money{}, fmt.Errorf("%w: %v * %d/%d", ErrMoneyRange, m, num, den)
	}
	return Money{units, m.currency}, nil
}

// Round returns m rounded half to even to what can be paid in its currency: two decimals for USD, none for JPY.
func (m Money) Round() (Money, error) { return m.Share(1, 1) }

// Share returns m times num/den, rounded half to even to what can be paid in its currency: what 3 of 7 units cost, or a percentage. It is rounded
// once; to round what [Money.MulRat] has rounded would make halves of what was less. It fails with [ErrMoneyRange] as MulRat does.
func (m Money) Share(num, den int64) (Money, error) {
	step := int64(1)
	for range 4 - min(minorDigits(m.currency), 4) {
		step *= 10
	}
	if den > math.MaxInt64/step || den < math.MinInt64/step {
		return Money{}, fmt.Errorf("%w: %v * %d/%d", ErrMoneyRange, m, num, den)
	}
	count, err := m.MulRat(num, den*step)
	if err != nil {
		return Money{}, err
	}
	return count.MulRat(step, 1)
}

func (m Money) sameCurrency(other Money) error {
	if m.currency != other.currency {
		return fmt.Errorf("%w: %q and %q", ErrCurrencyMismatch, m.currency, other.currency)
	}
	return nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// signed puts the sign back on, and reports whether the result fits.
func signed(n uint64, negative bool) (int64, bool) {
	if negative {
		return int64(-n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}
