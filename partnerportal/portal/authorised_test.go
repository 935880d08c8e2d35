package portal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// A product that asks for a credential is quoted and ordered only while somebody of the partner's holds it, and the refusal names it.
func TestProductsAskForCredentials(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx := c.t, c.t.Context()
		vendor := credentials.New(c.Vendor)
		_, err := vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: "https://portal.test", Email: "badges@vendor.example"})
		require.NoError(t, err)
		_, err = vendor.PutDefinition(ctx, "rack-engineer", credentials.Definition{
			Name: "Rack Engineer", Description: "Builds racks.", Criteria: credentials.Criteria{Narrative: "Passed the exam."}, ValidityMonths: 12,
		})
		require.NoError(t, err)
		product, err := catalog.New(c.Vendor).GetBySKU(ctx, "RACK")
		require.NoError(t, err)
		input := product.Input()
		input.Authorisation.CredentialDefinitionIDs = []string{"rack-engineer"}
		_, err = catalog.New(c.Vendor).Put(ctx, "RACK", input)
		require.NoError(t, err)

		ask := quotes.NewQuote{DealID: c.deal.ID, Lines: []quotes.LineInput{{SKU: "RACK", Quantity: 1}}}
		refused := func(err error) {
			t.Helper()
			require.ErrorIs(t, err, quotes.ErrProductNotAuthorised)
			missing := quotes.MissingOf(err)
			require.Len(t, missing, 1)
			assert.Equal(t, "rack-engineer", missing[0].CredentialDefinitionID)
		}
		_, err = c.quotes.Create(ctx, ask)
		refused(err)
		product, err = c.catalog.GetBySKU(ctx, "RACK")
		require.NoError(t, err)
		assert.False(t, product.Authorised)

		ada, err := training.New(c.Acme).AddLearner(ctx, training.NewLearner{Name: "Ada Lovelace", Email: "ada@acme.example"})
		require.NoError(t, err)
		held, err := vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "rack-engineer", LearnerID: ada.ID})
		require.NoError(t, err)
		q, err := c.quotes.Create(ctx, ask)
		require.NoError(t, err)
		_, err = c.quotes.Present(ctx, q.ID)
		require.NoError(t, err)
		_, err = c.quotes.Accept(ctx, q.ID, quotes.Acceptance{Name: "Bob", Email: "bob@initech.com"})
		require.NoError(t, err)
		_, err = quotes.New(c.Globex).Create(ctx, quotes.NewQuote{
			Customer: partnerportal.Organization{Name: "Hooli", Country: "US"}, Lines: ask.Lines,
		})
		refused(err)

		_, err = vendor.Revoke(ctx, held.ID, credentials.Revocation{Code: credentials.RevocationCodeIssuedInError, Reason: "The exam was not hers."})
		require.NoError(t, err)
		_, err = c.orders.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
		require.ErrorIs(t, err, orders.ErrProductNotAuthorised)
		_, err = vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "rack-engineer", LearnerID: ada.ID})
		require.NoError(t, err)
		_, err = c.orders.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
		require.NoError(t, err)

		c.Advance(366 * 24 * time.Hour)
		_, err = c.quotes.Create(ctx, quotes.NewQuote{Customer: partnerportal.Organization{Name: "Hooli", Country: "US"}, Lines: ask.Lines})
		refused(err)
	})
}
