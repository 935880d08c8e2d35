package mdf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// world is a vendor and two partners at work with market development funds, each through the SDK.
type world struct {
	*portaltest.Portal

	t                    *testing.T
	acme, globex, vendor *mdf.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return worldOf(t, portaltest.New(t))
}

func worldOf(t *testing.T, p *portaltest.Portal) *world {
	t.Helper()
	return &world{Portal: p, t: t, acme: mdf.New(p.Acme), globex: mdf.New(p.Globex), vendor: mdf.New(p.Vendor)}
}

// must returns what a call returned, which has to have succeeded.
func must[T any](tb testing.TB) func(v T, err error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		require.NoError(tb, err)
		return v
	}
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// file uploads a proof of Acme's; files of one text are one file.
func (w *world) file(text string) string {
	w.t.Helper()
	return must[*files.File](w.t)(files.New(w.Acme).Upload(w.t.Context(), files.Upload{
		Purpose: files.PurposeProof, File: files.Content{Name: "proof.pdf", Reader: strings.NewReader("%PDF-1.7\n" + text)},
	})).ID
}

func (w *world) deleteFile(id string) error { return files.New(w.Acme).Delete(w.t.Context(), id) }

// day is so many days from the portal's today.
func (w *world) day(n int) partnerportal.Date { return partnerportal.DateOf(w.Now()).AddDays(n) }

// fund opens a discretionary fund for activities in the coming half-year. change makes it differ.
func (w *world) fund(change ...func(*mdf.NewFund)) *mdf.Fund {
	w.t.Helper()
	body := mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD",
		Period: mdf.Period{SpendFrom: w.day(0), SpendTo: w.day(180)},
		Rules:  mdf.FundRules{MaxReimbursementPercent: "50", ClaimDueDays: 45},
	}
	for _, c := range change {
		c(&body)
	}
	f := must[*mdf.Fund](w.t)(w.vendor.CreateFund(w.t.Context(), body))
	return must[*mdf.Fund](w.t)(w.vendor.OpenFund(w.t.Context(), f.ID))
}

// allocate gives Acme money of a fund.
func (w *world) allocate(f *mdf.Fund, amount string) *mdf.Allocation {
	w.t.Helper()
	return must[*mdf.Allocation](w.t)(w.vendor.Allocate(w.t.Context(), mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd(amount)}))
}

// ask is Acme's request for one event in ten days.
func (w *world) ask(amount string) mdf.QuickRequest {
	return mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Title: "Roadshow", StartsOn: w.day(10), EndsOn: w.day(11), Amount: usd(amount)}
}

// approved is a request for one event that the vendor has approved as it was asked.
func (w *world) approved(amount string) *mdf.Request {
	w.t.Helper()
	r := must[*mdf.Request](w.t)(w.acme.QuickRequest(w.t.Context(), w.ask(amount)))
	return must[*mdf.Request](w.t)(w.vendor.ApproveRequest(w.t.Context(), r.ID, mdf.Approval{}))
}

// balance is where the money of an allocation is, as "available 60.00, held 40.00", after the identity has been checked on it and on
// every entry of its ledger.
func (w *world) balance(allocationID string) string {
	w.t.Helper()
	a := must[*mdf.Allocation](w.t)(w.vendor.GetAllocation(w.t.Context(), allocationID))
	require.NoError(w.t, ledger.Check(&a.Balance))
	book := must[*ledger.Book](w.t)(ledger.New(a.Currency))
	for e, err := range w.vendor.AllEntries(w.t.Context(), mdf.ListEntriesParams{AllocationID: allocationID}) {
		require.NoError(w.t, err)
		_, err = book.Post(e.Type, e.From, e.To, e.Amount)
		require.NoError(w.t, err)
		require.Equal(w.t, book.Sequence, e.Sequence)
		require.Equal(w.t, book.Balance, e.Balance)
	}
	require.Equal(w.t, ledger.Book{Sequence: a.Sequence, Balance: a.Balance}, *book, "the ledger says what the balance is")
	said := ""
	for _, account := range ledger.Accounts {
		if in := *ledger.In(&a.Balance, account); in.Sign() != 0 {
			said += ", " + string(account) + " " + in.Amount()
		}
	}
	if said == "" {
		return "nothing"
	}
	return said[2:]
}

// refused checks why a call was refused and returns the refusal.
func refused(t testing.TB, err error, code partnerportal.ErrorCode) *partnerportal.Error {
	t.Helper()
	require.ErrorIs(t, err, code)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code)
	return e
}

// faulty checks that a call was refused for these fields and no others.
func faulty(t testing.TB, err error, pointers ...string) {
	t.Helper()
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer)
	}
	require.ElementsMatch(t, pointers, got, "%v %v", e, e.Fields)
}

// happened are the types of events of a resource so far, the first first.
func (w *world) happened(resourceID string) []string {
	w.t.Helper()
	page := must[*events.Page](w.t)(events.New(w.Portal.Vendor).List(w.t.Context(), events.ListParams{ResourceID: resourceID, Limit: 1000}))
	var types []string
	for _, e := range page.Items {
		types = append(types, strings.TrimPrefix(e.Type, "mdf."))
	}
	return types
}
