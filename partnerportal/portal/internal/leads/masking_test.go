package leads_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// sees is all that a caller can read of a lead, as text; the list has what get has.
func (r *room) sees(who call.Caller, id string) string {
	r.t.Helper()
	lead, err := r.get(who, id)
	require.NoError(r.t, err)
	data, err := json.Marshal([]any{lead, r.offers(who, id), r.activity(who, id)})
	require.NoError(r.t, err)
	return string(data)
}

func TestMaskedUntilAcceptedAndAgainAfterwards(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeBroadcast, "p1", "p2").ID
	assert.Contains(t, r.sees(vendor, id), canary)

	seen, err := r.get(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.Organization{Masked: true, Industry: "retail", Size: "1000-5000", Country: "US", Region: "IL"}, seen.Organization)
	assert.Equal(t, contract.Contact{Masked: true}, seen.Contact)
	assert.Equal(t, "Their storage is full.", seen.Summary)
	assert.Equal(t, seen.Offer.AcceptBy, seen.SLA.AcceptBy)
	for _, who := range []string{"p1", "p2"} {
		assert.NotContains(t, r.sees(partner(who), id), canary)
		one, err := r.get(partner(who), id)
		require.NoError(t, err)
		assert.Equal(t, []contract.Lead{*one}, r.list(partner(who), contract.ListParams{}))
	}

	_, err = r.accept(partner("p1"), id)
	require.NoError(t, err)
	assert.Contains(t, r.sees(partner("p1"), id), canary)
	lost := r.sees(partner("p2"), id)
	assert.NotContains(t, lost, canary)
	assert.NotContains(t, lost, `"p1"`, "nor who got it")
	assert.Equal(t, []string{
		"The lead was offered to you until 24 November 2026 12:00 UTC.", "Another partner took the lead.",
	}, texts(r.activity(partner("p2"), id)))

	_, err = r.contact(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.giveBack(partner("p1"), id)
	require.NoError(t, err)
	assert.NotContains(t, r.sees(partner("p1"), id), canary, "who gives it back has no more business with the contact")
	assert.Equal(t, lost, r.sees(partner("p2"), id), "what becomes of the lead elsewhere does not show")

	_, err = r.distribute(id, contract.OfferModeExclusive, "p2")
	require.NoError(t, err)
	_, err = r.recall(id)
	require.NoError(t, err)
	assert.NotContains(t, r.sees(partner("p2"), id), canary)
}

func TestPartnersFilterByWhatTheySee(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeBroadcast, "p1", "p2").ID
	_, err := r.accept(partner("p1"), id)
	require.NoError(t, err)
	r.advance(time.Second)
	later := r.now
	_, err = r.contact(partner("p1"), id)
	require.NoError(t, err)

	working := contract.ListParams{Status: []contract.Status{contract.StatusWorking}}
	assert.Len(t, r.list(partner("p1"), working), 1)
	assert.Empty(t, r.list(partner("p2"), working))
	assert.Len(t, r.list(partner("p2"), contract.ListParams{Status: []contract.Status{contract.StatusRecalled}}), 1)
	assert.Empty(t, r.list(partner("p2"), contract.ListParams{UpdatedSince: later}))
	assert.Len(t, r.list(vendor, contract.ListParams{UpdatedSince: later}), 1)
}

// The feed goes out to other systems: no event may carry what a lead keeps behind its mask, nor words somebody wrote.
func TestEventsCarryNoPersonalData(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeBroadcast, "p1", "p2").ID
	_, err := r.decline(partner("p2"), id)
	require.NoError(t, err)
	_, err = r.accept(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.contact(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.convert(partner("p1"), id, contract.Conversion{})
	require.NoError(t, err)

	facts := r.storedFacts()
	require.NotEmpty(t, facts)
	for _, text := range facts {
		assert.NotContains(t, text, canary)
		assert.NotContains(t, text, "Friday")
		assert.NotContains(t, text, "engineer")
	}
}

func (r *room) storedFacts() (facts []string) {
	r.t.Helper()
	facts, _, err := store.List(context.Background(), r.store.Read(), store.Query{Table: "events", Sort: "sequence", Columns: "facts || changed_fields"},
		func(dest func(...any) error) (text string, err error) { return text, dest(&text) })
	require.NoError(r.t, err)
	return facts
}

func TestEachSideHasItsOwnReferences(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	theirs := newLead()
	theirs.ExternalRefs = []partnerportal.ExternalRef{{System: "salesforce", ID: "00Q-vendor"}}
	lead, err := r.create(vendor, theirs)
	require.NoError(t, err)
	_, err = r.distribute(lead.ID, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	lead, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	assert.Empty(t, lead.ExternalRefs)

	mine := []partnerportal.ExternalRef{{System: "salesforce", ID: "00Q-vendor"}, {System: "psa", ID: "7"}}
	lead, err = r.update(partner("p1"), lead.ID, lead.ETag(), contract.Patch{ExternalRefs: partnerportal.Set(mine)})
	require.NoError(t, err, "the same reference may be another side's")
	assert.Equal(t, mine, lead.ExternalRefs)
	assert.Len(t, r.list(partner("p1"), contract.ListParams{ExternalRef: "psa:7"}), 1)
	assert.Empty(t, r.list(vendor, contract.ListParams{ExternalRef: "psa:7"}))

	for who, want := range map[string]string{"p1": lead.ID, "p2": ""} {
		found, err := reads(r, partner(who), func(ctx context.Context) (*contract.Lead, error) { return r.GetByRef(ctx, "psa", "7") })
		if want == "" {
			require.ErrorIs(t, err, partnerportal.ErrNotFound)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, found.ID)
	}
	lead, err = r.get(vendor, lead.ID)
	require.NoError(t, err)
	assert.Equal(t, theirs.ExternalRefs, lead.ExternalRefs)

	_, err = r.create(vendor, theirs)
	require.ErrorIs(t, err, contract.ErrDuplicateRef)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var existing string
	_, err = e.Extension("existing_id", &existing)
	require.NoError(t, err)
	assert.Equal(t, lead.ID, existing)
}
