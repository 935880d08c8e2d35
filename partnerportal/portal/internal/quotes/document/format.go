package document

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// format writes words, numbers and days as a language does.
type format struct {
	*words
	tag     language.Tag // of the words
	locale  string
	printer *message.Printer
	decimal string
	dated   bool // whether days are written with the words of the language
}

// Locale is a locale by what documents make of it: language, script and region. Without one it is "en".
func Locale(asked string) string { return parsed(asked).String() }

func parsed(locale string) language.Tag {
	tag, err := language.Parse(locale)
	if err == nil {
		tag, err = language.Compose(tag.Raw())
	}
	if err != nil || tag == language.Und {
		return language.English
	}
	return tag
}

// newFormat is for a locale. Without one it is English.
func newFormat(locale string) *format {
	asked := parsed(locale)
	_, index, confidence := matcher.Match(asked)
	f := &format{words: &dictionary[index].words, tag: dictionary[index].tag, locale: asked.String(), dated: confidence != language.No}
	// Digits are the ones that everybody reads, in which the quote's amounts are written too.
	latin, err := asked.SetTypeForKey("nu", "latn")
	if err != nil {
		latin = asked
	}
	f.printer = message.NewPrinter(latin)
	f.decimal = strings.Trim(f.printer.Sprint(number.Decimal(0.5, number.Scale(1))), "05")
	return f
}

// amount writes an amount without its currency, exactly as it is.
func (f *format) amount(m partnerportal.Money) string {
	sign, digits := "", m.Amount()
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return m.Amount() // amounts have at most 15 digits
	}
	text := sign + f.printer.Sprint(number.Decimal(n))
	if fraction != "" {
		text += f.decimal + fraction
	}
	return text
}

// money writes an amount with its currency.
func (f *format) money(m partnerportal.Money) string { return f.amount(m) + " " + m.Currency() }

func (f *format) count(n int) string { return f.printer.Sprint(number.Decimal(n)) }

// percent writes a percentage that is written with a point.
func (f *format) percent(p string) string {
	if strings.Contains(p, ".") {
		p = strings.TrimRight(strings.TrimRight(p, "0"), ".")
	}
	return strings.Replace(p, ".", f.decimal, 1) + " %"
}

// less is how much less an amount is than the list price, to a hundredth of a percent: 3.25 % is neither 3.2 nor 3.3.
func (f *format) less(list, net partnerportal.Money) string {
	if list.Sign() == 0 {
		return ""
	}
	share := big.NewRat(list.TenThousandths()-net.TenThousandths(), list.TenThousandths())
	return f.percent(share.Mul(share, big.NewRat(100, 1)).FloatString(2))
}

// date writes a day out, as numbers alone mean different days in different countries.
func (f *format) date(d partnerportal.Date) string {
	if !f.dated || d.IsZero() {
		return d.String()
	}
	return fmt.Sprintf(f.Day, d.Day, f.Months[d.Month-1], d.Year)
}

// country is the name of a country.
func (f *format) country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.Regions(f.tag).Name(region)
}
