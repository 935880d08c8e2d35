package mdf_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf"
)

func TestSharesAreRoundedHalfToEvenAtTheMinorUnit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ amount, currency, percent, want string }{
		{"8000.00", "USD", "50", "4000.00 USD"},
		{"0.05", "USD", "50", "0.02 USD"}, // 0.025: to the even cent
		{"0.07", "USD", "50", "0.04 USD"}, // 0.035
		{"0.01", "USD", "50", "0.00 USD"}, // 0.005
		{"99.99", "USD", "33.33", "33.33 USD"},
		{"1234.56", "USD", "100", "1234.56 USD"},
		{"333", "JPY", "50", "166 JPY"}, // 166.5: to the even yen
		{"335", "JPY", "50", "168 JPY"},
		{"1.001", "KWD", "50", "0.500 KWD"},
		{"922337203685477.58", "USD", "100", "922337203685477.58 USD"},
		{"40000.00", "USD", "2.5", "1000.00 USD"},
		{"100.00", "USD", "0.01", "0.01 USD"},
		{"0.003", "KWD", "16.67", "0.001 KWD"}, // 0.0005001: more than half, although not in ten-thousandths
	} {
		got, err := mdf.Share(partnerportal.MustMoney(tt.amount, tt.currency), tt.percent)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got.String(), "%s %% of %s", tt.percent, tt.amount)
	}
}

var currencies = []string{"USD", "EUR", "JPY", "KWD", "CLF"}

// drawMoney is an amount that can be paid.
func drawMoney(t *rapid.T, largest int64) partnerportal.Money {
	m, err := partnerportal.NewMoney(rapid.Int64Range(0, largest).Draw(t, "amount"), rapid.SampledFrom(currencies).Draw(t, "currency"))
	require.NoError(t, err)
	m, err = m.Round()
	require.NoError(t, err)
	return m
}

// percentOf writes hundredths of a percent as the contract has it.
func percentOf(points int64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", points/100, points%100), "0"), ".")
}

// The same computed with integers of any size.
func TestSharesAreExact(t *testing.T) {
	t.Parallel()
	units := map[string]int64{"USD": 100, "EUR": 100, "JPY": 10_000, "KWD": 10, "CLF": 1}
	rapid.Check(t, func(t *rapid.T) {
		m, points := drawMoney(t, math.MaxInt64/2), rapid.Int64Range(1, 10_000).Draw(t, "points")
		got, err := mdf.Share(m, percentOf(points))
		require.NoError(t, err)

		unit := units[m.Currency()]
		exact := new(big.Int).Mul(big.NewInt(m.TenThousandths()/unit), big.NewInt(points))
		want, rest := exact.QuoRem(exact, big.NewInt(10_000), new(big.Int))
		if over := rest.Int64() - 5_000; over > 0 || over == 0 && want.Bit(0) == 1 {
			want.Add(want, big.NewInt(1))
		}
		require.Equal(t, want.Int64()*unit, got.TenThousandths())
	})
}

func TestTheLeastCostGivesTheAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, percent := drawMoney(t, 1e12), percentOf(rapid.Int64Range(1, 10_000).Draw(t, "points"))
		cost, err := mdf.LeastCost(m, percent)
		require.NoError(t, err)
		whole, err := cost.Round()
		require.NoError(t, err)
		require.Equal(t, whole, cost, "it can be paid")
		part, err := mdf.Share(cost, percent)
		require.NoError(t, err)
		require.GreaterOrEqual(t, part.TenThousandths(), m.TenThousandths())
	})
}

func TestSplitLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMoney(t, 1e15)
		weights := rapid.SliceOfN(rapid.Int64Range(1, 1e6), 1, 50).Draw(t, "weights")
		parts, err := mdf.Split(m, weights)
		require.NoError(t, err)
		sum := int64(0)
		for _, part := range parts {
			whole, err := part.Round()
			require.NoError(t, err)
			require.Equal(t, whole, part, "each part can be paid")
			require.GreaterOrEqual(t, part.Sign(), 0)
			sum += part.TenThousandths()
		}
		require.Equal(t, m.TenThousandths(), sum)
	})
}

func TestInvoiceNumbersAsPeopleCompareThem(t *testing.T) {
	t.Parallel()
	for _, same := range []string{"INV-2027/0117", "inv 2027 0117", "Inv.2027–0117", " INV20270117 "} {
		assert.Equal(t, "INV20270117", mdf.InvoiceKey(same))
	}
	assert.NotEqual(t, mdf.InvoiceKey("117"), mdf.InvoiceKey("0117"), "zeros count")
	assert.Equal(t, "№", mdf.InvoiceKey(" № "), "a number of symbols alone is kept: else all of them would be equal")
}

func FuzzInvoiceKey(f *testing.F) {
	for _, seed := range []string{"", "INV-1", "№ 7", "ｉｎｖ１", "\xff\xfe", "ǆ", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		key := mdf.InvoiceKey(number)
		if again := mdf.InvoiceKey(key); again != key {
			t.Errorf("%q becomes %q and then %q", number, key, again)
		}
		if spaced := mdf.InvoiceKey(" " + number + "-"); key != "" && strings.ContainsFunc(key, isAlphanumeric) && spaced != key {
			t.Errorf("%q becomes %q, with a space and a hyphen %q", number, key, spaced)
		}
	})
}

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
