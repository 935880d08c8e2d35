package document_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// workbook opens a workbook, and finds cells by what is in them.
type workbook struct {
	*excelize.File
	tb   testing.TB
	rows [][]string
}

func open(tb testing.TB, q *contract.Quote, locale string) *workbook {
	tb.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(render(tb, press(tb), contract.DocumentKindXLSX, q, locale).Content))
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, file.Close()) })
	rows, err := file.GetRows("Quote", excelize.Options{RawCellValue: true})
	require.NoError(tb, err)
	return &workbook{file, tb, rows}
}

// beside is what stands in a column of the row that has a text in another.
func (w *workbook) beside(text string, column int) string {
	w.tb.Helper()
	for _, row := range w.rows {
		for _, cell := range row {
			if cell == text && column < len(row) {
				return row[column]
			}
		}
	}
	w.tb.Errorf("no row with %q", text)
	return ""
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	q := sample(t, 60, european...)
	w := open(t, q, "en")
	for _, l := range q.Lines {
		assert.Equal(t, l.Name, w.beside(l.SKU, 2))
		assert.Equal(t, l.ListUnit.Amount(), trimmed(w.beside(l.SKU, 7), l.ListUnit))
		assert.Equal(t, l.Net.Amount(), trimmed(w.beside(l.SKU, 10), l.Net))
	}
	for label, m := range map[string]partnerportal.Money{
		"List price": q.Totals.List, "Discount": must(q.Totals.Net.Sub(q.Totals.List)), "Net": q.Totals.Net, "USt. 19 %": q.Totals.Tax, "Total": q.Totals.Total,
	} {
		found := false
		for _, row := range w.rows {
			if len(row) > 10 && row[9] == label {
				found = found || row[10] == m.Amount()
			}
		}
		assert.True(t, found, label)
	}
	assert.Equal(t, "22 December 2026", w.beside("Valid until", 2))
	assert.Equal(t, "Optional", w.beside("GTX-9009", 11))
	pictures, err := w.GetPictures("Quote", "A1")
	require.NoError(t, err)
	assert.Len(t, pictures, 1)
	properties, err := w.GetDocProps()
	require.NoError(t, err)
	assert.Equal(t, "2026-11-22T08:00:00Z", properties.Created)
}

// trimmed is a number of a workbook with the decimals that its currency has.
func trimmed(number string, m partnerportal.Money) string {
	parsed, err := partnerportal.ParseMoney(number, m.Currency())
	if err != nil {
		return err.Error()
	}
	return parsed.Amount()
}

// A text that begins like a formula is one nowhere.
func TestFormulasStayTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`=cmd|' /C calc'!A0`, "+1+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://evil.example\")", "1e5", "0042", "TRUE", "2026-11-22"} {
		q := sample(t, 2, text)
		q.Number, q.Title, q.Customer.Name, q.Notes, q.Terms, q.Lines[1].Note, q.Lines[0].SKU = text, text, text, text, text, text, text
		w := open(t, q, "en")
		for r := range w.rows {
			for c := range w.rows[r] {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				require.NoError(t, err)
				formula, err := w.GetCellFormula("Quote", cell)
				require.NoError(t, err)
				assert.Empty(t, formula)
				if w.rows[r][c] == text {
					kind, err := w.GetCellType("Quote", cell)
					require.NoError(t, err)
					assert.Equal(t, excelize.CellTypeSharedString, kind, cell)
				}
			}
		}
		assert.Equal(t, strings.TrimLeft(text, "\t"), strings.TrimLeft(w.beside("GTX-9001", 2), "\t"))
	}
}

func TestLocales(t *testing.T) {
	t.Parallel()
	q := sample(t, 1, european...)
	q.Totals.Total = partnerportal.MustMoney("1234567.89", "USD")
	for locale, want := range map[string]struct{ locale, total, day string }{
		"":         {"en", "1,234,567.89 USD", "22 December 2026"},
		"en-US":    {"en-US", "1,234,567.89 USD", "22 December 2026"},
		"de":       {"de", "1.234.567,89 USD", "22. Dezember 2026"},
		"de-CH":    {"de-CH", "1’234’567.89 USD", "22. Dezember 2026"},
		"fr-FR":    {"fr-FR", "1\u00a0234\u00a0567,89 USD", "22 décembre 2026"},
		"es":       {"es", "1.234.567,89 USD", "22 de diciembre de 2026"},
		"en-IN":    {"en-IN", "12,34,567.89 USD", "22 December 2026"},
		"sv":       {"sv", "1\u00a0234\u00a0567,89 USD", "2026-12-22"}, // no words of its own
		"ar-EG":    {"ar-EG", "1,234,567.89 USD", "2026-12-22"},
		"no-thing": {"en", "1,234,567.89 USD", "22 December 2026"},
	} {
		out := render(t, press(t), contract.DocumentKindPDF, q, locale)
		assert.Equal(t, want.locale, out.Locale, locale)
		all := strings.Join(read(t, out.Content), "")
		assert.Contains(t, all, plain(want.total), locale)
		assert.Contains(t, all, plain(want.day), locale)
	}
}

// Amounts have the decimals of their currency.
func TestCurrencies(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]struct{ amount, shown, format string }{
		"JPY": {"1234567", "1,234,567 JPY", "#,##0"}, "USD": {"1234567.50", "1,234,567.50 USD", "#,##0.00"}, "KWD": {"1234567.125", "1,234,567.125 KWD", "#,##0.000"},
	} {
		q := sample(t, 1, european...)
		q.Currency, q.Totals.Total = currency, partnerportal.MustMoney(want.amount, currency)
		assert.Contains(t, strings.Join(read(t, render(t, press(t), contract.DocumentKindPDF, q, "en").Content), ""), plain(want.shown))
		w := open(t, q, "en")
		for r, row := range w.rows {
			if len(row) > 10 && row[9] == "Total" {
				cell, err := excelize.CoordinatesToCellName(11, r+1)
				require.NoError(t, err)
				assert.Equal(t, want.amount, trimmed(row[10], q.Totals.Total))
				id, err := w.GetCellStyle("Quote", cell)
				require.NoError(t, err)
				style, err := w.GetStyle(id)
				require.NoError(t, err)
				assert.Equal(t, want.format, *style.CustomNumFmt)
			}
		}
	}
}
