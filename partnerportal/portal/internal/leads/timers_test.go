package leads_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func TestAnOfferRunsOut(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	id := r.offered(contract.OfferModeExclusive, "p1").ID
	r.now = r.now.Add(48 * time.Hour) // the timer is late
	_, err := r.accept(partner("p1"), id)
	require.ErrorIs(t, err, contract.ErrOfferExpired)
	_, err = r.decline(partner("p1"), id)
	require.ErrorIs(t, err, contract.ErrOfferExpired)
	r.advance(0)
	seen, err := r.get(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusReturned, seen.Status)
	assert.Equal(t, contract.OfferStatusExpired, seen.Offer.Status)
	assert.Equal(t, []contract.SLAClock{contract.SLAClockAccept}, seen.SLA.Breached)
	_, err = r.accept(partner("p1"), id)
	require.ErrorIs(t, err, contract.ErrOfferExpired)
	assert.Equal(t, []string{
		"The lead came in.", "Offered to Partner p1 until 24 November 2026 12:00 UTC.", "Partner p1 let the offer run out.",
		"Partner p1 missed the time for an answer.", "No partner took the lead; it can be distributed again.",
	}, texts(r.activity(vendor, id)))
}

func TestTheClocksOfAPartner(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	id := r.held("p1").ID
	r.advance(25 * time.Hour)
	lead, err := r.get(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, []contract.SLAClock{contract.SLAClockFirstContact}, lead.SLA.Breached)

	r.advance(12 * 24 * time.Hour)
	_, err = r.contact(partner("p1"), id)
	require.NoError(t, err)
	r.advance(13 * 24 * time.Hour)
	lead, err = r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, []contract.SLAClock{contract.SLAClockFirstContact}, lead.SLA.Breached, "the contact restarted the clock")
	r.advance(24 * time.Hour)
	lead, err = r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, []contract.SLAClock{contract.SLAClockFirstContact, contract.SLAClockUpdate}, lead.SLA.Breached)
	assert.Contains(t, texts(r.activity(partner("p1"), id)), "The time for a report is over.")

	closed := r.held("p1").ID
	_, err = r.end(partner("p1"), closed)
	require.NoError(t, err)
	r.advance(100 * 24 * time.Hour)
	lead, err = r.get(vendor, closed)
	require.NoError(t, err)
	assert.Empty(t, lead.SLA.Breached, "a lead that is over has no clocks")
}

func TestStaleTimersDoNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	lead := r.held("p1")
	before, err := r.get(vendor, lead.ID)
	require.NoError(t, err)
	r.now = noon.AddDate(1, 0, 0)
	for kind, id := range map[string]string{
		"lead.offer_expire": lead.Offer.ID, "lead.first_contact": lead.ID, "lead.update_due": lead.ID, "lead.unheard_of": lead.ID,
	} {
		_, err := as(r, call.System, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.Fire(ctx, kind, id, noon) })
		require.NoError(t, err)
		_, err = as(r, call.System, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.Fire(ctx, kind, "gone", noon) })
		require.NoError(t, err)
	}
	after, err := r.get(vendor, lead.ID)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestRulesWithoutClocks(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	r.setRules(func(rules *policy.LeadRules) { *rules = policy.LeadRules{} })
	lead := r.held("p1")
	assert.Equal(t, contract.SLA{AcceptBy: noon.Add(48 * time.Hour)}, lead.SLA)
	r.advance(1000 * 24 * time.Hour)
	again, err := r.get(partner("p1"), lead.ID)
	require.NoError(t, err)
	assert.Equal(t, lead, again)
}

func TestWhenAContactWasMade(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	id := r.held("p1").ID
	r.advance(10 * time.Hour)
	log := func(at time.Time) (*contract.Lead, error) {
		return as(r, partner("p1"), func(ctx context.Context) (*contract.Lead, error) {
			return r.LogContact(ctx, id, "", &contract.ContactLog{Channel: contract.ContactChannelEmail, At: at})
		})
	}
	_, err := log(r.now.Add(time.Hour))
	assertFields(t, err, "/at out_of_range")
	lead, err := log(r.now.Add(time.Minute))
	require.NoError(t, err, "clocks differ a little")
	assert.Equal(t, r.now, lead.LastContactAt)
	lead, err = log(r.now.Add(-time.Hour))
	require.NoError(t, err)
	assert.Equal(t, r.now, lead.LastContactAt, "an older one came in later")
	assert.Equal(t, r.now.AddDate(0, 0, 14), lead.SLA.UpdateBy)
}
