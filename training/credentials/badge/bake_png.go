package badge

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// chunk is a piece of a PNG: its type, its content, and where it begins and ends in the image, checksum included.
type chunk struct {
	kind       string
	content    []byte
	start, end int
}

var errPNG = errors.New("badge: the PNG is damaged")

// nextChunk reads the chunk at offset. Checksums are checked: a reader that does not would find another badge than one that does.
func nextChunk(image []byte, offset int) (chunk, error) {
	if len(image)-offset < 12 {
		return chunk{}, errPNG
	}
	size := binary.BigEndian.Uint32(image[offset:])
	if uint64(size) > uint64(len(image)-offset-12) {
		return chunk{}, errPNG
	}
	end := offset + 12 + int(size)
	if crc32.ChecksumIEEE(image[offset+4:end-4]) != binary.BigEndian.Uint32(image[end-4:]) {
		return chunk{}, errPNG
	}
	return chunk{kind: string(image[offset+4 : offset+8]), content: image[offset+8 : end-4], start: offset, end: end}, nil
}

// text is the content of an iTXt or tEXt chunk with one of the keywords. Compressed text is refused, as the standard forbids it.
func (c chunk) text() (keyword string, text []byte, err error) {
	name, rest, ok := bytes.Cut(c.content, []byte{0})
	if keyword = string(name); !ok || keyword != pngKeyword && keyword != pngKeyword2 {
		return "", nil, nil
	}
	switch c.kind {
	case "tEXt":
		if keyword == pngKeyword { // only 2.0 knows these
			return "", nil, nil
		}
		return keyword, rest, nil
	case "iTXt":
		if len(rest) < 2 || rest[0] != 0 {
			return "", nil, errors.New("badge: the badge in the PNG is compressed, which the standard forbids")
		}
		_, afterLanguage, ok := bytes.Cut(rest[2:], []byte{0})
		_, value, ok2 := bytes.Cut(afterLanguage, []byte{0})
		if !ok || !ok2 {
			return "", nil, errPNG
		}
		return keyword, value, nil
	}
	return "", nil, nil
}

func extractPNG(image []byte) ([]byte, error) {
	var badges, older [][]byte
	for offset := len(pngSignature); offset < len(image); {
		c, err := nextChunk(image, offset)
		if err != nil {
			return nil, err
		}
		keyword, text, err := c.text()
		switch {
		case err != nil:
			return nil, err
		case keyword == pngKeyword:
			badges = append(badges, text)
		case keyword == pngKeyword2:
			older = append(older, text)
		}
		if c.kind == "IEND" {
			break
		}
		offset = c.end
	}
	return only(badges, older)
}

func bakePNG(image []byte, badge string) ([]byte, error) {
	if strings.ContainsRune(badge, 0) {
		return nil, errors.New("badge: a badge has no NUL characters")
	}
	baked := bytes.NewBuffer(make([]byte, 0, len(image)+len(badge)+64))
	baked.WriteString(pngSignature)
	for offset := len(pngSignature); ; {
		c, err := nextChunk(image, offset)
		if err != nil {
			return nil, err
		}
		if offset == len(pngSignature) && c.kind != "IHDR" {
			return nil, errPNG
		}
		if keyword, _, err := c.text(); err == nil && keyword != pngKeyword {
			baked.Write(image[c.start:c.end])
		}
		if c.kind == "IHDR" {
			writeChunk(baked, "iTXt", pngKeyword+"\x00\x00\x00\x00\x00"+badge) // not compressed, no language, no translation
		}
		if offset = c.end; c.kind == "IEND" {
			return baked.Bytes(), nil
		}
	}
}

func writeChunk(w *bytes.Buffer, kind, content string) {
	w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(content))))
	start := w.Len()
	w.WriteString(kind)
	w.WriteString(content)
	w.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(w.Bytes()[start:])))
}
