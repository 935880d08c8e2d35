package orders_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// books are a finance system that says what a test lets it.
type books struct{ source.Books }

func (b *books) Finance(context.Context) (*source.Books, error) {
	if b.System == "" {
		return nil, errors.New("down")
	}
	said := b.Books
	return &said, nil
}

func TestCredit(t *testing.T) {
	t.Parallel()
	finance := new(books)
	w := newWorld(t, portal.WithFinance(finance))
	ctx := t.Context()
	limits := func() []partnerportal.Money {
		credit := must[*orders.Credit](t)(w.acme.Credit(ctx, orders.CreditParams{}))
		var all []partnerportal.Money
		for _, l := range credit.Limits {
			all = append(all, l.Given, l.Ordered, l.Available)
		}
		return all
	}
	assert.Empty(t, limits(), "who has said nothing limits nobody")
	assert.NotEmpty(t, must[*orders.Credit](t)(w.acme.Credit(ctx, orders.CreditParams{})).Source.Error)
	w.placed(nil) // finance knows of this one
	finance.Books = source.Books{Stamp: source.Stamp{System: "netsuite", AsOf: noon}, Credits: []source.Credit{
		{PartnerID: w.AcmeID, Available: usd("100000")}, {PartnerID: w.AcmeID, Available: partnerportal.MustMoney("1", "EUR")},
		{PartnerID: w.GlobexID}, {PartnerID: "par_none", Available: usd("1")},
	}}
	require.NoError(t, w.Pull(ctx))
	assert.Len(t, must[*account.Sources](t)(w.books().Sources(ctx)).Items[0].Conflicts, 2)
	assert.Equal(t, []partnerportal.Money{
		partnerportal.MustMoney("1", "EUR"), partnerportal.MustMoney("0", "EUR"), partnerportal.MustMoney("1", "EUR"), usd("100000"), usd("0"), usd("100000"),
	}, limits())

	w.Advance(time.Hour)
	open := w.taken(nil)
	q := w.accepted(nil)
	_, err := w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	refused(t, err, orders.ErrCreditLimit)
	assert.Equal(t, orders.CreditShortfall{Available: usd("49700"), Missing: usd("600")}, orders.CreditShortfallOf(err))
	credit := must[*orders.Credit](t)(w.vendor.Credit(ctx, orders.CreditParams{PartnerID: w.AcmeID}))
	assert.Equal(t, partnerportal.SourceStamp{System: "netsuite", Kind: "finance", AsOf: noon}, credit.Source)

	// What is canceled is there again; so is what finance gives more.
	must[*orders.Order](t)(w.acme.RequestCancellation(ctx, open.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther, Lines: []orders.UnitsOf{{LineID: open.Lines[1].ID, Quantity: 3}}}))
	must[*orders.Order](t)(w.vendor.ApproveCancellation(ctx, open.ID, orders.CancellationApproval{}))
	assert.Equal(t, usd("50000"), limits()[5])
	finance.AsOf, finance.Credits[0].Available = w.Now(), usd("50300")
	require.NoError(t, w.Pull(ctx))
	must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}))

	assert.False(t, must[*orders.Credit](t)(w.acme.Credit(ctx, orders.CreditParams{})).Source.Stale)
	w.Advance(48 * time.Hour)
	assert.True(t, must[*orders.Credit](t)(w.acme.Credit(ctx, orders.CreditParams{})).Source.Stale)
	_, err = w.vendor.Credit(ctx, orders.CreditParams{})
	faulty(t, err, "?partner_id")
	_, err = w.vendor.Credit(ctx, orders.CreditParams{PartnerID: "par_none"})
	refused(t, err, "not_found")
	_, err = w.acme.Credit(ctx, orders.CreditParams{PartnerID: w.GlobexID})
	faulty(t, err, "?partner_id")
	assert.Empty(t, must[*orders.Credit](t)(w.globex.Credit(ctx, orders.CreditParams{})).Limits)
}

func TestCreditFromAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, portal.WithFinance(source.NewDir(dir, "sage")))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("credit.csv", "partner_id,amount,currency\n"+w.AcmeID+",-5.00,USD\n")
	write("as_of", noon.Format(time.RFC3339))
	require.NoError(t, w.Pull(t.Context()))
	q := w.accepted(nil)
	_, err := w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
	refused(t, err, orders.ErrCreditLimit)
	assert.Equal(t, usd("50305"), orders.CreditShortfallOf(err).Missing)
	write("credit.csv", "partner_id,amount\n"+w.AcmeID+",5.00\n")
	require.ErrorContains(t, w.Pull(t.Context()), "credit.csv: line 2: amount and currency")
}
