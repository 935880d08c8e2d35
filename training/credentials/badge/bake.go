package badge

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// What badges are baked under, in this version of the standard and in 2.0.
const (
	pngKeyword  = "openbadgecredential"
	pngKeyword2 = "openbadges"
	svgSpace    = "https://purl.imsglobal.org/ob/v3p0"
	svgSpace2   = "http://openbadges.org"
)

var (
	// errNothingBaked is an image like any other.
	errNothingBaked = errors.New("badge: the image has no badge baked in")
	// errTwoBadges is an image of which one reader shows this badge and another one that. The standard allows one.
	errTwoBadges = errors.New("badge: the image has more than one badge")
)

// Bake hides a badge (a VC-JWT, or the JSON of one with an embedded proof) in a PNG or SVG image, in place of one that is there
// already. The image looks as before.
func Bake(image []byte, badge string) (baked []byte, err error) {
	badge = strings.TrimSpace(badge) // files end with a line break
	switch {
	case len(image) > maxImage:
		return nil, fmt.Errorf("badge: the image is larger than %d bytes", maxImage)
	case badge == "" || len(badge) > maxText:
		return nil, fmt.Errorf("badge: a badge has 1 to %d bytes", maxText)
	case isPNG(image):
		baked, err = bakePNG(image, badge)
	case isImage(image):
		baked, err = bakeSVG(image, badge)
	default:
		return nil, errors.New("badge: neither a PNG nor an SVG image")
	}
	if len(baked) > maxImage { // which nobody could read
		return nil, fmt.Errorf("badge: the image with the badge in it is larger than %d bytes", maxImage)
	}
	return baked, err
}

// Extract finds what was baked into a PNG or SVG image: a VC-JWT or JSON, as [Verify] takes it. It finds badges of Open Badges 2.0 too.
// An image with two badges of one version is an error.
func Extract(image []byte) ([]byte, error) {
	switch {
	case len(image) > maxImage:
		return nil, fmt.Errorf("badge: the image is larger than %d bytes", maxImage)
	case isPNG(image):
		return extractPNG(image)
	case isImage(image):
		return extractSVG(image)
	}
	return nil, errors.New("badge: neither a PNG nor an SVG image")
}

// only is the one badge that an image has, or the one of 2.0 where it has no other.
func only(badges, older [][]byte) ([]byte, error) {
	if len(badges) == 0 {
		badges = older
	}
	switch len(badges) {
	case 0:
		return nil, errNothingBaked
	case 1:
		return badges[0], nil
	}
	return nil, errTwoBadges
}

const (
	pngSignature  = "\x89PNG\r\n\x1a\n"
	byteOrderMark = "\xef\xbb\xbf"
)

func isPNG(data []byte) bool { return bytes.HasPrefix(data, []byte(pngSignature)) }

// isImage takes all that begins with "<" for SVG: no other form of a badge does.
func isImage(data []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte(byteOrderMark)), " \t\r\n")
	return isPNG(data) || bytes.HasPrefix(text, []byte("<"))
}
