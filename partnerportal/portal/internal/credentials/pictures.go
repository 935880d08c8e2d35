package credentials

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"unicode"

	"golang.org/x/image/vector"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// mostPixels is how large a definition's picture may be on each side.
const mostPixels = 2048

// changePicture takes the picture of a definition into use, and gives back the one before.
func (s *Service) changePicture(ctx context.Context, c *call.Call, before, d *contract.Definition) error {
	if before.ImageFileID == d.ImageFileID {
		return nil
	}
	if before.ImageFileID != "" {
		if err := c.Tx.ReleaseFile(ctx, c.Caller.Owner(), before.ImageFileID, c.Now); err != nil {
			return err
		}
	}
	if d.ImageFileID == "" {
		return nil
	}
	file, err := c.Tx.UseFile(ctx, c.Caller.Owner(), d.ImageFileID)
	if errors.Is(err, store.ErrNotFound) {
		return problem.Invalid("/image_file_id", "invalid_value", "There is no such file. Upload it first, as the vendor.")
	}
	if err != nil {
		return err
	}
	picture, err := s.content(ctx, file, "/image_file_id")
	if err != nil {
		return err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || size.Width > mostPixels || size.Height > mostPixels {
		return problem.Invalid("/image_file_id", "invalid_value", fmt.Sprintf("Give a PNG of at most %d pixels on each side.", mostPixels))
	}
	if !bakeable(picture) {
		return problem.Invalid("/image_file_id", "invalid_value", "The PNG is damaged.")
	}
	return nil
}

// bakeable says that a PNG is one to its end, so that badges can be put into it later.
func bakeable(picture []byte) bool {
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		return false
	}
	_, err := badge.Bake(picture, "{}")
	return err == nil
}

// picture is a definition's picture, and of which revision.
type picture struct {
	revision int64
	content  []byte
}

// png is the picture of a definition: the vendor's own, or a seal in a colour of its own.
func (s *Service) png(ctx context.Context, d *contract.Definition) ([]byte, error) {
	if kept, ok := s.pictures.Load(d.ID); ok {
		if p := kept.(picture); p.revision == d.Revision { //nolint:forcetypeassert // the map holds nothing else
			return p.content, nil
		}
	}
	fresh := picture{revision: d.Revision}
	var err error
	if d.ImageFileID != "" {
		fresh.content, err = s.content(ctx, store.File{ID: d.ImageFileID}, "/image_file_id")
	} else {
		fresh.content, err = drawSeal(sealColor(d.ID))
	}
	if err != nil {
		return nil, err
	}
	s.pictures.Store(d.ID, fresh)
	return fresh.content, nil
}

// svgSeal is the seal with the name of what it is for. A viewer has the fonts for it, which a picture of pixels would lack.
var svgSeal = template.Must(template.New("seal").Parse(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 512 {{if .Image}}512{{else}}600{{end}}" role="img" aria-label="{{.Name}}">
<title>{{.Name}}</title>
{{if .Image}}<image width="512" height="512" xlink:href="{{.Image}}" href="{{.Image}}"/>
{{else}}<path fill="{{.Color}}" d="{{.Seal}}"/>
<circle cx="256" cy="256" r="186" fill="none" stroke="#fff" stroke-width="10"/>
<path fill="none" stroke="#fff" stroke-width="40" stroke-linecap="round" stroke-linejoin="round" d="M166 262 L232 328 L350 196"/>
<text x="256" y="568" text-anchor="middle" font-family="sans-serif" font-size="{{.Size}}" font-weight="bold" fill="{{.Color}}">{{.Name}}</text>
{{end}}</svg>
`))

// svg is the picture of a definition as an SVG; the vendor's own is inside it.
func (s *Service) svg(ctx context.Context, d *contract.Definition) ([]byte, error) {
	shade := sealColor(d.ID)
	data := struct {
		Name, Color, Seal string
		Image             template.URL
		Size              int // of the name, so that it fits
	}{
		Name: legible(d.Name), Color: fmt.Sprintf("#%02x%02x%02x", shade.R, shade.G, shade.B), Seal: sealPath(), Size: min(44, 900/max(1, len([]rune(d.Name)))),
	}
	if d.ImageFileID != "" {
		content, err := s.png(ctx, d)
		if err != nil {
			return nil, err
		}
		data.Image = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(content)) //nolint:gosec // of our own making
	}
	var b bytes.Buffer
	err := svgSeal.Execute(&b, data)
	return b.Bytes(), err
}

// legible is text without what an SVG may not hold.
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, text)
}

// sealColor is a colour by which definitions are told apart, dark enough for white on it.
func sealColor(id string) color.NRGBA {
	shades := []color.NRGBA{
		{0x1d, 0x4e, 0x89, 0xff}, {0x0b, 0x6e, 0x4f, 0xff}, {0x7b, 0x2d, 0x8b, 0xff}, {0x9b, 0x22, 0x26, 0xff},
		{0x8a, 0x4f, 0x00, 0xff}, {0x2f, 0x3e, 0x9e, 0xff}, {0x00, 0x5f, 0x73, 0xff}, {0x4a, 0x4e, 0x69, 0xff},
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return shades[h.Sum32()%uint32(len(shades))]
}

// sealSide is how wide and high the seal is, in pixels.
const sealSide = 512

// notches is how many points the edge of the seal has, outer and inner.
const notches = 48

// sealPoints go round the edge of the seal, from its middle.
var sealPoints = round(notches, 240, 222)

// circle goes round the middle.
func circle(radius float64) [][2]float32 { return round(180, radius, radius) }

// round goes round the middle by so many points, at two distances in turn.
func round(points int, far, near float64) [][2]float32 {
	all := make([][2]float32, points)
	for i := range all {
		radius := far
		if i%2 == 1 {
			radius = near
		}
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(points))
		all[i] = [2]float32{float32(radius * cos), float32(radius * sin)}
	}
	return all
}

func sealPath() string {
	var b strings.Builder
	for i, p := range sealPoints {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0])
		fmt.Fprintf(&b, "%.1f %.1f", 256+p[0], 256+p[1])
	}
	return b.String() + "Z"
}

// drawSeal draws a seal with a tick on it.
func drawSeal(shade color.NRGBA) ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, sealSide, sealSide))
	fill(img, shade, sealPoints)
	fill(img, color.NRGBA{0xff, 0xff, 0xff, 0xff}, circle(191))
	fill(img, shade, circle(181))
	fill(img, color.NRGBA{0xff, 0xff, 0xff, 0xff}, [][2]float32{{-104, 6}, {-76, -22}, {-24, 30}, {80, -74}, {108, -46}, {-24, 86}})
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	return b.Bytes(), err
}

// fill fills a polygon around the middle of the picture.
func fill(img *image.NRGBA, shade color.NRGBA, points [][2]float32) {
	r := vector.NewRasterizer(sealSide, sealSide)
	r.MoveTo(sealSide/2+points[0][0], sealSide/2+points[0][1])
	for _, p := range points[1:] {
		r.LineTo(sealSide/2+p[0], sealSide/2+p[1])
	}
	r.ClosePath()
	r.Draw(img, img.Bounds(), image.NewUniform(shade), image.Point{})
}
