package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// parser reads the cells of a row, and notes all that is wrong with them.
type parser struct {
	table    *table
	row      row
	refusals []Refusal
}

func (p *parser) refuse(column, rule, message string) {
	p.refusals = append(p.refusals, Refusal{Line: p.row.line, Column: column, Value: p.row.cells[column], Rule: rule, Message: message})
}

// text is a cell that may have up to so many characters.
func (p *parser) text(column string, most int) string {
	value := p.row.cells[column]
	if n := len([]rune(value)); n > most {
		p.refuse(column, "text_too_long", fmt.Sprintf("%d characters where %d are the most", n, most))
	}
	return value
}

// must is a text that is not empty.
func (p *parser) must(column string, most int) string {
	value := p.text(column, most)
	if value == "" {
		p.refuse(column, "value_missing", "it may not be empty")
	}
	return value
}

// sku is a SKU; an empty one is refused when it must be there.
func (p *parser) sku(column string, required bool) string {
	value := p.row.cells[column]
	if value == "" && required {
		p.refuse(column, "value_missing", "without a SKU nobody can say which product it is")
		return ""
	}
	if value != "" && !isSKU(value) {
		p.refuse(column, "sku_malformed", "a SKU is a letter or digit, then up to 63 letters, digits and . _ / # + : -")
	}
	return value
}

func isSKU(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return len(s) <= 64 && strings.Contains(letters, s[:1]) && strings.Trim(s, letters+"._/#+:-") == ""
}

// number is a whole number from least to most, or absent when the cell is empty.
func (p *parser) number(column string, absent, least, most int) int {
	value := p.row.cells[column]
	if value == "" {
		return absent
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		p.refuse(column, "number_malformed", fmt.Sprintf("a whole number from %d to %d is wanted", least, most))
	}
	return n
}

// amount is an amount of money that is not below zero; zero Money when the cell is empty.
func (p *parser) amount(column, currency string) partnerportal.Money {
	value := p.row.cells[column]
	if value == "" {
		return partnerportal.Money{}
	}
	m, err := partnerportal.ParseMoney(value, currency)
	switch {
	case err != nil:
		p.refuse(column, "amount_malformed", "an amount such as 1054 or 1054.50 is wanted, with a point, without signs and separators")
	case m.Sign() < 0:
		p.refuse(column, "amount_negative", "an amount cannot be below zero")
	}
	return m
}

// day is a day as ISO 8601 writes it.
func (p *parser) day(column string) partnerportal.Date {
	value := p.row.cells[column]
	if value == "" {
		return partnerportal.Date{}
	}
	d, err := partnerportal.ParseDate(value)
	if err != nil {
		p.refuse(column, "date_malformed", "a day is written YYYY-MM-DD, such as 2027-03-31")
	}
	return d
}

// list are the parts of a cell between semicolons, commas or vertical bars.
func (p *parser) list(column string) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(p.row.cells[column], func(r rune) bool { return r == ';' || r == ',' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// word is a cell that has one of some values, in capitals or not, with blanks or underscores.
func word[T ~string](p *parser, column string, values ...T) T {
	return oneOf(p, column, p.row.cells[column], values)
}

func oneOf[T ~string](p *parser, column, value string, values []T) T {
	folded := T(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(value)))
	if folded == "" {
		return ""
	}
	for _, v := range values {
		if v == folded {
			return v
		}
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	p.refuse(column, "value_unknown", "it is none of "+strings.Join(texts, ", "))
	return ""
}
