package document

import (
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

const (
	cellGap = 13.0 // between columns
	rowPad  = 5.0  // above and below a row
	indent  = 10.0
)

// column is one of the table's: what stands above it and how wide it is.
type column struct {
	word  string
	align typeset.Align
	x     float64
	width float64
}

// row is a line of the quote in the table: its figures, and what it is about.
type row struct {
	cells   []typeset.Block // as many as there are columns; that of the product is empty
	product []strip
	color   typeset.Color
}

// strip is one line of text within the column of the product.
type strip struct {
	block  typeset.Block
	line   int
	color  typeset.Color
	indent float64
}

func (r row) height() float64 {
	height := 2 * rowPad
	for _, s := range r.product {
		height += s.block.Style.Height()
	}
	return height
}

// product is which of the columns says what a line is.
const product = 1

var figures = typeset.Style{Size: 8.5, Leading: strong.Leading * strong.Size / 8.5} // on the base line of the name

// table shows the lines, as far as a page goes, and then goes on under the same heading on the next one.
func (l *layout) table() {
	f := l.format
	columns := []column{
		{word: f.Position}, {word: f.Product}, {word: f.Quantity, align: typeset.Right}, {word: f.List, align: typeset.Right},
		{word: f.Discount, align: typeset.Right}, {word: f.Unit, align: typeset.Right}, {word: f.Amount, align: typeset.Right},
	}
	rows := make([]row, len(l.Lines))
	for i, number := range l.numbers() {
		rows[i] = l.figures(i, number)
	}
	l.arrange(columns, rows)
	for i := range rows {
		rows[i].product = l.describe(i, columns[product].width)
	}
	l.heading(columns)
	for _, r := range rows {
		l.row(columns, r)
	}
	l.y += 6
	if l.hasOptions() {
		l.put("", f.NotIncluded, small, margin, l.width(), gray)
	}
	l.put("", fmt.Sprintf(f.AllIn, l.Currency), small, margin, l.width(), gray)
	l.y += 6
}

// figures sets all of a line but what it is about.
func (l *layout) figures(i int, number string) row {
	line, f := l.Lines[i], l.format
	r := row{color: ink}
	if line.Optional {
		r.color = gray
	}
	quantity := f.count(line.Quantity)
	if shortUnit(line.UOM) {
		quantity = joined(" ", quantity, line.UOM)
	}
	for _, text := range []string{
		number, "", quantity, f.amount(line.ListUnit), f.less(line.List, line.Net), f.amount(unit(line)), f.amount(line.Net),
	} {
		pointer := ""
		if text != number {
			pointer = fmt.Sprintf("/lines/%d/uom", i)
		}
		r.cells = append(r.cells, l.set(pointer, text, figures, 0))
	}
	return r
}

// shortUnit says whether a unit fits behind the quantity; a longer one stands below the product's name.
func shortUnit(uom string) bool { return len([]rune(uom)) <= 8 }

// arrange makes columns as wide as what is in them, and gives what is left to the product.
func (l *layout) arrange(columns []column, rows []row) {
	left := l.width()
	for i := range columns {
		if i == product {
			continue
		}
		c := &columns[i]
		c.width = l.set("", c.word, label, 0).Width()
		for _, r := range rows {
			c.width = max(c.width, r.cells[i].Width())
		}
		c.width = min(c.width, 110)
		left -= c.width + cellGap
	}
	columns[product].width = max(90, left-2*rowPad)
	x := margin + rowPad
	for i := range columns {
		columns[i].x = x
		x += columns[i].width + cellGap
	}
}

// describe sets what a line is about, in lines of text.
func (l *layout) describe(i int, width float64) []strip {
	line := l.Lines[i]
	in, color := 0.0, ink
	if line.ParentLineID != "" {
		in = indent
	}
	var strips []strip
	add := func(t text, style typeset.Style, color typeset.Color) {
		b := l.set(t.pointer, t.text, style, width-in)
		for n := range b.Lines {
			strips = append(strips, strip{b, n, color, in})
		}
	}
	name := line.Name
	if name == "" {
		name = line.SKU
	}
	add(text{fmt.Sprintf("/lines/%d/name", i), name}, strong, color)
	for _, t := range l.about(i) {
		add(t, small, gray)
	}
	return strips
}

func (l *layout) heading(columns []column) {
	const height = 22
	l.room(height + 60)
	l.page.Fill(margin, l.y, l.width(), height, l.vendor.Color)
	for _, c := range columns {
		l.page.Text(l.set("", c.word, label, 0), c.x, l.y+(height-label.Height())/2, c.width, c.align, white)
	}
	l.y += height
}

// row draws a row, on one page if a page can hold it.
func (l *layout) row(columns []column, r row) {
	if l.y+r.height() > l.floor() && (r.height() < l.floor()-200 || l.y+80 > l.floor()) {
		l.turn()
		l.heading(columns)
	}
	y := l.y + rowPad
	for i, cell := range r.cells {
		if i != product {
			l.page.Text(cell, columns[i].x, y, columns[i].width, columns[i].align, r.color)
		}
	}
	c := columns[product]
	for _, s := range r.product {
		height := s.block.Style.Height()
		if y+height > l.floor() {
			l.turn()
			l.heading(columns)
			y = l.y + rowPad
		}
		l.page.Lines(s.block, s.line, s.line+1, c.x+s.indent, y, c.width-s.indent, typeset.Left, s.color)
		y += height
	}
	l.y = y + rowPad
	l.page.Rule(margin, l.y, l.width(), 0.5, faint)
}

// totals shows the way from the list price to the total.
func (l *layout) totals() {
	const width, line, pad = 250.0, 17.0, 10.0
	sums := l.sums()
	height := float64(len(sums))*line + 30
	l.room(height)
	x := margin + l.width() - width
	for _, s := range sums {
		style, color := body, gray
		if s.strong {
			style, color = strong, ink
			l.page.Rule(x, l.y, width, 0.5, faint)
		}
		l.page.Lines(l.set(s.pointer, s.label, style, width-2*pad-80), 0, 1, x+pad, l.y+2, width, typeset.Left, color)
		l.page.Text(l.set("", l.format.amount(s.amount), style, 0), x, l.y+2, width-pad, typeset.Right, ink)
		l.y += line
	}
	l.y += 2
	const band = 26
	total := typeset.Style{Size: 11.5, Bold: true}
	l.page.Fill(x, l.y, width, band, l.vendor.Color)
	at := l.y + (band-total.Height())/2
	l.page.Text(l.set("", l.format.Total, total, 0), x+pad, at, width, typeset.Left, white)
	l.page.Text(l.set("", l.format.money(l.Totals.Total), total, 0), x, at, width-pad, typeset.Right, white)
	l.y += band + gap + 6
}
