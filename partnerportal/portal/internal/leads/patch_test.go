package leads_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestTheVendorChangesALeadUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	lead := r.offered(contract.OfferModeExclusive, "p1")
	lead, err := r.update(vendor, lead.ID, lead.ETag(), contract.Patch{
		Summary: partnerportal.Null[string](), Rating: partnerportal.Set(contract.RatingCold),
		Contact: partnerportal.Set(contract.Contact{GivenName: "Grace canary"}),
	})
	require.NoError(t, err)
	assert.Empty(t, lead.Summary)
	assert.Equal(t, contract.Contact{GivenName: "Grace canary"}, lead.Contact)
	seen, err := r.get(partner("p1"), lead.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.RatingCold, seen.Rating)
	changed := r.changedFields()
	assert.Equal(t, `["/rating","/summary"]`, changed[len(changed)-2], "what the partner may know has changed")
	assert.Equal(t, `["/contact","/rating","/summary"]`, changed[len(changed)-1])

	_, err = r.update(vendor, lead.ID, `"r1"`, contract.Patch{Title: partnerportal.Set("Late")})
	require.ErrorIs(t, err, partnerportal.ErrStale)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var current int64
	_, err = e.Extension("current_revision", &current)
	require.NoError(t, err)
	assert.Equal(t, lead.Revision, current)

	_, err = r.update(vendor, lead.ID, lead.ETag(), contract.Patch{Title: partnerportal.Null[string](), AssignedUserID: partnerportal.Set("u-1")})
	assertFields(t, err, "/assigned_user_id not_permitted")
	_, err = r.update(vendor, lead.ID, lead.ETag(), contract.Patch{
		Title: partnerportal.Null[string](), Organization: partnerportal.Set(contract.Organization{Country: "UK"}),
		Territory: partnerportal.Set("XX"), EstimatedValue: partnerportal.Set(partnerportal.MustMoney("-1", "USD")),
	})
	assertFields(t, err, "/title required", "/organization/name required", "/organization/country invalid_value", "/territory invalid_value", "/estimated_value out_of_range")
	_, err = r.update(vendor, lead.ID, lead.ETag(), contract.Patch{ProgramID: partnerportal.Set("nowhere")})
	assertFields(t, err, "/program_id invalid_value")

	same, err := r.update(vendor, lead.ID, lead.ETag(), contract.Patch{Title: partnerportal.Set(lead.Title)})
	require.NoError(t, err)
	assert.Equal(t, lead, same, "nothing changed, no new revision")

	_, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	_, err = r.update(vendor, lead.ID, "*", contract.Patch{Title: partnerportal.Set("Too late")})
	assertInvalidState(t, err, "accepted", "update")
	_, err = r.update(vendor, lead.ID, "*", contract.Patch{ExternalRefs: partnerportal.Set([]partnerportal.ExternalRef{{System: "crm", ID: "1"}})})
	require.NoError(t, err)
}

func (r *room) changedFields() []string {
	r.t.Helper()
	var changed []string
	for _, text := range r.storedFacts() {
		for i, c := range text {
			if c == '[' {
				changed = append(changed, text[i:])
			}
		}
	}
	return changed
}

func TestThePartnerChangesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	lead := r.offered(contract.OfferModeExclusive, "p1")
	guess := contract.Patch{Contact: partnerportal.Set(newLead().Contact)}
	_, err := r.update(partner("p1"), lead.ID, "*", guess)
	require.ErrorIs(t, err, contract.ErrMasked, "also when the guess is right")
	_, err = r.update(partner("p1"), lead.ID, "*", contract.Patch{AssignedUserID: partnerportal.Set("u-1")})
	assertInvalidState(t, err, "offered", "accept", "decline")
	_, err = r.update(partner("p2"), lead.ID, "*", guess)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)

	_, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	lead, err = r.update(partner("p1"), lead.ID, "*", contract.Patch{AssignedUserID: partnerportal.Set("u-17")})
	require.NoError(t, err)
	assert.Equal(t, "u-17", lead.AssignedUserID)
	_, err = r.update(partner("p1"), lead.ID, "*", guess)
	assertFields(t, err, "/contact not_permitted")
	twice := []partnerportal.ExternalRef{{System: "psa", ID: "1"}, {System: "psa", ID: "1", URL: "https://psa.example/1"}}
	_, err = r.update(partner("p1"), lead.ID, "*", contract.Patch{ExternalRefs: partnerportal.Set(twice)})
	assertFields(t, err, "/external_refs/1 duplicate_key")

	_, err = r.end(partner("p1"), lead.ID)
	require.NoError(t, err)
	_, err = r.update(partner("p1"), lead.ID, "*", contract.Patch{AssignedUserID: partnerportal.Set("u-18")})
	assertInvalidState(t, err, "closed", "update")

	back := r.held("p2")
	_, err = r.giveBack(partner("p2"), back.ID)
	require.NoError(t, err)
	_, err = r.update(partner("p2"), back.ID, "*", contract.Patch{AssignedUserID: partnerportal.Set("u-1")})
	require.ErrorIs(t, err, contract.ErrNotAssigned)
}

func (r *room) upsert(who string, ifMatch string, body contract.NewLead) (*contract.Lead, error) {
	caller := vendor
	if who != "vendor" {
		caller = partner(who)
	}
	return as(r, caller, func(ctx context.Context) (*contract.Lead, error) { return r.Upsert(ctx, "crm", "00Q1", ifMatch, &body) })
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	_, err := r.upsert("p1", "", newLead())
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	_, err = r.upsert("vendor", `"r1"`, newLead())
	require.ErrorIs(t, err, partnerportal.ErrStale, "there is none yet")
	_, err = r.upsert("vendor", "*", newLead())
	require.ErrorIs(t, err, partnerportal.ErrStale, "there is none of any revision")
	lead, err := r.upsert("vendor", "", newLead())
	require.NoError(t, err)
	assert.Equal(t, []partnerportal.ExternalRef{{System: "crm", ID: "00Q1"}}, lead.ExternalRefs)
	again, err := r.upsert("vendor", "", newLead())
	require.NoError(t, err)
	assert.Equal(t, lead, again, "repeating the call changes nothing more")

	other := newLead()
	other.Title = "Storage and backup"
	_, err = r.upsert("vendor", `"r9"`, other)
	require.ErrorIs(t, err, partnerportal.ErrStale)
	changed, err := r.upsert("vendor", lead.ETag(), other)
	require.NoError(t, err)
	assert.Equal(t, lead.ID, changed.ID)
	assert.Equal(t, other.Title, changed.Title)

	_, err = r.distribute(lead.ID, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	_, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	_, err = r.upsert("vendor", "", newLead())
	assertInvalidState(t, err, "accepted", "update")
	other.Source.RecordID = "00Q2"
	_, err = r.upsert("vendor", "", other)
	require.NoError(t, err, "the connector goes on telling where the lead comes from")
}
