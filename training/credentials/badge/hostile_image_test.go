package badge_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const plainSVG = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><circle cx="256" cy="256" r="200"/></svg>`

func plainPNG() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 16))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// pngChunk is one chunk with its checksum.
func pngChunk(kind, content string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(b, kind+content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(chunk []byte) []byte {
	plain := plainPNG()
	const header = 8 + 25
	return append(append(append([]byte{}, plain[:header]...), chunk...), plain[header:]...)
}

func baked(picture []byte, change func(baked []byte) []byte) func(*forgery) {
	return func(f *forgery) {
		image, err := badge.Bake(picture, string(f.valid()))
		require.NoError(f.tb, err)
		f.data = change(image)
	}
}

func shown(data []byte) func(*forgery) { return func(f *forgery) { f.data = data } }

func same(b []byte) []byte { return b }

func hostileImages() []hostile {
	svg := func(inside string) []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">` + inside + `</svg>`)
	}
	return []hostile{
		{"PNG", baked(plainPNG(), same), ""},
		{"SVG", baked([]byte(plainSVG), same), ""},
		{"SVG with a byte order mark", baked([]byte("\xef\xbb\xbf"+plainSVG), same), ""},
		{"PNG without a badge", shown(plainPNG()), unreadable},
		{"SVG without a badge", shown([]byte(plainSVG)), unreadable},
		{"PNG cut short", baked(plainPNG(), func(b []byte) []byte { return b[:60] }), unreadable},
		{"PNG with a chunk of 4 GB", shown(append([]byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xff"), "iTXtopenbadgecredential"...)), unreadable},
		{"PNG with a wrong checksum", baked(plainPNG(), func(b []byte) []byte {
			b[bytes.Index(b, []byte("openbadgecredential"))+40] ^= 1
			return b
		}), unreadable},
		{"PNG with compressed text", shown(withChunk(pngChunk("iTXt", "openbadgecredential\x00\x01\x00\x00\x00x\x9c"))), unreadable},
		{"PNG with text that ends early", shown(withChunk(pngChunk("iTXt", "openbadgecredential\x00\x00\x00"))), unreadable},
		{"PNG with a keyword that only begins alike", shown(withChunk(pngChunk("iTXt", "openbadgecredentials\x00\x00\x00\x00\x00x"))), unreadable},
		{"PNG with two badges", func(f *forgery) {
			image, err := badge.Bake(plainPNG(), string(f.valid()))
			require.NoError(f.tb, err)
			f.data = append(image[:len(image)-12:len(image)-12], pngChunk("iTXt", "openbadgecredential\x00\x00\x00\x00\x00forged")...)
			f.data = append(f.data, pngChunk("IEND", "")...)
		}, unreadable},
		{"PNG with two badges of 2.0", shown(withChunk(append(pngChunk("tEXt", "openbadges\x00{}"), pngChunk("tEXt", "openbadges\x00{}")...))), unreadable},
		{"PNG with a badge and one of 2.0", func(f *forgery) {
			baked(withChunk(pngChunk("tEXt", "openbadges\x00{}")), same)(f)
		}, ""},
		{"PNG of only a signature", shown([]byte("\x89PNG\r\n\x1a\n")), unreadable},
		{"SVG with an entity bomb", shown([]byte(`<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>`)), unreadable},
		{"SVG that includes a file", shown([]byte(`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>`)), unreadable},
		{"SVG with the badge in a comment", shown(svg(`<!-- <openbadges:credential verify="e30.e30.AA"/> -->`)), unreadable},
		{"SVG with the badge in another name space", shown([]byte(`<svg xmlns:openbadges="https://evil.example"><openbadges:credential verify="x"/></svg>`)), unreadable},
		{"SVG with an empty badge", shown(svg(`<openbadges:credential/>`)), unreadable},
		{"SVG with two badges", func(f *forgery) {
			one := `<openbadges:credential verify="` + string(f.valid()) + `"/>`
			f.data = svg(one + `<openbadges:credential verify="forged"/>`)
		}, unreadable},
		{"SVG with two badges of 2.0", shown([]byte(`<svg xmlns:o="http://openbadges.org"><o:assertion>{}</o:assertion><o:assertion>{}</o:assertion></svg>`)), unreadable},
		{"SVG with 300,000 attributes before its badge", func(f *forgery) {
			f.data = svg(`<g ` + string(repeat(`a="" `, 300_000)) + `/><openbadges:credential verify="` + string(f.valid()) + `"/>`)
		}, unreadable},
		{"SVG that never ends", shown([]byte(`<svg><g>`)), unreadable},
		{"SVG of 100,000 levels", shown(append([]byte(`<svg>`), repeat("<g>", 100_000)...)), unreadable},
		{"a web page", shown([]byte(`<!DOCTYPE html><html><body>badge</body></html>`)), unreadable},
		{"an image of 17 MB", shown(append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 17<<20)...)), unreadable},
		{"PNG with a badge of 2 MB", shown(withChunk(pngChunk("iTXt", "openbadgecredential\x00\x00\x00\x00\x00"+string(repeat("A", 2<<20))))),
			unreadable[:len(unreadable)-len("unreadable")] + "too_large"},
	}
}
