package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func TestDemonstration(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	for _, line := range []string{
		"The first night\nproducts: 12 rows, 5 created, 0 updated, 0 unchanged, 0 removed\n",
		`  refused: line 9, kind "hardwear": it is none of hardware, software, subscription, service, support, bundle (value_unknown)`,
		"prices: 8 rows, 5 created, 0 updated, 0 unchanged, 0 removed\n",
		"The night after, with the same files\nproducts: 12 rows, 0 created, 0 updated, 5 unchanged, 0 removed\n",
		"prices: 8 rows, 0 created, 0 updated, 5 unchanged, 0 removed\n",
		"  GTX-8000  GTX 8000 chassis                     end_of_sale, see GTX-9000\n",
		"  GTX-CARE  GTX Care \"gold\"          720.00 USD  needs credential gtx-engineer\n",
		"  GTX-PSU   Power supply 800 W       189.90 USD  for sale\n",
	} {
		assert.Contains(t, out.String(), line)
	}
}

func TestFilesIntoAnotherPortal(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	j := job{products: file("products.csv", "sku,name,kind\nA,A thing,hardware\n"), prices: file("prices.csv", "sku,list_price\nA,10\nB,20\n"), list: "world", currency: "EUR"}
	goods := catalog.New(p.Vendor)
	var out bytes.Buffer
	require.NoError(t, j.run(t.Context(), goods, &out))
	assert.Contains(t, out.String(), "products: 1 rows, 1 created")
	assert.Contains(t, out.String(), "  up to line 3\nprices: 2 rows, 2 created")

	file("prices.csv", "sku,list_price\nA,11\n")
	j.opts.Complete = true
	require.NoError(t, j.run(t.Context(), goods, &out))
	list, err := goods.GetPriceList(t.Context(), "world")
	require.NoError(t, err)
	assert.Equal(t, 1, list.EntryCount)

	file("products.csv", "sku,name,kind\nA,A thing,hardware\nC,,\n")
	require.ErrorContains(t, j.run(t.Context(), goods, &out), "some rows were refused")
	file("products.csv", "sku,name\n")
	require.ErrorContains(t, j.run(t.Context(), goods, &out), `no column "kind"`)
}

func TestArguments(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.ErrorContains(t, run(t.Context(), []string{"-products", "p.csv"}, &out), "-portal is missing")
	require.ErrorContains(t, run(t.Context(), []string{"import"}, &out), `unexpected argument "import"`)
}
