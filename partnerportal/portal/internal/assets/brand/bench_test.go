package brand_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
)

// marks are a logo and a headline.
func marks() []brand.Mark {
	logo, headline := at(20, 20, 80, 40), at(120, 20, 160, 40)
	logo.Kind = contract.ZoneKindLogo
	return []brand.Mark{{Zone: logo, Picture: plain(1000, 500, red)}, {Zone: headline, Text: "Acme and you"}}
}

func BenchmarkOnPDF(b *testing.B) {
	template, marks := brochure(b, 4), marks()
	for b.Loop() {
		require.NoError(b, brand.OnPDF(io.Discard, bytes.NewReader(template), marks))
	}
}

// BenchmarkOnPicture is of 12 megapixels, which is what a printed page has.
func BenchmarkOnPicture(b *testing.B) {
	template, marks := plain(4000, 3000, white), marks()
	for b.Loop() {
		picture, err := brand.OnPicture(template, marks)
		require.NoError(b, err)
		require.NoError(b, brand.Encode(io.Discard, picture, brand.JPEG))
	}
}
