package leads_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func TestALeadFromOfferToContact(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	lead, err := r.create(vendor, newLead())
	require.NoError(t, err)
	assert.Equal(t, contract.StatusNew, lead.Status)
	assert.Equal(t, "L-000001", lead.Number)
	assert.Equal(t, "US", lead.Territory, "the organisation's country")
	assert.Equal(t, []contract.Action{contract.ActionDistribute, contract.ActionClose, contract.ActionUpdate}, lead.AllowedActions)

	lead, err = r.distribute(lead.ID, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	assert.Equal(t, contract.StatusOffered, lead.Status)
	assert.Equal(t, noon.Add(48*time.Hour), lead.SLA.AcceptBy)
	assert.Equal(t, 1, lead.Routing.Round)

	lead, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusAccepted, lead.Status)
	assert.Equal(t, contract.OfferStatusAccepted, lead.Offer.Status)
	assert.Equal(t, noon.Add(24*time.Hour), lead.SLA.FirstContactBy)
	assert.Equal(t, noon.AddDate(0, 0, 14), lead.SLA.UpdateBy)
	assert.Equal(t, "ada@canary.example", lead.Contact.Email)
	assert.Equal(t, []contract.Action{
		contract.ActionContact, contract.ActionReturn, contract.ActionConvert, contract.ActionClose, contract.ActionUpdate,
	}, lead.AllowedActions)
	assert.Zero(t, lead.Routing)

	r.advance(time.Hour)
	lead, err = r.contact(partner("p1"), lead.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusWorking, lead.Status)
	assert.Equal(t, noon.Add(time.Hour), lead.SLA.FirstContactAt)
	assert.Equal(t, noon.Add(time.Hour), lead.LastContactAt)
	assert.Equal(t, noon.Add(time.Hour).AddDate(0, 0, 14), lead.SLA.UpdateBy)

	assert.Equal(t, []string{
		"The lead was offered to you until 24 November 2026 12:00 UTC.", "You accepted the lead.", "You approached the contact (phone). “Meeting on Friday.”",
	}, texts(r.activity(partner("p1"), lead.ID)))
	assert.Equal(t, []string{
		"The lead came in.", "Offered to Partner p1 until 24 November 2026 12:00 UTC.", "Partner p1 accepted the lead.",
		"Partner p1 approached the contact (phone). “Meeting on Friday.”",
	}, texts(r.activity(vendor, lead.ID)))
}

func TestRoundRobinGoesFromOneToTheNext(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2", "p3")
	id := r.offered(contract.OfferModeRoundRobin, "p1", "p2", "p3").ID
	_, err := r.get(partner("p2"), id)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "it is not the second one's turn")

	seen, err := r.decline(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusReturned, seen.Status)
	assert.Equal(t, contract.OfferStatusDeclined, seen.Offer.Status)

	seen, err = r.get(partner("p2"), id)
	require.NoError(t, err)
	assert.Equal(t, []contract.Action{contract.ActionAccept, contract.ActionDecline}, seen.AllowedActions)
	assert.Equal(t, 2, seen.Offer.Rank)
	for _, entry := range r.activity(partner("p2"), id) {
		assert.Equal(t, partnerportal.SideSystem, entry.Actor.Side, "who declined before is not told")
	}

	r.advance(48 * time.Hour) // the second lets it run out
	seen, err = r.get(partner("p3"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.OfferStatusPending, seen.Offer.Status)
	assert.Equal(t, r.now.Add(48*time.Hour), seen.Offer.AcceptBy)
	_, err = r.accept(partner("p2"), id)
	require.ErrorIs(t, err, contract.ErrOfferExpired)

	_, err = r.decline(partner("p3"), id)
	require.NoError(t, err)
	lead, err := r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusReturned, lead.Status)
	assert.Equal(t, []contract.Action{contract.ActionDistribute, contract.ActionClose, contract.ActionUpdate}, lead.AllowedActions)
	assert.Contains(t, texts(r.activity(vendor, id)), "Partner p1 declined the lead (capacity). “No engineer free.”")
}

func TestBroadcastStaysOpenUntilAllDeclined(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeBroadcast, "p1", "p2").ID
	before, err := r.get(partner("p2"), id)
	require.NoError(t, err)
	_, err = r.decline(partner("p1"), id)
	require.NoError(t, err)
	after, err := r.get(partner("p2"), id)
	require.NoError(t, err)
	assert.Equal(t, before, after, "that a rival declined does not show")
	_, err = r.decline(partner("p2"), id)
	require.NoError(t, err)
	lead, err := r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusReturned, lead.Status)
}

func TestUnplacedAfterTheLastRound(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	r.setRules(func(rules *policy.LeadRules) { rules.MaxRounds = 2 })
	id := r.offered(contract.OfferModeExclusive, "p1").ID
	_, err := r.decline(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.distribute(id, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	_, err = r.accept(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.giveBack(partner("p1"), id)
	require.NoError(t, err)
	lead, err := r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusUnplaced, lead.Status)
	_, err = r.distribute(id, contract.OfferModeExclusive, "p1")
	assertInvalidState(t, err, "unplaced", "close", "update")
}

func assertInvalidState(t *testing.T, err error, state string, actions ...string) {
	t.Helper()
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, state, e.CurrentState)
	assert.Equal(t, append([]string{}, actions...), e.AllowedActions)
}

func TestRecall(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	id := r.offered(contract.OfferModeExclusive, "p1").ID
	lead, err := r.recall(id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusRecalled, lead.Status)
	_, err = r.accept(partner("p1"), id)
	assertInvalidState(t, err, "recalled")
	_, err = r.contact(partner("p1"), id)
	require.ErrorIs(t, err, contract.ErrNotAssigned)
	assert.Contains(t, texts(r.activity(vendor, id)), "Recalled from Partner p1. “Ours after all.”")
	assert.NotContains(t, texts(r.activity(partner("p1"), id)), "Ours after all.")

	lead, err = r.distribute(id, contract.OfferModeExclusive, "p1")
	require.NoError(t, err, "a lead that was recalled can be offered again")
	assert.Equal(t, 2, lead.Routing.Round)
	_, err = r.accept(partner("p1"), id)
	require.NoError(t, err)
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	id := r.offered(contract.OfferModeExclusive, "p1").ID

	_, err := r.accept(partner("p2"), id)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "who has no offer does not learn that there is a lead")
	_, err = r.contact(partner("p1"), id)
	assertInvalidState(t, err, "offered", "accept", "decline")
	_, err = r.decline(vendor, id)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	_, err = r.end(vendor, id)
	assertInvalidState(t, err, "offered", "recall", "update")

	_, err = r.accept(partner("p1"), id)
	require.NoError(t, err)
	_, err = r.accept(partner("p1"), id)
	assertInvalidState(t, err, "accepted", "contact", "return", "convert", "close", "update")
	_, err = r.recall(id)
	assertInvalidState(t, err, "accepted", "update")
	lead, err := r.end(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.CloseReasonUnreachable, lead.CloseReason)
	assert.Equal(t, []contract.Action{contract.ActionUpdate}, lead.AllowedActions)
	assert.Equal(t, []string{"/external_refs"}, lead.EditableFields)

	reader := partner("p1")
	reader.Scopes = []string{"leads:read"}
	lead, err = r.get(reader, id)
	require.NoError(t, err)
	assert.Empty(t, lead.AllowedActions)
	assert.Empty(t, lead.EditableFields)
}

func TestConsent(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	body := newLead()
	body.Consent = contract.Consent{}
	_, err := r.create(partner("p1"), body)
	require.ErrorIs(t, err, contract.ErrConsentMissing)
	lead, err := r.create(vendor, body)
	require.NoError(t, err, "a vendor may still be asking for it")
	_, err = r.distribute(lead.ID, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	_, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	_, err = r.contact(partner("p1"), lead.ID)
	require.ErrorIs(t, err, contract.ErrConsentMissing)
	_, err = r.convert(partner("p1"), lead.ID, contract.Conversion{})
	require.ErrorIs(t, err, contract.ErrConsentMissing)
}

func TestReferral(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	lead, err := r.create(partner("p1"), newLead())
	require.NoError(t, err)
	id := lead.ID
	assert.Equal(t, contract.DirectionPartnerToVendor, lead.Direction)
	assert.Equal(t, contract.StatusSubmitted, lead.Status)
	assert.Equal(t, "p1", lead.PartnerID)
	_, err = r.get(partner("p2"), id)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)

	_, err = r.distribute(id, contract.OfferModeExclusive, "p2")
	assertInvalidState(t, err, "submitted", "start_review", "accept", "reject", "update")
	_, err = r.accept(partner("p1"), id)
	assertInvalidState(t, err, "submitted", "update")
	lead, err = r.review(id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusInReview, lead.Status)
	lead, err = r.accept(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusAccepted, lead.Status)
	_, err = r.reject(id)
	assertInvalidState(t, err, "accepted", "close", "update")
	lead, err = r.convert(partner("p1"), id, contract.Conversion{})
	require.NoError(t, err)
	assert.Equal(t, contract.StatusConverted, lead.Status)
	assert.Equal(t, []string{
		"You referred the lead to the vendor.", "The vendor is looking at your referral.", "The vendor accepted your referral.",
		"You turned the lead into deal " + lead.ConvertedDealID + ".",
	}, texts(r.activity(partner("p1"), id)))

	lead, err = r.create(partner("p2"), newLead())
	require.NoError(t, err)
	_, err = r.reject(lead.ID)
	require.NoError(t, err)
	lead, err = r.get(partner("p2"), lead.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusRejected, lead.Status)
	assert.Equal(t, "Already a customer.", lead.CloseNote)
}
