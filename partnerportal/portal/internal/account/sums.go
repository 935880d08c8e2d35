package account

import (
	"fmt"
	"math/big"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
)

// split divides sums into that of one currency, which is 0.00 when there is none, and those of the others that are not nothing.
func split(sums []figures.Sum, currency string) (own partnerportal.Money, others []partnerportal.Money, err error) {
	if own, err = partnerportal.NewMoney(0, currency); err != nil {
		return own, nil, err
	}
	for _, s := range sums {
		switch {
		case s.Amount.Currency() == currency:
			own = s.Amount
		case s.Amount.Sign() != 0:
			others = append(others, s.Amount)
		}
	}
	return own, others, nil
}

// count is how many records the sums of all currencies are made of.
func count(sums []figures.Sum) int {
	var n int64
	for _, s := range sums {
		n += s.Count
	}
	return int(n)
}

// seen moves a stamp of the portal's own to the latest change of the sums.
func seen(stamp *partnerportal.SourceStamp, sums []figures.Sum) {
	for _, s := range sums {
		if stamp.Kind == portalKind && s.ChangedAt.After(stamp.AsOf) {
			stamp.AsOf = s.ChangedAt
		}
	}
}

// change is what an amount is more than before, in percent with one decimal, rounded half away from zero; "" when there was nothing.
func change(before, now partnerportal.Money) string {
	if before.Sign() <= 0 {
		return ""
	}
	diff := new(big.Int).Sub(big.NewInt(now.TenThousandths()), big.NewInt(before.TenThousandths()))
	return new(big.Rat).SetFrac(diff.Mul(diff, big.NewInt(100)), big.NewInt(before.TenThousandths())).FloatString(1)
}

// percent reads a rate such as "4.25" as a count of ten-thousandths of a percent, and writes one.
func percent(text string) (int64, error) {
	m, err := partnerportal.ParseMoney(text, figures.NoCurrency) // the same digits with the same limit: at most four decimals
	if err != nil {
		return 0, fmt.Errorf("%q is not a percentage: %w", text, err)
	}
	return m.TenThousandths(), nil
}
