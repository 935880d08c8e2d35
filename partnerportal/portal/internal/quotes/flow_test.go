package quotes_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// From a registered deal to the acceptance, without typing anything twice.
func TestFromTheDealToTheAcceptance(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.policy(quotes.PricePolicyInput{DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}, Taxes: []quotes.PriceTax{{Country: "US", Name: "Sales tax", Percent: "8.875"}}})
		d := w.deal()
		q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{DealID: d.ID}))
		assert.Equal(t, "Q-000001", q.Number)
		assert.Equal(t, quotes.StatusDraft, q.Status)
		assert.Equal(t, 1, q.Version)
		assert.True(t, q.Latest)
		assert.Equal(t, "Initech", q.Customer.Name)
		assert.Equal(t, "initech.com", q.Customer.Domain)
		assert.Equal(t, d.Contacts, q.Contacts)
		require.Len(t, q.Lines, 1)
		assert.Equal(t, map[quotes.ComponentKind]string{"list": "10000.00", "deal_registration": "-800.00", "tax": "816.50"}, kinds(q.Lines[0]))
		assert.Equal(t, "9200.00 USD", q.Totals.Net.String())
		assert.Equal(t, "10016.50 USD", q.Totals.Total.String())
		require.Len(t, q.Pricing.Notes, 1)
		assert.Equal(t, quotes.NoteCodeDealProductSkipped, q.Pricing.Notes[0].Code)
		assert.EqualValues(t, 1, q.Pricing.PolicyVersion)

		q = must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID, partnerportal.IfMatch(q)))
		assert.Equal(t, partnerportal.DateOf(w.Now()).AddDays(30), q.ValidUntilOn)
		assert.Equal(t, []quotes.Action{quotes.ActionAccept, quotes.ActionDecline, quotes.ActionRevise, quotes.ActionCancel, quotes.ActionCreateDocument}, q.AllowedActions)
		assert.Empty(t, q.EditableFields)
		q = must[*quotes.Quote](t)(w.acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Peter Gibbons", Email: "peter@initech.com"}))
		assert.Equal(t, quotes.StatusAccepted, q.Status)
		assert.Equal(t, w.Now().Truncate(time.Minute), q.Acceptance.AcceptedAt.Truncate(time.Minute))
		assert.Equal(t, []string{quotes.EventCreated, quotes.EventPresented, quotes.EventAccepted}, w.told(q.ID))
		page := must[*quotes.Page](t)(w.acme.ListForDeal(ctx, d.ID, quotes.ListForDealParams{}))
		require.Len(t, page.Items, 1)
		var texts []string
		for a, err := range w.vendor.AllActivity(ctx, q.ID, quotes.ListActivityParams{}) {
			require.NoError(t, err)
			texts = append(texts, a.Text)
		}
		assert.Equal(t, []string{
			"The customer accepted. (10016.50 USD)", "The partner presented the quote to the customer. (10016.50 USD)", "The partner made this version.",
		}, texts)
	})
}

// A preview costs nothing and leaves nothing.
func TestPreviewStoresNothing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{Manual: quotes.PriceAuthority{PartnerPercent: "5", Thresholds: []quotes.PriceThreshold{
		{Percent: "10", Role: "desk"}, {Percent: "20", Role: "director"},
	}}})
	p := must[*quotes.Preview](t)(w.acme.Preview(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "SRV-1", Adjustment: quotes.Adjustment{Percent: "12.5"}}}}))
	assert.Equal(t, "875.00 USD", p.Totals.Total.String())
	assert.True(t, p.ApprovalNeeded)
	assert.Equal(t, "director", p.ApprovalRole)
	assert.Equal(t, 1, p.Lines[0].Quantity)
	assert.Empty(t, must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{})).Items)
	assert.Equal(t, "Q-000001", w.quote().Number, "a preview takes no number")
}

// Nothing is created when a line cannot be sold.
func TestWhatCannotBeQuoted(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	with := func(lines ...quotes.LineInput) error {
		return second(w.acme.Create(ctx, quotes.NewQuote{Lines: lines}))
	}
	faulty(t, with(), "/lines")
	faulty(t, with(quotes.LineInput{Quantity: 1}), "/lines/0/sku")
	faulty(t, with(quotes.LineInput{SKU: "SRV-1", ConfigurationID: "cfg_1"}), "/lines/0/sku")
	faulty(t, with(quotes.LineInput{SKU: "SRV-1"}, quotes.LineInput{ConfigurationID: "cfg_1"}), "/lines/1/configuration_id")
	faulty(t, with(quotes.LineInput{ID: "qln_1", SKU: "SRV-1"}), "/lines/0/id")
	require.ErrorIs(t, with(quotes.LineInput{SKU: "SUP-1", TermMonths: 24}), quotes.ErrPriceMissing)
	for pointer, n := range map[string]quotes.NewQuote{
		"/deal_id":            {DealID: "deal_1"},
		"/quote_id":           {QuoteID: "quo_1"},
		"/session_id":         {SessionID: "ses_1"},
		"/configuration_id":   {ConfigurationID: "cfg_1"},
		"/special_pricing_id": {SpecialPricingID: "spc_1", Lines: []quotes.LineInput{{SKU: "SRV-1"}}},
		"/program_id":         {ProgramID: "other", Lines: []quotes.LineInput{{SKU: "SRV-1"}}},
		"/valid_until_on":     {ValidUntilOn: partnerportal.DateOf(w.Now()).AddDays(-2), Lines: []quotes.LineInput{{SKU: "SRV-1"}}},
	} {
		if pointer == "/configuration_id" {
			pointer = "/lines/0/configuration_id"
		}
		faulty(t, second(w.acme.Create(ctx, n)), pointer)
	}
	require.ErrorIs(t, second(w.vendor.Create(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "SRV-1"}}})), partnerportal.ErrForbidden)
	assert.Empty(t, must[*quotes.Page](t)(w.vendor.List(ctx, quotes.ListParams{})).Items)
}

// A quote that is copied takes over what that one says, but what is its alone.
func TestCopies(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first := w.quote(func(n *quotes.NewQuote) {
		n.Terms, n.Title, n.ExternalRefs = "Net 30.", "Refresh", []partnerportal.ExternalRef{{System: "crm", ID: "1"}}
		n.Lines[0].Note = "In grey."
	})
	again := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{QuoteID: first.ID, Title: "Another"}))
	assert.Equal(t, first.ID, again.CopiedFrom)
	assert.Equal(t, "Another", again.Title)
	assert.Equal(t, "Net 30.", again.Terms)
	assert.Equal(t, first.Customer, again.Customer)
	assert.Empty(t, again.ExternalRefs)
	require.Len(t, again.Lines, 2)
	assert.Equal(t, "In grey.", again.Lines[0].Note)
	assert.NotEqual(t, first.Lines[0].ID, again.Lines[0].ID)
	assert.Equal(t, first.Totals, again.Totals)
	other := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{
		QuoteID: first.ID, Customer: partnerportal.Organization{Name: "Umbrella"}, Lines: []quotes.LineInput{{SKU: "GPU-1"}},
	}))
	assert.Equal(t, partnerportal.Organization{Name: "Umbrella"}, other.Customer, "nothing of the other company")
	assert.Len(t, other.Lines, 1)
	require.ErrorIs(t, second(w.acme.Create(ctx, quotes.NewQuote{QuoteID: first.ID, ExternalRefs: first.ExternalRefs})), quotes.ErrDuplicateRef)
	faulty(t, second(w.globex.Create(ctx, quotes.NewQuote{QuoteID: first.ID})), "/quote_id")
}

// Documents are rendered once for each version, kind and language, and opened by whoever sees the quote.
func TestDocuments(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		q := w.quote()
		open := func(c *quotes.Client, format quotes.DocumentKind) (*partnerportal.Download, []byte) {
			d := must[*partnerportal.Download](t)(c.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{Format: format}))
			data, err := io.ReadAll(d)
			require.NoError(t, err)
			require.NoError(t, d.Close())
			return d, data
		}
		require.ErrorIs(t, second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF})), partnerportal.ErrInvalidState)
		_, draft := open(w.acme, "")
		must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
		before, rendered := open(w.vendor, quotes.DocumentKindPDF)
		assert.NotEqual(t, draft, rendered, "a draft says that it is one")
		assert.Equal(t, "Q-000001-v1.pdf", before.Name)
		doc := must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF}))
		again := must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF}))
		assert.Equal(t, doc, again)
		sheet := must[*quotes.Document](t)(w.vendor.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX, Locale: "de"}))
		assert.Equal(t, "de", sheet.Locale)
		for _, same := range []string{"DE", "de-u-co-phonebk", "de-x-another"} {
			assert.Equal(t, sheet, must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX, Locale: same})), same)
		}
		after, kept := open(w.acme, quotes.DocumentKindPDF)
		assert.Equal(t, rendered, kept, "the same bytes")
		assert.Equal(t, `"`+doc.SHA256+`"`, after.ETag)
		assert.Equal(t, before.ETag, after.ETag)
		got := must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
		assert.Equal(t, []quotes.Document{*doc, *sheet}, got.Documents)
		require.ErrorIs(t, second(w.globex.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{})), partnerportal.ErrNotFound)
		for _, who := range []*partnerportal.Client{w.Acme, w.Vendor} {
			file := must[*partnerportal.Download](t)(files.New(who).Open(ctx, doc.FileID))
			data, err := io.ReadAll(file)
			require.NoError(t, err)
			require.NoError(t, file.Close())
			assert.Equal(t, kept, data, "a file like any other")
		}
		require.ErrorIs(t, files.New(w.Acme).Delete(ctx, doc.FileID), files.ErrInUse)
	})
}

// Of a version there are only so many documents, whatever languages somebody asks for.
func TestTooManyDocuments(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	for locale := range strings.FieldsSeq("cs da de el es fi fr it nl pl") {
		for _, kind := range []quotes.DocumentKind{quotes.DocumentKindPDF, quotes.DocumentKindXLSX} {
			must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: kind, Locale: locale}))
		}
	}
	faulty(t, second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF})), "/locale")
}

// Where a portal keeps no files, documents are rendered for whoever reads them.
func TestDocumentsWithoutFiles(t *testing.T) {
	t.Parallel()
	p, err := portal.Open(t.Context(), storetest.Postgres(t), portal.WithSandbox())
	require.NoError(t, err)
	w, ctx := furnish(t, portaltest.Wrap(t, p)), t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	require.ErrorIs(t, second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF}, partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))), quotes.ErrNoStorage)
	d := must[*partnerportal.Download](t)(w.acme.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{}))
	require.NoError(t, d.Close())
}

// A character that no font has is named, and never a box.
func TestMissingGlyphs(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote(func(n *quotes.NewQuote) { n.Customer.Name, n.Lines[1].Note = "株式会社", "株" })
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	_, err := w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF})
	require.ErrorIs(t, err, quotes.ErrGlyphMissing)
	assert.Equal(t, "株式会社", quotes.GlyphsOf(err))
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "/customer/name", e.Fields[0].Pointer)
}
