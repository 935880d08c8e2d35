package document

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

// Lengths are in points, from the upper left of a page.
const (
	margin = 45.0 // left and right
	top    = 42.0
	bottom = 58.0 // with the footer
	gap    = 18.0 // between the parts of a page
)

var (
	ink   = typeset.Color{0x1F, 0x25, 0x2E}
	gray  = typeset.Color{0x5F, 0x68, 0x76}
	faint = typeset.Color{0xD5, 0xDA, 0xE1}
	white = typeset.Color{0xFF, 0xFF, 0xFF}
	amber = typeset.Color{0xFD, 0xF3, 0xDC}
	brown = typeset.Color{0x7A, 0x4B, 0x00}
)

var (
	title   = typeset.Style{Size: 24, Bold: true, Leading: 1.15}
	heading = typeset.Style{Size: 11, Bold: true}
	strong  = typeset.Style{Size: 9, Bold: true, Leading: 1.35}
	body    = typeset.Style{Size: 9, Leading: 1.35}
	small   = typeset.Style{Size: 7.5, Leading: 1.4}
	label   = typeset.Style{Size: 7.5, Bold: true, Leading: 1.4}
)

// layout puts a sheet on pages.
type layout struct {
	*sheet
	paper *typeset.Paper
	page  *typeset.Page
	y     float64
}

func (s *sheet) pdf() ([]byte, error) {
	l := &layout{sheet: s, paper: &typeset.Paper{Width: 595.28, Height: 841.89}} // A4
	if letterSize(s.format.locale) {
		l.paper.Width, l.paper.Height = 612, 792
	}
	l.page, l.y = l.paper.Add(), top
	l.letterhead()
	l.opening()
	l.addresses()
	l.table()
	l.totals()
	l.prose()
	l.signatures()
	l.footers()
	if len(s.glyphs.Glyphs) > 0 {
		return nil, &s.glyphs
	}
	return l.paper.PDF(typeset.Meta{
		Title: joined(" ", s.format.Quote, s.Number), Subject: s.Title, Author: s.vendor.Name, Lang: s.format.locale, At: s.at(),
	})
}

// letterSize says whether a locale's country prints on Letter instead of A4.
func letterSize(locale string) bool {
	region, confidence := language.Make(locale).Region()
	if confidence < language.High {
		return false
	}
	switch region.String() {
	case "US", "CA", "MX", "CL", "CO", "PH":
		return true
	}
	return false
}

func (l *layout) width() float64 { return l.paper.Width - 2*margin }

func (l *layout) floor() float64 { return l.paper.Height - bottom }

// set sets a text of the quote, or a word of the document's when the pointer is empty.
func (l *layout) set(pointer, text string, style typeset.Style, width float64) typeset.Block {
	b := l.setter.Set(text, style, width)
	l.glyphs.missing(pointer, b.Missing)
	return b
}

// put draws a text below what stands there. Names stand at the left like all others, whatever direction they run in.
func (l *layout) put(pointer, text string, style typeset.Style, x, width float64, color typeset.Color) {
	l.draw(l.set(pointer, text, style, width), x, width, typeset.Left, color)
}

// read draws a text that is read as a whole, so it begins where its direction does.
func (l *layout) read(pointer, text string, style typeset.Style, x, width float64, color typeset.Color) {
	b, align := l.set(pointer, text, style, width), typeset.Left
	if b.RTL {
		align = typeset.Right
	}
	l.draw(b, x, width, align, color)
}

func (l *layout) draw(b typeset.Block, x, width float64, align typeset.Align, color typeset.Color) {
	for i := range b.Lines {
		if l.y+b.Style.Height() > l.floor() {
			l.turn()
		}
		l.page.Lines(b, i, i+1, x, l.y, width, align, color)
		l.y += b.Style.Height()
	}
}

// turn begins a new page, which says what it belongs to.
func (l *layout) turn() {
	l.page, l.y = l.paper.Add(), top
	name, _ := l.customer()
	half := l.width() / 2
	l.page.Lines(l.set("", l.format.Quote+" "+l.Number, label, 0), 0, 1, margin, l.y, half, typeset.Left, l.vendor.Color)
	b := l.set(name.pointer, name.text, small, half)
	if len(b.Lines) > 0 {
		l.page.Lines(b, 0, 1, margin+half, l.y, half, typeset.Right, gray)
	}
	l.y += 15
	l.page.Rule(margin, l.y, l.width(), 0.5, faint)
	l.y += gap
}

// room makes sure that so much fits on the page.
func (l *layout) room(height float64) {
	if l.y+height > l.floor() && l.y > top+gap+20 {
		l.turn()
	}
}

// letterhead shows who offers: the vendor at the left, the partner at the right.
func (l *layout) letterhead() {
	const height = 40
	left := l.shown(l.vendor, "/vendor", margin, 200, height, typeset.Left)
	right := l.shown(l.partner, "/partner", margin+l.width()-200, 200, height, typeset.Right)
	l.y += max(left, right, 24) + 12
	l.page.Rule(margin, l.y, l.width(), 1.25, l.vendor.Color)
	l.y += gap
}

// shown draws a company's logo, or its name, and says how high it is.
func (l *layout) shown(c Company, pointer string, x, width, height float64, align typeset.Align) float64 {
	if c.Logo != nil {
		w, h := fit(c.Logo, width, height)
		l.page.Picture(c.Logo, x+(width-w)*float64(align), l.y+(height-h)/2, w, h)
		return height
	}
	b := l.set(pointer, c.Name, typeset.Style{Size: 14, Bold: true}, width)
	l.page.Text(b, x, l.y, width, align, l.vendor.Color)
	return b.Height()
}

// opening says what this is, and how it stands.
func (l *layout) opening() {
	const column = 215.0
	y := l.y
	facts := l.facts()
	for _, f := range facts {
		x := margin + l.width() - column
		l.page.Text(l.set("", f.label, body, 0), x, y, column, typeset.Left, gray)
		l.page.Text(l.set("", f.value, strong, 0), x, y, column, typeset.Right, ink)
		y += 16
	}
	l.put("", l.format.Quote, title, margin, l.width()-column-gap, l.vendor.Color)
	if l.Title != "" {
		l.y += 2
		l.put("/title", l.Title, typeset.Style{Size: 11, Leading: 1.35}, margin, l.width()-column-gap, ink)
	}
	l.y = max(l.y, y) + gap
	if standing := l.standing(); standing != "" {
		b := l.set("", standing, strong, l.width()-24)
		l.page.Fill(margin, l.y, l.width(), b.Height()+12, amber)
		l.page.Text(b, margin+12, l.y+6, l.width()-24, typeset.Left, brown)
		l.y += b.Height() + 12 + gap
	}
}

// addresses shows for whom and by whom the quote is.
func (l *layout) addresses() {
	column := (l.width() - gap) / 2
	name, lines := l.customer()
	y := l.y
	l.card(l.format.PreparedFor, name, lines, margin, column)
	page, end := l.page, l.y
	if len(l.paper.Pages) == 1 {
		l.y = y
	}
	var address []text
	for _, line := range l.partner.Address {
		address = append(address, text{"/partner", line})
	}
	if others := l.others(); len(others) > 0 {
		address = append(address, text{"", l.format.Also + ":"})
		address = append(address, others...)
	}
	l.card(l.format.PreparedBy, text{"/partner", l.partner.Name}, some(address), margin+column+gap, column)
	if page == l.page {
		l.y = max(l.y, end)
	}
	l.y += gap
}

func (l *layout) card(word string, name text, lines []text, x, width float64) {
	l.put("", word, label, x, width, gray)
	l.y += 2
	l.put(name.pointer, name.text, typeset.Style{Size: 10.5, Bold: true, Leading: 1.35}, x, width, ink)
	for _, line := range lines {
		l.put(line.pointer, line.text, body, x, width, ink)
	}
}

// prose is what is to be read: the notes and the terms.
func (l *layout) prose() {
	for _, p := range []struct {
		word  string
		text  text
		style typeset.Style
	}{
		{l.format.Notes, text{"/notes", l.Notes}, body},
		{l.format.Conditions, text{"/terms", l.Terms}, typeset.Style{Size: 8, Leading: 1.45}},
	} {
		if typeset.Clean(p.text.text) == "" {
			continue
		}
		l.room(heading.Height() + 4*p.style.Height())
		l.put("", p.word, heading, margin, l.width(), l.vendor.Color)
		l.y += 4
		l.read(p.text.pointer, p.text.text, p.style, margin, l.width(), ink)
		l.y += gap
	}
}

// signatures is where the customer signs, or what was signed.
func (l *layout) signatures() {
	if l.standing() != "" {
		return
	}
	const height = 132
	l.room(height)
	l.put("", l.format.Acceptance, heading, margin, l.width(), l.vendor.Color)
	l.y += 4
	if a := l.Acceptance; a.Name != "" {
		l.put("", fmt.Sprintf(l.format.Accepted, l.day(a.AcceptedAt)), strong, margin, l.width(), ink)
		l.put("/acceptance/name", joined(", ", a.Name, a.Title), body, margin, l.width(), ink)
		if a.Reference != "" {
			l.put("/acceptance/reference", l.format.Reference+": "+a.Reference, body, margin, l.width(), ink)
		}
		return
	}
	l.put("", fmt.Sprintf(l.format.Declaration, l.Number, l.format.count(l.Version)), body, margin, l.width(), ink)
	column := (l.width() - gap) / 2
	y := l.y
	for i, word := range []string{l.format.Name, l.format.Role, l.format.PlaceDate, l.format.Signature} {
		x, below := margin+float64(i%2)*(column+gap), y+34+float64(i/2)*40
		l.page.Rule(x, below, column, 0.75, gray)
		l.page.Text(l.set("", word, small, 0), x, below+3, column, typeset.Left, gray)
	}
	l.y = y + height - 40
}

// footers are drawn last, when it is known how many pages there are.
func (l *layout) footers() {
	y := l.paper.Height - bottom + 16
	vendor := l.set("/vendor", joined(" · ", append([]string{l.vendor.Name}, l.vendor.Address...)...), small, l.width()-110)
	for i, page := range l.paper.Pages {
		page.Rule(margin, y, l.width(), 0.5, faint)
		page.Lines(vendor, 0, min(2, len(vendor.Lines)), margin, y+5, l.width()-110, typeset.Left, gray)
		number := l.set("", fmt.Sprintf(l.format.Page, i+1, len(l.paper.Pages)), small, 0)
		page.Text(number, margin, y+5, l.width(), typeset.Right, gray)
	}
}
