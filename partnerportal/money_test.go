package partnerportal_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0.00", "-0": "0.00", "1": "1.00", "125000.00": "125000.00", "0.5": "0.50", "0.0125": "0.0125", "-3.1": "-3.10",
		"922337203685477.5807": "922337203685477.5807", "-922337203685477.5808": "-922337203685477.5808",
	} {
		m, err := partnerportal.ParseMoney(in, "USD")
		require.NoError(t, err, in)
		assert.Equal(t, want, m.Amount())
		assert.Equal(t, want+" USD", m.String())
	}
	for _, in := range []string{"", "-", ".", "1.", ".5", "01", "+1", " 1", "1 ", "1,000", "1e3", "0x1", "1.23456", "١", "NaN", "--1", "1.2.3",
		"1_000", "1234567890123456789"} {
		_, err := partnerportal.ParseMoney(in, "USD")
		require.ErrorIs(t, err, partnerportal.ErrMoneyFormat, in)
	}
	for _, in := range []string{"922337203685477.5808", "-922337203685477.5809", "999999999999999999.9999"} {
		_, err := partnerportal.ParseMoney(in, "USD")
		require.ErrorIs(t, err, partnerportal.ErrMoneyRange, in)
	}
	for _, currency := range []string{"", "usd", "US", "USDX", "U$D", "ÄB"} {
		_, err := partnerportal.ParseMoney("1", currency)
		require.ErrorIs(t, err, partnerportal.ErrMoneyFormat, currency)
		_, err = partnerportal.NewMoney(1, currency)
		require.ErrorIs(t, err, partnerportal.ErrMoneyFormat, currency)
		assert.Panics(t, func() { partnerportal.MustMoney("1", currency) })
	}
}

func TestMoneyMinorDigits(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"USD": "7.00", "JPY": "7", "KWD": "7.000", "CLF": "7.0000"} {
		assert.Equal(t, want, partnerportal.MustMoney("7", currency).Amount())
	}
	assert.Equal(t, "7.5", partnerportal.MustMoney("7.5", "JPY").Amount(), "no digit is lost")
}

func TestMoneyJSON(t *testing.T) {
	t.Parallel()
	var deal struct {
		Amount    partnerportal.Money `json:"amount,omitzero"`
		Recurring partnerportal.Money `json:"recurring,omitzero"`
	}
	const wire = `{"amount":{"amount":"125000.00","currency":"USD"}}`
	require.NoError(t, json.Unmarshal([]byte(wire), &deal))
	assert.Equal(t, partnerportal.MustMoney("125000", "USD"), deal.Amount)
	assert.True(t, deal.Recurring.IsZero())
	out, err := json.Marshal(deal)
	require.NoError(t, err)
	assert.JSONEq(t, wire, string(out))

	var m partnerportal.Money
	require.NoError(t, json.Unmarshal([]byte(` { "currency" : "EUR", "note": 1, "amount" : "1\u002e5" } `), &m))
	assert.Equal(t, "1.50 EUR", m.String())
	require.NoError(t, json.Unmarshal([]byte(`{"amount":"\u0031","currency":"CHF"}`), &m))
	assert.Equal(t, "1.00 CHF", m.String())
	require.NoError(t, json.Unmarshal([]byte(`null`), &m))
	assert.Equal(t, partnerportal.Money{}, m)
	out, err = json.Marshal(m)
	require.NoError(t, err)
	assert.Equal(t, "null", string(out))
	for _, bad := range []string{`"1"`, `1`, `{}`, `{"amount":1,"currency":"USD"}`, `{"amount":"1"}`, `{"amount":"1","currency":"usd"}`,
		`{"amount":"1.00001","currency":"USD"}`, `{"amount":"1","currency":"U\"}"}`, `{"amount":"1","x":"","currency":"USDX"}`, `{"amount":"","currency":""}`} {
		require.ErrorIs(t, json.Unmarshal([]byte(bad), &m), partnerportal.ErrMoneyFormat, bad)
	}

	text, err := partnerportal.MustMoney("1", "USD").MarshalText()
	require.NoError(t, err)
	require.NoError(t, m.UnmarshalText(text))
	assert.Equal(t, partnerportal.MustMoney("1", "USD"), m)
	require.NoError(t, m.UnmarshalText(nil))
	assert.True(t, m.IsZero())
	require.Error(t, m.UnmarshalText([]byte("1USD")))
}

func TestMoneyArithmetic(t *testing.T) {
	t.Parallel()
	usd := func(s string) partnerportal.Money { return partnerportal.MustMoney(s, "USD") }
	highest, _ := partnerportal.NewMoney(math.MaxInt64, "USD")
	lowest, _ := partnerportal.NewMoney(math.MinInt64, "USD")

	_, err := usd("1").Add(partnerportal.MustMoney("1", "EUR"))
	require.ErrorIs(t, err, partnerportal.ErrCurrencyMismatch)
	_, err = usd("1").Sub(partnerportal.Money{})
	require.ErrorIs(t, err, partnerportal.ErrCurrencyMismatch)
	_, err = usd("1").Cmp(partnerportal.MustMoney("1", "EUR"))
	require.ErrorIs(t, err, partnerportal.ErrCurrencyMismatch)
	_, err = lowest.Neg()
	require.ErrorIs(t, err, partnerportal.ErrMoneyRange)
	_, err = lowest.MulRat(-1, 1)
	require.ErrorIs(t, err, partnerportal.ErrMoneyRange)
	_, err = highest.MulRat(math.MaxInt64, 1)
	require.ErrorIs(t, err, partnerportal.ErrMoneyRange)
	_, err = usd("1").Share(1, math.MaxInt64)
	require.ErrorIs(t, err, partnerportal.ErrMoneyRange)
	once, err := usd("1").Share(34999, 1_000_000)
	require.NoError(t, err)
	assert.Equal(t, usd("0.03"), once, "0.034999 is less than a half, 0.0350 is not")
	_, err = usd("1").MulRat(1, 0)
	require.ErrorIs(t, err, partnerportal.ErrMoneyRange)
	_, err = highest.Round()
	require.NoError(t, err)

	same, err := lowest.MulRat(math.MinInt64, math.MinInt64)
	require.NoError(t, err)
	assert.Equal(t, lowest, same)
	discounted, err := usd("99.99").MulRat(875, 1000)
	require.NoError(t, err)
	assert.Equal(t, "87.4912 USD", discounted.String())
	for in, want := range map[string]string{"0.005": "0.00", "0.015": "0.02", "0.0251": "0.03", "-0.015": "-0.02", "-0.025": "-0.02"} {
		rounded, err := usd(in).Round()
		require.NoError(t, err)
		assert.Equal(t, want, rounded.Amount(), in)
	}
	yen, err := partnerportal.MustMoney("2.5", "JPY").Round()
	require.NoError(t, err)
	assert.Equal(t, "2 JPY", yen.String())
	assert.Equal(t, 1, usd("1").Sign())
	assert.Equal(t, -1, usd("-1").Sign())
	assert.Zero(t, usd("0").Sign())
	assert.False(t, usd("0").IsZero(), "nothing in dollars is an amount")
	assert.Equal(t, "USD", usd("0").Currency())
}

// apd computes with any number of digits; what it says is right, and outside of int64 it is out of range.
func TestMoneyAgainstOracle(t *testing.T) {
	t.Parallel()
	exact := apd.BaseContext.WithPrecision(80)
	exact.Rounding = apd.RoundHalfEven
	units := func(rt *rapid.T, name string) int64 {
		return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.Int64Range(math.MaxInt64-9, math.MaxInt64),
			rapid.Int64Range(math.MinInt64, math.MinInt64+9)).Draw(rt, name)
	}
	check := func(rt *rapid.T, want *apd.Decimal, got partnerportal.Money, err error) {
		n, outside := want.Int64()
		if outside != nil {
			require.ErrorIs(rt, err, partnerportal.ErrMoneyRange)
			return
		}
		require.NoError(rt, err)
		require.Equal(rt, n, got.TenThousandths())
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b, den := units(rt, "a"), units(rt, "b"), units(rt, "den")
		x, _ := partnerportal.NewMoney(a, "USD")
		y, _ := partnerportal.NewMoney(b, "USD")
		want := new(apd.Decimal)

		_, _ = exact.Add(want, apd.New(a, 0), apd.New(b, 0))
		sum, err := x.Add(y)
		check(rt, want, sum, err)
		_, _ = exact.Sub(want, apd.New(a, 0), apd.New(b, 0))
		diff, err := x.Sub(y)
		check(rt, want, diff, err)
		_, _ = exact.Neg(want, apd.New(a, 0))
		opposite, err := x.Neg()
		check(rt, want, opposite, err)
		order, err := x.Cmp(y)
		require.NoError(rt, err)
		require.Equal(rt, apd.New(a, 0).Cmp(apd.New(b, 0)), order)
		if den != 0 {
			product := new(apd.Decimal)
			_, _ = exact.Mul(product, apd.New(a, 0), apd.New(b, 0))
			_, _ = exact.Quo(want, product, apd.New(den, 0))
			_, _ = exact.Quantize(want, want, 0)
			scaled, err := x.MulRat(b, den)
			check(rt, want, scaled, err)
		}
		if den != 0 && den > math.MinInt64/10_000 && den < math.MaxInt64/10_000 {
			step := rapid.SampledFrom([]int64{10, 100, 10_000}).Draw(rt, "step") // of what can be paid
			z, _ := partnerportal.NewMoney(a, map[int64]string{10: "KWD", 100: "USD", 10_000: "JPY"}[step])
			product := new(apd.Decimal)
			_, _ = exact.Mul(product, apd.New(a, 0), apd.New(b, 0))
			_, _ = exact.Quo(want, product, apd.New(den*step, 0))
			_, _ = exact.Quantize(want, want, 0)
			_, _ = exact.Mul(want, want, apd.New(step, 0))
			share, err := z.Share(b, den)
			check(rt, want, share, err)
		}

		back, err := partnerportal.ParseMoney(x.Amount(), "USD")
		require.NoError(rt, err)
		require.Equal(rt, x, back)
	})
}

func FuzzMoney(f *testing.F) {
	for _, seed := range []string{`{"amount":"125000.00","currency":"USD"}`, `{"amount":"-0.0001","currency":"JPY"}`, `null`, `{"amount":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m, back partnerportal.Money
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		wire, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(wire, &back))
		assert.Equal(t, m, back)
		assert.False(t, strings.ContainsAny(m.Amount(), "eE+ "))
	})
}
