package leads_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestListsPageByPage(t *testing.T) {
	t.Parallel()
	engines(t, pages)
}

func pages(t *testing.T, dsn string) {
	t.Helper()
	r := newRoomOn(t, dsn, "p1", "p2")
	var all []string
	for i := range 7 {
		lead := r.offered(contract.OfferModeBroadcast, []string{"p1", "p2"}[:1+i%2]...)
		all = append(all, lead.ID)
		r.advance(time.Minute)
	}
	slices.Reverse(all)
	second := []string{all[1], all[3], all[5]}
	assert.Equal(t, all, r.walk(vendor.PartnerID, contract.ListParams{Limit: 2}))
	assert.Equal(t, all, r.walk("p1", contract.ListParams{Limit: 3}))
	assert.Equal(t, second, r.walk("p2", contract.ListParams{Limit: 1}))
	slices.Reverse(second)
	assert.Equal(t, second, r.walk("p2", contract.ListParams{Sort: partnerportal.SortOldestFirst}))
	for _, who := range []string{"", "p1"} {
		var parts []string
		for _, segment := range []string{"0/3", "1/3", "2/3"} {
			parts = append(parts, r.walk(who, contract.ListParams{Segment: segment, Limit: 1})...)
		}
		assert.ElementsMatch(t, all, parts)
	}
}

func (r *room) walk(partnerID string, params contract.ListParams) (found []string) {
	r.t.Helper()
	who := vendor
	if partnerID != "" {
		who = partner(partnerID)
	}
	for {
		page, err := reads(r, who, func(ctx context.Context) (*contract.Page, error) { return r.List(ctx, &params) })
		require.NoError(r.t, err)
		for _, lead := range page.Items {
			found = append(found, lead.ID)
		}
		if params.Cursor = page.Page.NextCursor; params.Cursor == "" {
			return found
		}
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	cold := newLead()
	cold.Rating = contract.RatingCold
	cold.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "a:b"}}
	_, err := r.create(vendor, cold)
	require.NoError(t, err)
	referral, err := r.create(partner("p2"), newLead())
	require.NoError(t, err)
	r.advance(time.Hour)
	held := r.held("p1")

	one := func(params contract.ListParams) string {
		t.Helper()
		items := r.list(vendor, params)
		require.Len(t, items, 1)
		return items[0].ID
	}
	assert.Equal(t, held.ID, one(contract.ListParams{Status: []contract.Status{contract.StatusAccepted, contract.StatusWorking}}))
	assert.Equal(t, held.ID, one(contract.ListParams{UpdatedSince: r.now}))
	assert.Equal(t, referral.ID, one(contract.ListParams{Direction: contract.DirectionPartnerToVendor}))
	assert.Equal(t, referral.ID, one(contract.ListParams{PartnerID: []string{"p2"}}))
	assert.NotEmpty(t, one(contract.ListParams{Rating: []contract.Rating{contract.RatingCold}}))
	assert.NotEmpty(t, one(contract.ListParams{ExternalRef: "crm:a:b"}))
	assert.Equal(t, held.ID, r.list(vendor, contract.ListParams{Sort: partnerportal.SortLatestChangedFirst})[0].ID)
	assert.Equal(t, held.ID, r.list(vendor, contract.ListParams{Sort: partnerportal.SortLongestUnchangedFirst})[2].ID)

	for who, params := range map[string]contract.ListParams{"vendor": {ExternalRef: "crm"}, "p1": {PartnerID: []string{"p2"}}} {
		caller := vendor
		if who != "vendor" {
			caller = partner(who)
		}
		_, err := reads(r, caller, func(ctx context.Context) (*contract.Page, error) { return r.List(ctx, &params) })
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	}
}

func TestNobodyReadsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeExclusive, "p1").ID
	for _, lead := range []string{id, "lead_none"} {
		for _, read := range []func(ctx context.Context) (any, error){
			func(ctx context.Context) (any, error) { return r.Get(ctx, lead) },
			func(ctx context.Context) (any, error) { return r.ListOffers(ctx, lead, &contract.ListOffersParams{}) },
			func(ctx context.Context) (any, error) {
				return r.ListActivity(ctx, lead, &contract.ListActivityParams{})
			},
			func(ctx context.Context) (any, error) { return r.Close(ctx, lead, "", &contract.Closing{}) },
		} {
			_, err := reads(r, partner("p2"), read)
			require.ErrorIs(t, err, partnerportal.ErrNotFound)
			assert.Equal(t, "404 not_found", err.Error(), "both alike")
		}
	}
	_, err := r.get(vendor, "lead_none")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}
