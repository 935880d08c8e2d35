package deals_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func TestNotesAndAttachments(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	vendor := r.vendor()
	add := func(w who, text string, internal bool) {
		_, err := ask(w, func(ctx context.Context) (*partnerportal.Note, error) {
			return r.AddNote(ctx, d.ID, &partnerportal.NewNote{Text: text, Internal: internal})
		})
		require.NoError(t, err)
	}
	add(one, "ours", true)
	add(vendor, "theirs", true)
	add(vendor, "for both", false)
	texts := func(w who) string {
		page, err := ask(w, func(ctx context.Context) (*partnerportal.NotePage, error) {
			return r.ListNotes(ctx, d.ID, &contract.ListNotesParams{})
		})
		require.NoError(t, err)
		all := []string{}
		for _, n := range page.Items {
			all = append(all, n.Text+" by "+n.Author.Name)
		}
		return strings.Join(all, ", ")
	}
	assert.Equal(t, "for both by Vendor, ours by Clerk of par_one", texts(one))
	assert.Equal(t, "for both by Dana Reviewer, theirs by Dana Reviewer", texts(vendor))
	a, err := ask(one, func(ctx context.Context) (*contract.Attachment, error) {
		return r.Attach(ctx, d.ID, &contract.NewAttachment{Kind: contract.AttachmentKindRFP, FileName: "rfp.pdf", SizeBytes: 52311})
	})
	require.NoError(t, err)
	require.ErrorIs(t, r.partner(t, "par_two").do(func(ctx context.Context) error { return r.Detach(ctx, d.ID, a.ID) }), partnerportal.ErrNotFound)
	require.ErrorIs(t, r.vendor().do(func(ctx context.Context) error { return r.Detach(ctx, d.ID, a.ID) }), partnerportal.ErrForbidden, "it is the partner's")
	require.NoError(t, one.do(func(ctx context.Context) error { return r.Detach(ctx, d.ID, a.ID) }))
	require.ErrorIs(t, one.do(func(ctx context.Context) error { return r.Detach(ctx, d.ID, a.ID) }), partnerportal.ErrNotFound)
	assert.Equal(t, 6, len(r.events(t, partnerportal.SidePartner, d.ID, "par_one"))-2, "the vendor's internal note is not told of")
}

func TestLists(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	two, vendor := r.partner(t, "par_two"), r.vendor()
	r.advance(t, time.Hour)
	draft, err := two.create(gtx(families("MG"), func(r *contract.Registration) { r.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "1"}} }))
	require.NoError(t, err)
	ids := func(w who, p contract.ListParams) []string {
		page, err := w.list(p)
		require.NoError(t, err)
		all := []string{}
		for _, d := range page.Items {
			all = append(all, d.ID)
		}
		return all
	}
	assert.Equal(t, []string{draft.ID, d.ID}, ids(vendor, contract.ListParams{}))
	assert.Equal(t, []string{d.ID, draft.ID}, ids(vendor, contract.ListParams{Sort: partnerportal.SortOldestFirst}))
	assert.Equal(t, []string{draft.ID}, ids(two, contract.ListParams{Sort: partnerportal.SortLatestChangedFirst}))
	assert.Equal(t, []string{d.ID}, ids(one, contract.ListParams{PartnerID: []string{"par_one"}}))
	assert.Equal(t, []string{d.ID}, ids(vendor, contract.ListParams{Status: []contract.Status{contract.StatusApproved, contract.StatusWon}}))
	assert.Equal(t, []string{d.ID}, ids(vendor, contract.ListParams{ExpiresBefore: start.Add(100 * day)}))
	assert.Empty(t, ids(vendor, contract.ListParams{Outcome: []contract.Outcome{contract.OutcomeWon}}))
	assert.Equal(t, []string{draft.ID}, ids(vendor, contract.ListParams{UpdatedSince: start.Add(time.Minute)}))
	assert.Len(t, ids(vendor, contract.ListParams{CustomerDomain: "https://www.acme.com/"}), 2)
	assert.Equal(t, []string{d.ID}, ids(one, contract.ListParams{ExternalRef: "crm:1"}))
	assert.Len(t, ids(vendor, contract.ListParams{ExternalRef: "crm:1", Sort: partnerportal.SortLongestUnchangedFirst}), 2)
	assert.Len(t, ids(vendor, contract.ListParams{ProgramID: []string{policy.DefaultID}}), 2)
	for _, p := range []contract.ListParams{{PartnerID: []string{"par_one"}}, {Sort: "name"}, {ExternalRef: "crm"}, {CustomerDomain: "gmail.com"}, {Cursor: "x"}, {Limit: 1001}, {Segment: "2/2"}} {
		_, err := two.list(p)
		assert.Equal(t, 400, problem(t, err).Status)
	}
	page, err := vendor.list(contract.ListParams{Limit: 1})
	require.NoError(t, err)
	_, err = two.list(contract.ListParams{Limit: 1, Cursor: page.Page.NextCursor})
	require.Error(t, err, "a cursor belongs to its reader")
	_, err = ask(one, func(ctx context.Context) (*contract.Deal, error) {
		return r.Lose(ctx, d.ID, "", &contract.Loss{Code: contract.LossCodePrice})
	})
	require.NoError(t, err)
	assert.Empty(t, ids(vendor, contract.ListParams{ExpiresBefore: start.Add(100 * day)}), "its protection was released, it does not run out")
}
