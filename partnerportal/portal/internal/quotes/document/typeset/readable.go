package typeset

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// In a PDF of fpdf's: which object tells the characters of which font, and the file's last words.
var (
	ofFont  = regexp.MustCompile(`/BaseFont /utf8(\S+)\n/Encoding /Identity-H\n/DescendantFonts \[\d+ 0 R\]\n/ToUnicode (\d+) 0 R`)
	trailer = regexp.MustCompile(`(?s)trailer\n<<\n/Size (\d+)\n(.*?)>>\nstartxref\n(\d+)\n%%EOF\n$`)
)

// readable appends to a PDF what its codes mean, so that it can be searched, copied and read aloud: for each font that has codes which are not their
// characters a new version of the table that fpdf has written (PDF 1.7, 7.5.6, incremental updates, and 9.10.3, ToUnicode CMaps).
func (s *subsets) readable(pdf []byte) ([]byte, error) {
	end := trailer.FindSubmatch(pdf)
	if end == nil {
		return nil, errors.New("typeset: the PDF ends in another way than expected")
	}
	objects := map[string]string{}
	for _, m := range ofFont.FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = string(m[2])
	}
	var xref strings.Builder
	for _, font := range s.all {
		if font.identical() {
			continue
		}
		object, ok := objects[strings.ToLower(font.name)]
		if !ok {
			return nil, fmt.Errorf("typeset: the font %s is not in the PDF", font.name)
		}
		fmt.Fprintf(&xref, "%s 1\n%010d 00000 n \n", object, len(pdf))
		table := deflated(font.toUnicode())
		pdf = append(pdf, object+" 0 obj\n<</Length "+strconv.Itoa(len(table))+" /Filter /FlateDecode>>\nstream\n"...)
		pdf = append(append(pdf, table...), "\nendstream\nendobj\n"...)
	}
	if xref.Len() == 0 {
		return pdf, nil
	}
	start := len(pdf)
	return fmt.Appendf(pdf, "xref\n%strailer\n<<\n/Size %s\n%s/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n", xref.String(), end[1], end[2], end[3], start), nil
}

// toUnicode is the table of what is read where a code stands. A glyph whose neighbour stands for it too reads as nothing.
func (s *subset) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for rest := s.order; len(rest) > 0; {
		const most = 100 // in one list
		part := rest[:min(most, len(rest))]
		rest = rest[len(part):]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, code := range part {
			fmt.Fprintf(&b, "<%04X> <", code)
			for _, u := range utf16.Encode([]rune(s.shapes[code].text)) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\n" + strings.Repeat("end\n", 2))
	return b.Bytes()
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}
