package orders_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// What stands in the way of an order is said as for a quote, so that one program reads both.
func TestWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	hardware := catalog.ProductInput{Name: "The SRV-100", Family: "GTX", Kind: catalog.ProductKindHardware}
	for name, c := range map[string]struct {
		happens func(t *testing.T, w *world)
		says    func(t *testing.T, err error)
	}{
		"end of sale": {
			func(t *testing.T, w *world) {
				t.Helper()
				gone := hardware
				gone.Lifecycle, gone.ReplacedBySKU = catalog.LifecycleEndOfSale, "SUP-100"
				must[*catalog.ProductPut](t)(w.goods.Put(t.Context(), "SRV-100", gone))
			},
			func(t *testing.T, err error) {
				t.Helper()
				refused(t, err, orders.ErrProductEndOfSale)
				assert.Equal(t, "SUP-100", quotes.ReplacementOf(err))
			},
		},
		"not authorised": {
			func(t *testing.T, w *world) {
				t.Helper()
				kept := hardware
				kept.Authorisation.CredentialDefinitionIDs = []string{"expert"}
				must[*catalog.ProductPut](t)(w.goods.Put(t.Context(), "SRV-100", kept))
			},
			func(t *testing.T, err error) {
				t.Helper()
				refused(t, err, orders.ErrProductNotAuthorised)
				assert.Equal(t, []quotes.Missing{{Kind: "credential", CredentialDefinitionID: "expert"}}, quotes.MissingOf(err))
			},
		},
		"configuration": {
			func(t *testing.T, w *world) {
				t.Helper()
				w.supported(catalog.Rule{ID: "pairs", Kind: catalog.RuleKindMinQty, Then: `qty("SUP-100") >= 2`, Message: "Support is for two years at least."})
			},
			func(t *testing.T, err error) {
				t.Helper()
				refused(t, err, orders.ErrConfigurationInvalid)
				require.Len(t, quotes.ViolationsOf(err), 1)
				assert.Equal(t, "pairs", quotes.ViolationsOf(err)[0].RuleID)
				assert.Equal(t, "pairs", orders.PriceChangeOf(err).Violations[0].RuleID)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.supported()
			kept := must[*catalog.Configuration](t)(catalog.New(w.Acme).Configure(t.Context(), catalog.ConfigurationInput{SKU: "SRV-100"}))
			q := w.accepted(nil, func(body *quotes.NewQuote) { body.Lines, body.ConfigurationID = nil, kept.ID })
			c.happens(t, w)
			_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: q.Totals.Total})
			c.says(t, err)
			assert.Equal(t, quotes.StatusAccepted, must[*quotes.Quote](t)(w.quotes.Get(t.Context(), q.ID)).Status)
		})
	}
}

// supported publishes a server that comes with a year of support.
func (w *world) supported(rules ...catalog.Rule) {
	w.t.Helper()
	must[*catalog.Model](w.t)(w.goods.PublishModel(w.t.Context(), "SRV-100", catalog.ModelInput{
		Groups: []catalog.Group{{ID: "support", Options: []catalog.Option{{SKU: "SUP-100", Default: true}}}}, Rules: rules,
	}))
}
