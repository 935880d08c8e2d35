package badge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxMarkup bounds elements and attributes: 16 MiB of <g> would be a gigabyte of names.
const maxMarkup = 1 << 18

// svgImage is where in an SVG a badge stands or would.
type svgImage struct {
	rootEnd    int64  // behind the > of the root's start tag
	declared   string // what the root already means by the prefix openbadges
	start, end int64  // of the last credential element, when there is one
	badges     [][]byte
	older      [][]byte // of Open Badges 2.0
}

// readSVG walks through the elements. encoding/xml resolves no entities but the five of XML and fetches nothing.
func readSVG(image []byte) (svgImage, error) {
	var svg svgImage
	if bytes.Count(image, []byte("<"))+bytes.Count(image, []byte("=")) > maxMarkup {
		return svg, fmt.Errorf("badge: the SVG has more than %d elements and attributes", maxMarkup)
	}
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(image, []byte(byteOrderMark))))
	skipped := int64(len(image)) - int64(len(bytes.TrimPrefix(image, []byte(byteOrderMark))))
	for {
		start := dec.InputOffset() + skipped
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF) && svg.rootEnd > 0:
			return svg, nil
		case errors.Is(err, io.EOF):
			return svg, errors.New("badge: the SVG is empty")
		case err != nil:
			return svg, fmt.Errorf("badge: the SVG is damaged: %w", err)
		}
		element, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case svg.rootEnd == 0:
			if element.Name.Local != "svg" {
				return svg, fmt.Errorf("badge: the image's root is %.40q, not svg", element.Name.Local)
			}
			svg.rootEnd = dec.InputOffset() + skipped
			svg.declared = attribute(element, xml.Name{Space: "xmlns", Local: "openbadges"})
		case element.Name == (xml.Name{Space: svgSpace, Local: "credential"}):
			text, err := svgText(dec, element)
			if err != nil {
				return svg, err
			}
			svg.badges = append(svg.badges, text)
			svg.start, svg.end = start, dec.InputOffset()+skipped
		case element.Name == (xml.Name{Space: svgSpace2, Local: "assertion"}):
			text, err := svgText(dec, element)
			if err != nil {
				return svg, err
			}
			svg.older = append(svg.older, text)
		}
	}
}

func attribute(element xml.StartElement, name xml.Name) string {
	i := slices.IndexFunc(element.Attr, func(a xml.Attr) bool { return a.Name == name })
	if i < 0 {
		return ""
	}
	return element.Attr[i].Value
}

// svgText is the attribute verify, which holds a token, or the text inside, which holds JSON. In 2.0 the attribute may be the badge's
// address instead.
func svgText(dec *xml.Decoder, element xml.StartElement) ([]byte, error) {
	var inside struct {
		Text []byte `xml:",chardata"`
	}
	if err := dec.DecodeElement(&inside, &element); err != nil {
		return nil, fmt.Errorf("badge: the SVG is damaged: %w", err)
	}
	text, token := bytes.TrimSpace(inside.Text), attribute(element, xml.Name{Local: "verify"})
	if token == "" || isAddress(token) && len(text) > 0 {
		return text, nil
	}
	return []byte(token), nil
}

func extractSVG(image []byte) ([]byte, error) {
	svg, err := readSVG(image)
	if err != nil {
		return nil, err
	}
	return only(svg.badges, svg.older)
}

func bakeSVG(image []byte, badge string) ([]byte, error) {
	svg, err := readSVG(image)
	if err != nil {
		return nil, err
	}
	if len(svg.badges) > 1 {
		return nil, errTwoBadges
	}
	if svg.end > 0 { // removed first, so that the offsets of the root stay true
		image = slices.Concat(image[:svg.start], image[svg.end:])
	}
	root := image[:svg.rootEnd]
	if bytes.HasSuffix(root, []byte("/>")) {
		return nil, errors.New("badge: the SVG has no content")
	}
	prefix, local := "", ` xmlns:openbadges="`+svgSpace+`"`
	switch svg.declared {
	case svgSpace:
		local = ""
	case "":
		prefix, local = local, ""
	}
	baked := slices.Concat(root[:len(root)-1], []byte(prefix+">"), svgElement(badge, local), image[svg.rootEnd:])
	// What used the prefix without declaring it, or declared it twice, may mean something else now.
	if again, err := extractSVG(baked); err != nil || string(again) != badge {
		return nil, errors.New("badge: the SVG uses the prefix openbadges in a way that leaves no room for a badge")
	}
	return baked, nil
}

// svgElement holds a token as an attribute and JSON as text, as the standard wants it.
func svgElement(badge, declaration string) []byte {
	if !strings.HasPrefix(badge, "{") {
		var escaped bytes.Buffer
		_ = xml.EscapeText(&escaped, []byte(badge)) // a buffer takes everything
		return []byte(`<openbadges:credential` + declaration + ` verify="` + escaped.String() + `"></openbadges:credential>`)
	}
	text := strings.ReplaceAll(badge, "]]>", "]]]]><![CDATA[>")
	return []byte(`<openbadges:credential` + declaration + `><![CDATA[` + text + `]]></openbadges:credential>`)
}
