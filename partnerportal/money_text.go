package partnerportal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ParseMoney reads an amount as the contract writes it: an optional minus sign, digits without a leading zero, and up to four
// decimals after a point; no plus sign, spaces, separators or exponent. It fails with [ErrMoneyFormat], and with
// [ErrMoneyRange] when the amount is too large to be held.
func ParseMoney(amount, currency string) (Money, error) {
	if !isCurrency(currency) {
		return Money{}, fmt.Errorf("%w: currency %q", ErrMoneyFormat, clip(currency, 16))
	}
	digits, negative := strings.CutPrefix(amount, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !isDigits(whole) || len(whole) > 18 || len(whole) > 1 && whole[0] == '0' ||
		point && (!isDigits(fraction) || len(fraction) > 4) {
		return Money{}, fmt.Errorf("%w: amount %q", ErrMoneyFormat, clip(amount, 32))
	}
	// At most 18 and 4 digits: 22 do not always fit 64 bits, which ParseUint tells.
	n, err := strconv.ParseUint(whole+fraction+"0000"[len(fraction):], 10, 64)
	units, ok := signed(n, negative)
	if err != nil || !ok {
		return Money{}, fmt.Errorf("%w: amount %s", ErrMoneyRange, amount)
	}
	return Money{units, currency}, nil
}

// Amount returns the amount without its currency, as exact as it is and with at least the decimals that are usual for the
// currency: 125000.00, 0.0125.
func (m Money) Amount() string { return string(m.appendAmount(nil)) }

// String returns the amount and its currency: 125000.00 USD. It is "" for the zero Money.
func (m Money) String() string {
	if m.IsZero() {
		return ""
	}
	return string(append(append(m.appendAmount(nil), ' '), m.currency...))
}

func (m Money) appendAmount(b []byte) []byte {
	n := magnitude(m.units)
	if m.units < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, n/perUnit, 10)
	fraction := [4]byte{byte('0' + n/1000%10), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)}
	shown := 4
	for shown > minorDigits(m.currency) && fraction[shown-1] == '0' {
		shown--
	}
	if shown > 0 {
		b = append(append(b, '.'), fraction[:shown]...)
	}
	return b
}

// MarshalText encodes the money as [Money.String] has it.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText decodes "125000.00 USD"; "" is the zero Money.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	amount, currency, _ := strings.Cut(string(text), " ")
	parsed, err := ParseMoney(amount, currency)
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// MarshalJSON encodes the money as {"amount":"125000.00","currency":"USD"}, the zero Money as null.
func (m Money) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	b := append(make([]byte, 0, 64), `{"amount":"`...)
	b = append(m.appendAmount(b), `","currency":"`...)
	b = append(b, m.currency...)
	return append(b, `"}`...), nil
}

// UnmarshalJSON decodes {"amount":"125000.00","currency":"USD"}; null is the zero Money. An amount that is a JSON number is
// refused: it may have lost digits on its way.
func (m *Money) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*m = Money{}
		return nil
	}
	amount, currency, ok := cutMoney(data)
	if !ok {
		var wire struct {
			Amount   string `json:"amount"`
			Currency string `json:"currency"`
		}
		if err := json.Unmarshal(data, &wire); err != nil {
			return fmt.Errorf("%w: %w", ErrMoneyFormat, err)
		}
		amount, currency = wire.Amount, wire.Currency
	}
	parsed, err := ParseMoney(amount, currency)
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// cutMoney reads the form that MarshalJSON writes. Lists are full of amounts, and a second decoder for each is dear.
func cutMoney(data []byte) (amount, currency string, ok bool) {
	const head, middle, tail = `{"amount":"`, `","currency":"`, `"}`
	end := len(data) - len(middle) - 3 - len(tail)
	if end < len(head) || string(data[:len(head)]) != head || string(data[end:end+len(middle)]) != middle ||
		string(data[len(data)-len(tail):]) != tail || bytes.IndexByte(data[len(head):end], '\\') >= 0 {
		return "", "", false
	}
	return string(data[len(head):end]), shared(data[end+len(middle) : len(data)-len(tail)]), true
}

// shared returns the text of a currency code without a copy for those that lists are full of.
func shared(code []byte) string {
	switch string(code) {
	case "USD":
		return "USD"
	case "EUR":
		return "EUR"
	case "GBP":
		return "GBP"
	}
	return string(code)
}

// minorDigits is the number of decimals that amounts of a currency are written with: two, but for these exceptions of ISO 4217.
func minorDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

func isCurrency(s string) bool {
	return len(s) == 3 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z' && 'A' <= s[2] && s[2] <= 'Z'
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
