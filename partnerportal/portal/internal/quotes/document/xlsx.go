package document

import (
	"bytes"
	"fmt"
	"image/png"
	"math/big"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

// tab is the one sheet of a workbook.
const tab = "Quote"

// book writes a workbook. Texts of the quote are stored as texts whatever they begin with, so none of them is ever a formula, and amounts as
// the decimal digits that the quote has.
type book struct {
	*sheet
	file   *excelize.File
	styles map[string]int
	at     int // the row that is written next
	err    error
}

// cells of a line, from the left.
const (
	cellNumber = iota + 1
	cellSKU
	cellProduct
	cellDescription
	cellQuantity
	cellUOM
	cellTerm
	cellList
	cellDiscount
	cellUnit
	cellAmount
	cellOptional
)

func (s *sheet) xlsx() ([]byte, error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }() // it has no files of its own
	b := &book{sheet: s, file: file, styles: map[string]int{}, at: 1}
	b.do(file.SetSheetName(file.GetSheetName(0), tab))
	b.design()
	b.head()
	first := b.at
	b.lines()
	b.sums()
	b.reading()
	b.print(first)
	if b.err != nil {
		return nil, fmt.Errorf("document: %w", b.err)
	}
	// With pictures the library notes the kinds of files in the order of a map.
	kinds := file.ContentTypes.Defaults
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].Extension < kinds[j].Extension })
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return out.Bytes(), nil
}

// do keeps the first error.
func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// design makes the styles that cells are named after.
func (b *book) design() {
	c := func(c typeset.Color) string { return fmt.Sprintf("%02X%02X%02X", c[0], c[1], c[2]) }
	amount := "#,##0.00"
	if _, fraction, _ := strings.Cut(b.Totals.Total.Amount(), "."); b.Totals.Total.Currency() != "" {
		amount = strings.TrimSuffix("#,##0."+strings.Repeat("0", len(fraction)), ".")
	}
	unit := amount + "##"
	if !strings.Contains(amount, ".") {
		unit = amount + ".##"
	}
	share := "0.0%"
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	left := &excelize.Alignment{Horizontal: "left", Vertical: "top", Indent: 1, WrapText: true}
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{c(b.vendor.Color)}}
	line := []excelize.Border{{Type: "bottom", Style: 1, Color: c(faint)}}
	for _, s := range []struct {
		name  string
		style excelize.Style
	}{
		{"title", excelize.Style{Font: &excelize.Font{Bold: true, Size: 18, Color: c(b.vendor.Color)}}},
		{"label", excelize.Style{Font: &excelize.Font{Color: c(gray)}}},
		{"plain", excelize.Style{}},
		{"strong", excelize.Style{Font: &excelize.Font{Bold: true}}},
		{"warning", excelize.Style{Font: &excelize.Font{Bold: true, Color: c(brown)}}},
		{"figures", excelize.Style{
			Font: &excelize.Font{Bold: true, Color: c(white)}, Fill: fill, Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center", WrapText: true},
		}},
		{"heading", excelize.Style{Font: &excelize.Font{Bold: true, Color: c(white)}, Fill: fill, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1, WrapText: true}}},
		{"text", excelize.Style{Alignment: left, Border: line}},
		{"count", excelize.Style{Alignment: top, Border: line, CustomNumFmt: new("#,##0")}},
		{"amount", excelize.Style{Alignment: top, Border: line, CustomNumFmt: &amount}},
		{"unit", excelize.Style{Alignment: top, Border: line, CustomNumFmt: &unit}},
		{"share", excelize.Style{Alignment: top, Border: line, CustomNumFmt: &share}},
		{"sum", excelize.Style{CustomNumFmt: &amount}},
		{"total", excelize.Style{Font: &excelize.Font{Bold: true, Color: c(white)}, Fill: fill, CustomNumFmt: &amount}},
		{"prose", excelize.Style{Alignment: top}},
	} {
		if s.style.Font == nil {
			s.style.Font = &excelize.Font{}
		}
		s.style.Font.Family = "Calibri"
		id, err := b.file.NewStyle(&s.style)
		b.do(err)
		b.styles[s.name] = id
	}
	for i, width := range []float64{7, 18, 42, 48, 9, 10, 28, 14, 9, 14, 16, 10} {
		name, err := excelize.ColumnNumberToName(i + 1)
		b.do(err)
		b.do(b.file.SetColWidth(tab, name, name, width))
	}
}

func (b *book) cell(column int) string {
	name, err := excelize.CoordinatesToCellName(column, b.at)
	b.do(err)
	return name
}

// text writes a text, which stays one.
func (b *book) text(column int, text, style string) {
	cell := b.cell(column)
	b.do(b.file.SetCellStr(tab, cell, storable(text)))
	b.do(b.file.SetCellStyle(tab, cell, cell, b.styles[style]))
}

// number writes digits, exactly.
func (b *book) number(column int, digits, style string) {
	cell := b.cell(column)
	b.do(b.file.SetCellDefault(tab, cell, digits))
	b.do(b.file.SetCellStyle(tab, cell, cell, b.styles[style]))
}

func (b *book) amount(column int, m partnerportal.Money, style string) {
	if !m.IsZero() {
		b.number(column, m.Amount(), style)
	}
}

// storable is a text without what a workbook cannot store: control characters, and more than a cell holds.
func storable(text string) string {
	const most = 32_767 // units of UTF-16, of which a character takes one or two
	var b strings.Builder
	left := most
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if unicode.IsControl(r) && r != '\n' || r == '\uFFFE' || r == '\uFFFF' {
			continue
		}
		if left -= utf16.RuneLen(r); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// head is what stands above the lines.
func (b *book) head() {
	b.picture(cellNumber, b.vendor)
	b.picture(cellTerm, b.partner)
	if b.vendor.Logo != nil || b.partner.Logo != nil {
		b.at = 4
	}
	b.text(1, b.format.Quote+" "+b.Number, "title")
	b.at++
	b.text(1, b.Title, "strong")
	b.at++
	if standing := b.standing(); standing != "" {
		b.text(1, standing, "warning")
		b.at++
	}
	start := b.at
	for _, f := range b.facts() {
		b.text(1, f.label, "label")
		b.text(cellProduct, f.value, "strong")
		b.at++
	}
	end := b.at
	b.at = start
	b.text(cellDescription, b.format.PreparedFor, "label")
	name, lines := b.customer()
	b.at++
	b.text(cellDescription, name.text, "strong")
	for _, line := range lines {
		b.at++
		b.text(cellDescription, line.text, "plain")
	}
	end, b.at = max(end, b.at+1), start
	b.text(cellTerm, b.format.PreparedBy, "label")
	b.at++
	b.text(cellTerm, b.partner.Name, "strong")
	for _, line := range b.partner.Address {
		b.at++
		b.text(cellTerm, line, "plain")
	}
	b.at = max(end, b.at+1) + 1
}

// picture puts a company's logo above the rows.
func (b *book) picture(column int, c Company) {
	if c.Logo == nil {
		return
	}
	var content bytes.Buffer
	b.do(png.Encode(&content, c.Logo))
	w, _ := fit(c.Logo, 190, 48)
	scale := w / float64(c.Logo.Bounds().Dx())
	b.do(b.file.AddPictureFromBytes(tab, b.cell(column), &excelize.Picture{
		Extension: ".png", File: content.Bytes(), Format: &excelize.GraphicOptions{ScaleX: scale, ScaleY: scale, AltText: storable(c.Name), LockAspectRatio: true},
	}))
}

func (b *book) lines() {
	f := b.format
	for i, word := range []string{
		f.Position, "SKU", f.Product, f.Description, f.Quantity, f.UOM, f.Term, f.List, f.Discount, f.Unit, f.Amount, f.Optional,
	} {
		style := "heading"
		if column := i + 1; column == cellQuantity || column >= cellList && column <= cellAmount {
			style = "figures"
		}
		b.text(i+1, word, style)
	}
	b.do(b.file.SetRowHeight(tab, b.at, 22))
	for i, number := range b.numbers() {
		b.at++
		l := b.Lines[i]
		b.text(cellNumber, number, "text")
		b.text(cellSKU, l.SKU, "text")
		b.text(cellProduct, l.Name, "text")
		description := joined("\n", l.Description, l.Note)
		b.text(cellDescription, description, "text")
		b.do(b.file.SetRowHeight(tab, b.at, max(rowsOf(l.Name, 42), rowsOf(description, 48))))
		b.number(cellQuantity, fmt.Sprint(l.Quantity), "count")
		b.text(cellUOM, l.UOM, "text")
		b.text(cellTerm, b.term(l), "text")
		b.amount(cellList, l.ListUnit, "unit")
		if l.List.Sign() != 0 {
			b.number(cellDiscount, big.NewRat(l.List.TenThousandths()-l.Net.TenThousandths(), l.List.TenThousandths()).FloatString(6), "share")
		}
		b.amount(cellUnit, unit(l), "unit")
		b.amount(cellAmount, l.Net, "amount")
		optional := ""
		if l.Optional {
			optional = f.Optional
		}
		b.text(cellOptional, optional, "text")
	}
	b.at += 2
}

// rowsOf is about how high a text is that is broken into lines of so many characters, in points. Programs do not look themselves.
func rowsOf(text string, width int) float64 {
	const line, most = 15, 400
	lines := 0
	for part := range strings.SplitSeq(text, "\n") {
		lines += 1 + utf8.RuneCountInString(part)/width
	}
	return float64(min(most, line*lines+3))
}

func (b *book) sums() {
	for _, s := range b.sheet.sums() {
		style := "label"
		if s.strong {
			style = "strong"
		}
		b.text(cellUnit, s.label, style)
		b.amount(cellAmount, s.amount, "sum")
		b.at++
	}
	b.text(cellUnit, b.format.Total, "total")
	b.amount(cellAmount, b.Totals.Total, "total")
	b.text(cellOptional, b.Currency, "strong")
	b.at += 2
	if b.hasOptions() {
		b.text(1, b.format.NotIncluded, "label")
		b.at++
	}
	b.text(1, fmt.Sprintf(b.format.AllIn, b.Currency), "label")
	b.at += 2
}

// reading is what is to be read, over the width of the lines.
func (b *book) reading() {
	for _, p := range []struct{ word, text string }{{b.format.Notes, b.Notes}, {b.format.Conditions, b.Terms}} {
		if p.text == "" {
			continue
		}
		b.text(1, p.word, "strong")
		b.at++
		for _, part := range portions(p.text) {
			b.text(1, part, "prose")
			b.do(b.file.MergeCell(tab, b.cell(1), b.cell(cellAmount)))
			b.do(b.file.SetRowHeight(tab, b.at, rowsOf(part, proseWidth)))
			b.at++
		}
		b.at++
	}
}

const proseWidth = 190 // of what is to be read, in characters

// portions splits a text between its paragraphs into parts that a row can show, which has a highest height.
func portions(text string) []string {
	const most = 300.0
	var parts []string
	last := ""
	for paragraph := range strings.SplitSeq(typeset.Clean(text), "\n") {
		if last != "" && rowsOf(last+"\n"+paragraph, proseWidth) > most {
			parts = append(parts, last)
			last = paragraph
			continue
		}
		last = joined("\n", last, paragraph)
	}
	return append(parts, last)
}

// print says how the sheet is shown and printed, and of what time it is.
func (b *book) print(first int) {
	b.at = first + 1
	b.do(b.file.SetPanes(tab, &excelize.Panes{Freeze: true, YSplit: first, TopLeftCell: b.cell(1), ActivePane: "bottomLeft"}))
	b.do(b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("%s!$%d:$%d", tab, first, first), Scope: tab}))
	b.do(b.file.SetPageLayout(tab, &excelize.PageLayoutOptions{Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0)}))
	b.do(b.file.SetSheetProps(tab, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	b.do(b.file.SetSheetView(tab, 0, &excelize.ViewOptions{ShowGridLines: new(false)}))
	at := b.sheet.at().UTC().Format(time.RFC3339)
	b.do(b.file.SetDocProps(&excelize.DocProperties{
		Created: at, Modified: at, Creator: storable(b.vendor.Name), Title: storable(b.format.Quote + " " + b.Number), Language: b.format.locale,
	}))
}
