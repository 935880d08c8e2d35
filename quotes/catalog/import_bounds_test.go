package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// What the file of prices has no column for stays as it is, as with products.
func TestPricesKeepWhatTheFileDoesNotSay(t *testing.T) {
	t.Parallel()
	eur := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "EUR") }
	fixed := catalog.PriceEntry{SKU: "A", MinQuantity: 1, ListPrice: eur("100"), NetPrice: eur("80"), PriceProtectedUntilOn: partnerportal.Date{Year: 2027, Month: 1, Day: 31}}
	s := &shop{entries: []catalog.PriceEntry{fixed}}
	goods := newClient(s)
	for _, run := range []struct {
		file string
		want []int
		then func()
	}{
		{"sku,list_price\nA,100\n", []int{1, 0, 0, 1, 0, 3}, func() {}},
		{"sku,list_price\nA,110\n", []int{1, 0, 1, 0, 0, 3}, func() { fixed.ListPrice = eur("110") }},
		{"sku,list_price,net_price\nA,110,\n", []int{1, 0, 1, 0, 0, 3}, func() { fixed.NetPrice = partnerportal.Money{} }},
	} {
		dry, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader(run.file), catalog.ImportOptions{DryRun: true})
		require.NoError(t, err)
		assert.Equal(t, run.want, counts(dry))
		result, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader(run.file), catalog.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, run.want, counts(result))
		run.then()
		assert.Equal(t, []catalog.PriceEntry{fixed}, s.entries)
	}
}

// An export that failed leaves a file without rows, which does not empty a price list.
func TestCompleteWantsRows(t *testing.T) {
	t.Parallel()
	s := &shop{entries: []catalog.PriceEntry{{SKU: "A", MinQuantity: 1, ListPrice: partnerportal.MustMoney("1", "EUR")}}}
	_, err := newClient(s).ImportPrices(t.Context(), "europe", strings.NewReader("sku,list_price\n"), catalog.ImportOptions{Complete: true})
	require.ErrorContains(t, err, "no rows")
	assert.Len(t, s.entries, 1)
}

// An import that goes on knows what came before: the first of two rows of a product counts, as it did when they were read at once.
func TestRowsThatComeAgainAfterAStop(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	const file = "sku,name,kind\nA,The first,hardware\nA,The second,hardware\nB,Another,hardware\n"
	_, err := goods.ImportProducts(t.Context(), strings.NewReader(file[:strings.Index(file, "A,The second")]), catalog.ImportOptions{})
	require.NoError(t, err)
	result, err := goods.ImportProducts(t.Context(), strings.NewReader(file), catalog.ImportOptions{FromLine: 3})
	require.NoError(t, err)
	assert.Equal(t, []string{"3 sku row_repeated"}, told(result))
	assert.Equal(t, "The first", s.products["A"].Name)
}

// A file of nothing but faults shows its progress, and can be stopped.
func TestFaultyFilesCanBeStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	result, err := newClient(new(shop)).ImportProducts(ctx, strings.NewReader("sku,name,kind\n"+strings.Repeat("A,,\n", 500)), catalog.ImportOptions{
		Progress: func(r catalog.ImportResult) {
			if r.Rows == 200 {
				cancel()
			}
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []int{200, 202}, []int{result.Rows, result.NextLine})
}

// endless is a file that never ends, and counts how much of it was read.
type endless struct {
	begin string
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.begin)
	e.begin = e.begin[n:]
	for i := range p[n:] {
		p[n+i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	for begin, want := range map[string]string{
		"":                                "the first line: it has more than 1048576 bytes",
		"sku,name,kind\nA,A,hardware\n":   "the row behind line 2: it has more than 1048576 bytes",
		"sku,name,kind\nA,\"A,hardware\n": "the row behind line 1: it has more than 1048576 bytes, or a quote that is not closed",
	} {
		file := &endless{begin: begin}
		_, err := newClient(new(shop)).ImportProducts(t.Context(), file, catalog.ImportOptions{DryRun: true})
		require.ErrorContains(t, err, want)
		assert.Less(t, file.read, 2<<20)
	}
	const header = "sku,name,kind,attr:note\n"
	var rows strings.Builder
	for i := range 40 { // more than a row may have, in rows that are none too long
		fmt.Fprintf(&rows, "SKU-%d,Name,hardware,%s\n", i, strings.Repeat("n", 60_000))
	}
	result, err := newClient(new(shop)).ImportProducts(t.Context(), strings.NewReader(header+rows.String()), catalog.ImportOptions{})
	require.NoError(t, err)
	assert.Len(t, result.Refused, 40)
	assert.Equal(t, "text_too_long", result.Refused[0].Rule)
}

// The references of a new product stand in the order of the columns.
func TestReferencesStandInTheOrderOfTheColumns(t *testing.T) {
	t.Parallel()
	s := new(shop)
	_, err := newClient(s).ImportProducts(t.Context(), strings.NewReader("sku,name,kind,ref:f,ref:e,ref:d,ref:c,ref:b,ref:a\nA,A,hardware,6,5,4,3,2,1\n"), catalog.ImportOptions{})
	require.NoError(t, err)
	var systems []string
	for _, r := range s.products["A"].ExternalRefs {
		systems = append(systems, r.System)
	}
	assert.Equal(t, []string{"f", "e", "d", "c", "b", "a"}, systems)
}
