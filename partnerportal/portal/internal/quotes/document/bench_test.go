package document_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// BenchmarkRender makes documents of a quote of 60 lines.
func BenchmarkRender(b *testing.B) {
	for _, c := range []struct {
		name  string
		kind  contract.DocumentKind
		fonts bool
		names []string
	}{
		{"pdf/european", contract.DocumentKindPDF, false, european},
		{"pdf/all scripts", contract.DocumentKindPDF, true, slices.Concat(european, asian, rtl)},
		{"xlsx", contract.DocumentKindXLSX, false, european},
	} {
		b.Run(c.name, func(b *testing.B) {
			var fonts [][]byte
			if c.fonts {
				fonts = noto(b)
			}
			p, q := press(b, fonts...), sample(b, 60, c.names...)
			b.ReportAllocs()
			for b.Loop() {
				out, err := p.Render(document.Input{Kind: c.kind, Quote: q, Partner: partner(), Locale: "en"})
				require.NoError(b, err)
				b.ReportMetric(float64(len(out.Content)), "bytes")
			}
		})
	}
	b.Run("reading the fonts", func(b *testing.B) {
		fonts := noto(b)
		b.ReportAllocs()
		for b.Loop() {
			_, err := document.New(fonts, document.Company{})
			require.NoError(b, err)
		}
	})
}
