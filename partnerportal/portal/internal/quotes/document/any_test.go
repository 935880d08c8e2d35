package document_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Of texts from anywhere a document is made, or it is said which characters they lack. (What can go wrong with a text goes wrong while it is set,
// which is fuzzed.)
func TestAnyTexts(t *testing.T) {
	t.Parallel()
	p := press(t)
	texts := []string{
		"", "=1+1", "شركة 123 (GTX)", "a\u202Eb\nc", "\xff", "Ź\u0301\u0323", "😀", "לא", "\u0600\u06DD1", "𠀋", "\uFFFE", "\x00", "(\\)", "%%EOF",
	}
	for seed := range 10 {
		texts = append(texts, rapid.String().Example(seed))
	}
	for i, text := range texts {
		q := sample(t, 2, "x")
		q.Title, q.Terms, q.Customer.Name, q.Lines[0].Name, q.Lines[1].UOM, q.Number = text, text, text, text, text, text
		q.Lines[0].Quantity = []int{math.MinInt, -1, 0, math.MaxInt}[i%4]
		_, err := p.Render(document.Input{Kind: contract.DocumentKindXLSX, Quote: q, Locale: text})
		require.NoError(t, err, "%q", text)
		_, err = p.Render(document.Input{Kind: contract.DocumentKindPDF, Quote: q, Locale: text})
		if missing, ok := errors.AsType[*document.GlyphError](err); ok {
			require.NotEmpty(t, missing.Glyphs, "%q", text)
			for _, g := range missing.Glyphs {
				require.True(t, utf8.ValidString(g.Characters), "%q", text)
			}
			continue
		}
		require.NoError(t, err, "%q", text)
	}
}

// Somebody who wants to keep the portal busy gets no document at all.
func TestTooMuchText(t *testing.T) {
	t.Parallel()
	q := sample(t, 300, "x")
	for i := range q.Lines {
		q.Lines[i].Description = strings.Repeat("ab ", 1_200)
	}
	for _, kind := range []contract.DocumentKind{contract.DocumentKindPDF, contract.DocumentKindXLSX} {
		_, err := press(t).Render(document.Input{Kind: kind, Quote: q})
		require.ErrorIs(t, err, document.ErrTooLong)
	}
}

// Of a locale counts what documents are made by, so that there are not any number of the same document.
func TestOneLocaleOneDocument(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"": "en", "DE-at": "de-AT", "sr_latn": "sr-Latn", "en-u-nu-thai": "en", "en-GB-x-cockney": "en-GB", "x-klingon": "en", "no such thing": "en", "iw": "he",
	} {
		require.Equal(t, want, document.Locale(asked), asked)
	}
}
