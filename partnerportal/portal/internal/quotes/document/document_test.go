package document_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// A quote of 60 lines in Latin, Greek, Cyrillic, Chinese, Japanese, Korean and Arabic reads as it was written.
func TestReadsAsWritten(t *testing.T) {
	t.Parallel()
	names := slices.Concat(european, asian, rtl)
	q := sample(t, 60, names...)
	pages := read(t, render(t, press(t, noto(t)...), contract.DocumentKindPDF, q, "en").Content)
	require.Greater(t, len(pages), 2)
	all := strings.Join(pages, "\n")
	for _, l := range q.Lines {
		for _, part := range parts(l.Name) {
			assert.Contains(t, all, plain(part))
		}
		assert.Contains(t, all, plain(l.SKU))
		assert.Contains(t, all, grouped(l.Net.Amount()), l.SKU)
	}
	for _, m := range []partnerportal.Money{q.Totals.List, must(q.Totals.Net.Sub(q.Totals.List)), q.Totals.Net, q.Totals.Tax, q.Totals.Total} {
		assert.Contains(t, all, grouped(m.Amount()))
	}
	assert.Contains(t, all, grouped(q.Totals.Total.Amount())+"USD")
	for _, text := range []string{"Q-000042", "Network renewal 2027, three sites", "Müller & Söhne Logistik GmbH & Co. KG", "20457 Hamburg", "Germany", "Zoë Krüger, Head of IT",
		"36 months from 1 January 2027", "22 December 2026", "19.04 %", q.Notes, "renew only when they are ordered again.", "We accept quote Q-000042, version 2"} {
		assert.Contains(t, all, plain(text))
	}
	for _, word := range []string{"deal", "tier", "partner discount", grouped(q.Totals.Discounts[0].Amount.Amount())} {
		assert.NotContains(t, strings.ToLower(all), plain(word), "how the discount comes about is no business of the customer's")
	}
	for i, page := range pages {
		assert.Contains(t, page, plain("Page "+strconv.Itoa(i+1)+" of "+strconv.Itoa(len(pages))))
		assert.Contains(t, page, "Product", "each page has the heading of the table")
		if i > 0 {
			assert.Contains(t, page, plain("Quote Q-000042"))
		}
	}
}

func TestEuropeanNamesNeedNoFonts(t *testing.T) {
	t.Parallel()
	q := sample(t, 12, european...)
	for locale, total := range map[string]string{"en": "Total", "de": "Gesamtbetrag", "fr": "Total", "es": "Total", "it": "Totale", "nl": "Totaal", "pt-BR": "Total", "el": "Total"} {
		all := strings.Join(read(t, render(t, press(t), contract.DocumentKindPDF, q, locale).Content), "")
		assert.Contains(t, all, total, locale)
		for _, l := range q.Lines {
			assert.Contains(t, all, plain(l.Name), locale)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	c := model.NewDefaultConfiguration()
	c.ValidationMode, c.Offline = model.ValidationStrict, true
	for name, q := range map[string]*contract.Quote{"european": sample(t, 60, european...), "of one line": sample(t, 1, european...)} {
		made := render(t, press(t), contract.DocumentKindPDF, q, "en").Content
		assert.NoError(t, api.Validate(bytes.NewReader(made), c), name)
	}
	made := render(t, press(t, noto(t)...), contract.DocumentKindPDF, sample(t, 60, slices.Concat(asian, rtl)...), "en").Content
	assert.NoError(t, api.Validate(bytes.NewReader(made), c))
	assert.Less(t, len(made), 200_000, "a font of 20 MB is not carried as a whole")
}

// What was made before must not depend on who makes it when: a document is kept under its SHA-256.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	if os.Getenv("DOCUMENT_PROCESS") != "" {
		for _, kind := range []contract.DocumentKind{contract.DocumentKindPDF, contract.DocumentKindXLSX} {
			sum := sha256.Sum256(render(t, press(t), kind, sample(t, 60, european...), "de-CH").Content)
			_, _ = os.Stdout.WriteString("made " + hex.EncodeToString(sum[:]) + "\n")
		}
		return
	}
	made := map[string]bool{}
	for _, processors := range []string{"1", "8"} {
		program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSameBytes$", "-test.count=1")
		program.Env = append(os.Environ(), "DOCUMENT_PROCESS=1", "GOMAXPROCS="+processors, "TZ=Asia/Tokyo")
		out, err := program.CombinedOutput()
		require.NoError(t, err, string(out))
		var sums []string
		for line := range strings.Lines(string(out)) {
			if sum, ok := strings.CutPrefix(line, "made "); ok {
				sums = append(sums, sum)
			}
		}
		require.Len(t, sums, 2)
		made[strings.Join(sums, "")] = true
	}
	assert.Len(t, made, 1)
}

func TestCharactersThatNoFontHas(t *testing.T) {
	t.Parallel()
	q := sample(t, 3, "Router 😀 株式会社", "Plain", "Ünïcödé")
	q.Notes = "See \uE123 and 株."
	q.Customer.Name = "شركة"
	_, err := press(t).Render(document.Input{Kind: contract.DocumentKindPDF, Quote: q, Partner: document.Company{Name: "서울"}})
	var missing *document.GlyphError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, []document.Glyph{
		{Pointer: "/partner", Characters: "서울"}, {Pointer: "/customer/name", Characters: "شركة"},
		{Pointer: "/lines/0/name", Characters: "😀株式会社"}, {Pointer: "/notes", Characters: "\uE123株"},
	}, missing.Glyphs)
	assert.Equal(t, "U+1F600 😀, U+682A 株, U+5F0F 式, U+4F1A 会, U+793E 社", missing.Glyphs[2].Names())
	assert.Contains(t, err.Error(), "U+E123, U+682A 株 of /notes")

	out, err := press(t).Render(document.Input{Kind: contract.DocumentKindXLSX, Quote: q})
	require.NoError(t, err, "a workbook has no fonts of its own")
	assert.NotEmpty(t, out.Content)
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for status, says := range map[contract.Status]string{
		contract.StatusDraft: "Draft. This is not an offer.", contract.StatusReady: "Draft. This is not an offer.", contract.StatusSuperseded: "Superseded by a later version.",
		contract.StatusExpired: "Expired.", contract.StatusDeclined: "Declined.", contract.StatusCanceled: "Canceled.",
	} {
		q := sample(t, 1, european...)
		q.Status = status
		all := strings.Join(read(t, render(t, press(t), contract.DocumentKindPDF, q, "en").Content), "")
		assert.Contains(t, all, plain(says))
		assert.NotContains(t, all, "Signature", "nobody signs it")
	}
	q := sample(t, 1, european...)
	q.Status = contract.StatusAccepted
	q.Acceptance = contract.Acceptance{Name: "Zoë Krüger", Title: "Head of IT", Email: "zoe@mueller.example", Reference: "PO 7", AcceptedAt: time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)}
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	out, err := press(t).Render(document.Input{Kind: contract.DocumentKindPDF, Quote: q, Partner: partner(), Zone: berlin})
	require.NoError(t, err)
	all := strings.Join(read(t, out.Content), "")
	assert.Contains(t, all, plain("Accepted on 1 December 2026"), "the day it was in Berlin")
	assert.Contains(t, all, plain("Zoë Krüger, Head of IT"))
	assert.Contains(t, all, plain("Your reference: PO 7"))
	assert.NotContains(t, all, "Signature")
	assert.Equal(t, "Q-000042-v2.pdf", out.Name)
	assert.Equal(t, "application/pdf", out.MediaType)
}

// Texts from anywhere neither break the page nor the program.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	p := press(t)
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 300)
	for name, text := range map[string]string{
		"10,000 letters": long[:10_000], "10,000 words": strings.Repeat("word ", 2_000), "lines": strings.Repeat("\n", 9_000) + "end", "tabs": strings.Repeat("\t", 9_000) + "x",
		"control": "a\x00b\x07c\x1b[31md\u0085e\u200Ef\uFEFFg", "turned": "100\u202E001 USD\u2066\u2069",
		"broken": "a\xff\xfe\xc3(b", "markup": `(a)\)Tj ET Q <script>&amp;</script> %PDF-1.7 endstream endobj`, "nothing": "", "spaces": strings.Repeat(" ", 10_000),
		"joiners": strings.Repeat("\u200D\u200C\u2060", 300) + "x",
	} {
		q := sample(t, 2, european...)
		q.Terms, q.Customer.Name, q.Lines[1].Name = text, text, text
		for _, kind := range []contract.DocumentKind{contract.DocumentKindPDF, contract.DocumentKindXLSX} {
			out, err := p.Render(document.Input{Kind: kind, Quote: q, Partner: document.Company{Name: "Acme"}})
			require.NoError(t, err, name)
			if kind == contract.DocumentKindPDF {
				all := strings.Join(read(t, out.Content), "")
				assert.Contains(t, all, grouped(q.Totals.Total.Amount()), name)
				if strings.HasPrefix(name, "10,000 letters") {
					within(t, out.Content, name)
				}
			}
		}
	}
	q := sample(t, 1, "x")
	q.Lines[0].Name = "a\u202Eb 100\x00"
	assert.Contains(t, strings.Join(read(t, render(t, press(t), contract.DocumentKindPDF, q, "en").Content), ""), plain("ab 100"))
}

// Nothing is drawn beyond the margins, and the logos are where they belong.
func TestLooks(t *testing.T) {
	t.Parallel()
	q := sample(t, 60, slices.Concat(european, asian, rtl)...)
	for _, l := range []int{0, 7} {
		q.Lines[l].ListUnit = partnerportal.MustMoney("900000000000.25", "USD")
		q.Lines[l].Net, q.Lines[l].List = q.Lines[l].ListUnit, q.Lines[l].ListUnit
	}
	q.Lines[1].UOM, q.Lines[2].UOM = "pc", "thirty-two characters of a unit.."
	p := press(t, noto(t)...)
	for _, locale := range []string{"en-US", "de"} {
		pages := within(t, render(t, p, contract.DocumentKindPDF, q, locale).Content, locale)
		first := pages[0]
		r, g, b, _ := first.At(first.Bounds().Dx()*45/595+10, 62*first.Bounds().Dy()/842+10).RGBA()
		assert.Less(t, r>>8, uint32(40), "the vendor's logo is green")
		assert.Greater(t, g, r)
		assert.Greater(t, g, b)
		assert.Equal(t, locale == "en-US", first.Bounds().Dy()*100/first.Bounds().Dx() < 135, "Letter where people have it, or A4")
	}
}
