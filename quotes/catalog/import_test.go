package catalog_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func told(r *catalog.ImportResult) []string {
	lines := []string{}
	for _, refusal := range r.Refused {
		lines = append(lines, fmt.Sprintf("%d %s %s", refusal.Line, refusal.Column, refusal.Rule))
	}
	return lines
}

func counts(r *catalog.ImportResult) []int {
	return []int{r.Rows, r.Created, r.Updated, r.Unchanged, r.Removed, r.NextLine}
}

func TestImportProductsOfAFullRow(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	const file = "\ufeffKind\tNAME\tsku\tVendor SKU\tdescription\tuom\tbilling\tterms\tfrequencies\tlifecycle\tend-of-sale on\treplaced_by_sku\tcredentials\tprogram id\ttier_rank_min\tattr:Watts\tref:erp\tfamily\r\n" +
		"Subscription\t\"Care, \"\"gold\"\"\nand more\"\tS/1#A\tV1\tAll of it.\tuser\tRecurring\t12; 36\tyearly;monthly\tactive\t2027-03-31\tS/2\ta;b\tdefault\t2\t450\t4711\tGTX\r\n"
	result, err := goods.ImportProducts(t.Context(), strings.NewReader(file), catalog.ImportOptions{})
	require.NoError(t, err)
	assert.Empty(t, result.Refused)
	assert.Equal(t, []int{1, 1, 0, 0, 0, 3}, counts(result))
	p := s.products["S/1#A"]
	assert.Equal(t, catalog.ProductInput{
		Name: "Care, \"gold\"\nand more", Kind: catalog.ProductKindSubscription, VendorSKU: "V1", Description: "All of it.", UOM: "user", Family: "GTX",
		Billing:   catalog.Billing{Model: catalog.BillingModelRecurring, Terms: []int{12, 36}, Frequencies: []catalog.Frequency{catalog.FrequencyYearly, catalog.FrequencyMonthly}},
		Lifecycle: catalog.LifecycleActive, EndOfSaleOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31}, ReplacedBySKU: "S/2",
		Attributes: map[string]string{"Watts": "450"}, ExternalRefs: []partnerportal.ExternalRef{{System: "erp", ID: "4711"}},
		Authorisation: catalog.Authorisation{CredentialDefinitionIDs: []string{"a", "b"}, ProgramID: "default", TierRankMin: 2},
	}, p.Input())
}

func TestImportKeepsWhatTheFileDoesNotSay(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	require.NoError(t, s.called("setup"))
	s.products["A"] = catalog.Product{
		ID: "prd_A", SKU: "A", Revision: 7, Name: "Old", Kind: catalog.ProductKindHardware, UOM: "each", Family: "GTX", Billing: catalog.Billing{Model: catalog.BillingModelOneTime},
		Lifecycle: catalog.LifecycleRetired, Attributes: map[string]string{"watts": "1", "colour": "red"}, Description: "Stays.",
		ExternalRefs: []partnerportal.ExternalRef{{System: "crm", ID: "1", URL: "https://crm/1"}, {System: "erp", ID: "2", URL: "https://erp/2"}},
	}
	result, err := goods.ImportProducts(t.Context(), strings.NewReader("sku,name,kind,family,attr:watts,attr:bus,ref:erp,ref:psa,lifecycle\nA,New,hardware,,,PCI,3,9,\n"), catalog.ImportOptions{})
	require.NoError(t, err)
	assert.Equal(t, 1, result.Updated)
	p := s.products["A"]
	assert.Equal(t, []any{"New", "", "Stays.", catalog.LifecycleRetired, int64(8)}, []any{p.Name, p.Family, p.Description, p.Lifecycle, p.Revision})
	assert.Equal(t, map[string]string{"colour": "red", "bus": "PCI"}, p.Attributes)
	assert.Equal(t, []partnerportal.ExternalRef{{System: "crm", ID: "1", URL: "https://crm/1"}, {System: "erp", ID: "3", URL: "https://erp/2"}, {System: "psa", ID: "9"}}, p.ExternalRefs)
}

func TestImportRefusesRowsWithAllTheirFaults(t *testing.T) {
	t.Parallel()
	s := new(shop)
	file := "sku,name,kind,billing,terms,end_of_sale_on,replaced_by_sku,tier_rank_min,uom,frequencies\n" +
		"A,Fine,hardware,,,,,,,\n" +
		"A,Again,hardware,,,,,,,\n" +
		"-b,,toy,one time,12,31.03.2027,x y,1001," + strings.Repeat("u", 33) + ",daily\n" +
		",No SKU,hardware,,,,,,,\n" +
		"C,\"Quote\" out of place,hardware,,,,,,,\n" +
		"D,too,few\n" +
		"E,Caf\xe9,hardware,,,,,,,\n" +
		"F,Itself,hardware,recurring,0,,F,,,\n" +
		"G,Rank,hardware,,,,,50,,\n" +
		"H,Fine,SERVICE,,,,,,,\n"
	result, err := newClient(s).ImportProducts(t.Context(), strings.NewReader(file), catalog.ImportOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"3 sku row_repeated",
		"4 sku sku_malformed", "4 name value_missing", "4 uom text_too_long", "4 kind value_unknown", "4 frequencies value_unknown", "4 billing billing_contradicts",
		"4 end_of_sale_on date_malformed", "4 replaced_by_sku sku_malformed", "4 tier_rank_min number_malformed",
		"5 sku value_missing", "6  row_unreadable", "7  row_unreadable", "8  row_unreadable", "9 terms number_malformed", "9 replaced_by_sku replaced_by_itself",
		"10 tier_rank_min out_of_range",
	}, told(result))
	assert.Equal(t, []int{10, 2, 0, 0, 0, 12}, counts(result))
	assert.Equal(t, 3, s.calls["put"], "what is known to be wrong is not sent")
}

func TestImportAgainWritesNothing(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	var file strings.Builder
	file.WriteString("sku,name,kind,attr:n\n")
	for i := range 1234 {
		fmt.Fprintf(&file, "SKU-%d,Product %d,hardware,%d\n", i, i, i)
	}
	var seen []int
	result, err := goods.ImportProducts(t.Context(), strings.NewReader(file.String()), catalog.ImportOptions{Concurrency: 8, Progress: func(r catalog.ImportResult) { seen = append(seen, r.Rows) }})
	require.NoError(t, err)
	assert.Equal(t, []int{1234, 1234, 0, 0, 0, 1236}, counts(result))
	assert.True(t, slices.IsSorted(seen))
	assert.Equal(t, 1234, seen[len(seen)-1])
	assert.Len(t, seen, 13)

	result, err = goods.ImportProducts(t.Context(), strings.NewReader(file.String()), catalog.ImportOptions{})
	require.NoError(t, err)
	assert.Equal(t, 1234, result.Unchanged)
	assert.Equal(t, map[string]int{"put": 1234, "list": 26}, s.calls)
	changed := strings.Replace(file.String(), "Product 77,", "Renamed,", 1)
	result, err = goods.ImportProducts(t.Context(), strings.NewReader(changed), catalog.ImportOptions{DryRun: true})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 1233}, []int{result.Updated, result.Unchanged})
	assert.Equal(t, "Product 77", s.products["SKU-77"].Name)
}

// An import that is stopped goes on where it was, and has imported nothing twice in the end.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"the portal is down":   &partnerportal.Error{Status: http.StatusServiceUnavailable, Code: "unavailable"},
		"a token is withdrawn": &partnerportal.Error{Status: http.StatusForbidden, Code: "insufficient_scope"},
	} {
		s := new(shop)
		goods := newClient(s)
		var file strings.Builder
		file.WriteString("sku,name,kind\n")
		for i := range 250 {
			fmt.Fprintf(&file, "SKU-%d,Product,hardware\n", i)
		}
		s.down = func(operation string) error {
			if operation == "put" && s.calls["put"] == 142 {
				return failure
			}
			return nil
		}
		stopped, err := goods.ImportProducts(t.Context(), strings.NewReader(file.String()), catalog.ImportOptions{Concurrency: 1})
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), "in the lines from 102 on")
		assert.Equal(t, 102, stopped.NextLine, name)
		assert.Equal(t, 141, stopped.Created)
		rest, err := goods.ImportProducts(t.Context(), strings.NewReader(file.String()), catalog.ImportOptions{FromLine: stopped.NextLine})
		require.NoError(t, err)
		assert.Equal(t, []int{150, 109, 0, 41, 0, 252}, counts(rest), name)
		assert.Len(t, s.products, 250)
	}
}

func TestImportEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := new(shop)
	ctx, cancel := context.WithCancel(t.Context())
	s.down = func(operation string) error {
		if operation == "put" {
			cancel()
		}
		return nil
	}
	_, err := newClient(s).ImportProducts(ctx, strings.NewReader("sku,name,kind\nA,A,hardware\nB,B,hardware\n"), catalog.ImportOptions{Concurrency: 1})
	require.ErrorIs(t, err, context.Canceled)
}

func TestImportPrices(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	eur := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "EUR") }
	const file = "SKU;List Price;Currency;term months;min quantity;net price;price protected until on\n" +
		"A;100.5;EUR;;;;\n" +
		"A;90;EUR;;10;0;2027-01-31\n" +
		"A;91;;;10;;\n" +
		"B;12,50;USD;x;0;-1;2027-02-30\n" +
		"C;;EUR;241;;;\n" +
		"FORBIDDEN;1;;;;;\n" +
		"D;0;;12;;;\n"
	result, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader(file), catalog.ImportOptions{Complete: true})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"4 sku row_repeated", "5 currency currency_mismatch", "5 term_months number_malformed", "5 min_quantity number_malformed", "5 list_price amount_malformed",
		"5 net_price amount_negative", "5 price_protected_until_on date_malformed", "6 list_price value_missing", "6 term_months number_malformed", "7 sku invalid_value",
	}, told(result))
	assert.Equal(t, []int{7, 3, 0, 0, 0, 9}, counts(result))
	assert.Equal(t, []catalog.PriceEntry{
		{SKU: "A", MinQuantity: 1, ListPrice: eur("100.5")},
		{SKU: "A", MinQuantity: 10, ListPrice: eur("90"), NetPrice: eur("0"), PriceProtectedUntilOn: partnerportal.Date{Year: 2027, Month: 1, Day: 31}},
		{SKU: "D", MinQuantity: 1, TermMonths: 12, ListPrice: eur("0")},
	}, s.entries)

	const next = "sku,list_price,min_quantity\nA,100.5,\nA,80,10\nE,1,\n"
	for _, run := range []struct {
		opts catalog.ImportOptions
		want []int
		kept int
	}{
		{catalog.ImportOptions{DryRun: true, Complete: true}, []int{3, 1, 1, 1, 1, 5}, 3},
		{catalog.ImportOptions{}, []int{3, 1, 1, 1, 0, 5}, 4},
		{catalog.ImportOptions{Complete: true}, []int{3, 0, 0, 3, 1, 5}, 3},
	} {
		result, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader(next), run.opts)
		require.NoError(t, err)
		assert.Empty(t, result.Refused)
		assert.Equal(t, run.want, counts(result), "%+v", run.opts)
		assert.Len(t, s.entries, run.kept)
	}
	_, err = goods.ImportPrices(t.Context(), "none", strings.NewReader(next), catalog.ImportOptions{})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

// What a spreadsheet leaves behind its last row refuses nothing, and so keeps no price that has gone.
func TestImportPassesOverRowsWithoutValues(t *testing.T) {
	t.Parallel()
	s := new(shop)
	goods := newClient(s)
	_, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader("sku;list_price\nA;1\nB;2\n"), catalog.ImportOptions{})
	require.NoError(t, err)
	result, err := goods.ImportPrices(t.Context(), "europe", strings.NewReader("sku;list_price\r\nA;1\r\n;\r\n ; ;\r\n"), catalog.ImportOptions{Complete: true})
	require.NoError(t, err)
	assert.Empty(t, result.Refused)
	assert.Equal(t, []int{1, 0, 0, 1, 1, 5}, counts(result))
}

func TestFilesThatCannotBeImported(t *testing.T) {
	t.Parallel()
	goods := newClient(new(shop))
	for name, c := range map[string]struct{ file, want string }{
		"empty":          {"", "the file is empty"},
		"missing column": {"sku,name\n", `no column "kind"`},
		"column twice":   {"sku,SKU,name,kind\n", `two columns "sku"`},
		"unknown column": {"sku,name,kind,watts\n", `a column "watts" that means nothing here`},
		"no name":        {"sku,name,kind,attr:\n", `a column "attr:" that means nothing here`},
		"open quote":     {"sku,name,kind\nA,A,hardware\nB,\"open,hardware\nC,C,hardware\n", "a quote opened in line 3 is not closed properly, up to line 4"},
	} {
		result, err := goods.ImportProducts(t.Context(), strings.NewReader(c.file), catalog.ImportOptions{})
		require.ErrorContains(t, err, c.want, name)
		require.NotNil(t, result)
		if name == "open quote" {
			assert.Equal(t, []int{1, 1, 0, 0, 0, 3}, counts(result), "what stands before is imported")
		}
	}
}

// However broken a file, no line of it vanishes: each is imported, refused, or behind the error.
func FuzzImport(f *testing.F) {
	f.Add("A,A,hardware\nB,,toy\n", true)
	f.Add("A,\"A\r\n\",hardware\r\n\r\n,,,\n\xff,\x00,;\n", false)
	f.Add("a;b;c\n\"", true)
	f.Add("A,1\n,\n , \n", true)
	f.Add("A,1e3\nB,0x1\nC,NaN\n", false)
	f.Fuzz(func(t *testing.T, body string, prices bool) {
		s := new(shop)
		var result *catalog.ImportResult
		var err error
		if prices {
			result, err = newClient(s).ImportPrices(t.Context(), "europe", strings.NewReader("sku,list_price\n"+body), catalog.ImportOptions{})
		} else {
			result, err = newClient(s).ImportProducts(t.Context(), strings.NewReader("sku,name,kind\n"+body), catalog.ImportOptions{})
		}
		lines := map[int]bool{}
		for _, r := range result.Refused {
			lines[r.Line] = true
		}
		if done := result.Created + result.Updated + result.Unchanged + len(lines); done != result.Rows {
			t.Errorf("%d rows, of which %d are accounted for", result.Rows, done)
		}
		if err == nil && !strings.ContainsAny(body, "\"\r") {
			want := 0
			for line := range strings.Lines(body) {
				if strings.TrimSpace(strings.ReplaceAll(line, ",", "")) != "" {
					want++
				}
			}
			if result.Rows != want {
				t.Errorf("%d rows of %d lines", result.Rows, want)
			}
		}
	})
}
