package leads_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func applicant(p policy.Partner) leads.Applicant {
	if p.Status == "" {
		p.Status = "active"
	}
	return leads.Applicant{Partner: p}
}

func TestRouteExplainsItself(t *testing.T) {
	t.Parallel()
	lead := &contract.Lead{Territory: "US-CA", ProductInterest: []string{"GTX"}}
	busy, before := applicant(policy.Partner{ID: "busy"}), applicant(policy.Partner{ID: "before"})
	busy.Open, before.Had = 50, true
	some := applicant(policy.Partner{ID: "some", Territories: []string{"US-CA"}, Families: []string{"gtx", "MG"}, Tier: "gold", TierRank: 3})
	some.Open = 4
	candidates := leads.Route(lead, []leads.Applicant{
		busy, before, applicant(policy.Partner{ID: "suspended", Status: "suspended"}),
		applicant(policy.Partner{ID: "elsewhere", Territories: []string{"DE", "US-NY"}}),
		applicant(policy.Partner{ID: "others", Families: []string{"MG"}}),
		applicant(policy.Partner{ID: "anywhere"}), applicant(policy.Partner{ID: "country", Territories: []string{"US"}}), some,
	}, 50)
	assert.Equal(t, []contract.Candidate{
		{PartnerID: "some", Score: 3796, Reasons: []string{"serves US-CA: +3000", "authorised for GTX: +500", "tier gold: +300", "4 open leads: -4"}},
		{PartnerID: "country", Score: 2000, Reasons: []string{"serves the country of US-CA: +2000"}},
		{PartnerID: "anywhere", Score: 1000, Reasons: []string{"serves every territory: +1000"}},
		{PartnerID: "before", Excluded: true, Reasons: []string{"had this lead before"}},
		{PartnerID: "busy", Excluded: true, Reasons: []string{"has 50 open leads of at most 50"}},
		{PartnerID: "elsewhere", Excluded: true, Reasons: []string{"does not serve US-CA"}},
		{PartnerID: "others", Excluded: true, Reasons: []string{"is not authorised for all of GTX"}},
		{PartnerID: "suspended", Excluded: true, Reasons: []string{"is suspended"}},
	}, candidates)
}

func TestALeadFromNowhereGoesToWhoServesEverywhere(t *testing.T) {
	t.Parallel()
	candidates := leads.Route(&contract.Lead{}, []leads.Applicant{
		applicant(policy.Partner{ID: "p1", Territories: []string{"US"}}), applicant(policy.Partner{ID: "p2", Families: []string{"GTX"}}),
	}, 0)
	assert.Equal(t, "p2", candidates[0].PartnerID)
	assert.True(t, candidates[1].Excluded)
}

func TestRouteDoesNotDependOnTheOrderOfTheApplicants(t *testing.T) {
	t.Parallel()
	places := [][]string{nil, {"US"}, {"US-CA"}, {"DE"}}
	rapid.Check(t, func(t *rapid.T) {
		lead := &contract.Lead{Territory: rapid.SampledFrom([]string{"", "US", "US-CA"}).Draw(t, "territory")}
		var applicants []leads.Applicant
		for i := range rapid.IntRange(0, 12).Draw(t, "applicants") {
			a := applicant(policy.Partner{
				ID: string(rune('a' + i)), Territories: rapid.SampledFrom(places).Draw(t, "territories"), TierRank: rapid.IntRange(0, 5).Draw(t, "tier"),
			})
			a.Open, a.Had = rapid.Int64Range(0, 60).Draw(t, "open"), rapid.Bool().Draw(t, "had")
			applicants = append(applicants, a)
		}
		want := leads.Route(lead, applicants, 50)
		rand.Shuffle(len(applicants), func(i, j int) { applicants[i], applicants[j] = applicants[j], applicants[i] })
		require.Equal(t, want, leads.Route(lead, applicants, 50))
		for _, candidate := range want {
			require.NotEmpty(t, candidate.Reasons)
		}
	})
}

func TestThePortalChooses(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.addPartner(policy.Partner{ID: "silver", Name: "Silver", Tier: "silver", TierRank: 1})
	r.addPartner(policy.Partner{ID: "gold", Name: "Gold", Tier: "gold", TierRank: 2})
	r.addPartner(policy.Partner{ID: "german", Name: "German", Territories: []string{"DE"}})

	lead := r.offered(contract.OfferModeExclusive)
	assert.Equal(t, "territory-product-tier-load", lead.Routing.Rule)
	require.Len(t, lead.Routing.Candidates, 3)
	assert.Equal(t, "gold", lead.Routing.Candidates[0].PartnerID)
	assert.True(t, lead.Routing.Candidates[2].Excluded)
	seen, err := r.decline(partner("gold"), lead.ID)
	require.NoError(t, err)
	assert.Zero(t, seen.Routing, "how partners were chosen is the vendor's business")

	lead, err = r.distribute(lead.ID, contract.OfferModeRoundRobin)
	require.NoError(t, err)
	assert.Equal(t, "silver", lead.Routing.Candidates[0].PartnerID, "who declined is not asked again")

	broadcast := r.offered(contract.OfferModeBroadcast)
	assert.Len(t, r.offers(vendor, broadcast.ID), 2)

	abroad := newLead()
	abroad.Territory = "FR"
	r.addPartner(policy.Partner{ID: "idle", Name: "Idle", Status: "suspended"})
	r.setRules(func(rules *policy.LeadRules) { rules.MaxOpenPerPartner = 1 })
	lead, err = r.create(vendor, abroad)
	require.NoError(t, err)
	_, err = r.distribute(lead.ID, contract.OfferModeBroadcast)
	require.ErrorIs(t, err, contract.ErrNoCandidates)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var why []contract.Candidate
	_, err = e.Extension("candidates", &why)
	require.NoError(t, err)
	assert.Len(t, why, 4)
}

func TestNamedPartnersMustBeThere(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1", "p2")
	r.addPartner(policy.Partner{ID: "idle", Status: "suspended"})
	lead, err := r.create(vendor, newLead())
	require.NoError(t, err)
	for _, c := range []struct {
		mode contract.OfferMode
		to   []string
		want string
	}{
		{contract.OfferModeBroadcast, []string{"p1", "ghost"}, "/partner_ids/1 invalid_value"},
		{contract.OfferModeBroadcast, []string{"idle"}, "/partner_ids/0 invalid_state"},
		{contract.OfferModeBroadcast, []string{"p1", "p1"}, "/partner_ids duplicate_key"},
		{contract.OfferModeExclusive, []string{"p1", "p2"}, "/partner_ids too_many"},
	} {
		_, err := r.distribute(lead.ID, c.mode, c.to...)
		assertFields(t, err, c.want)
	}
}

func assertFields(t *testing.T, err error, want ...string) {
	t.Helper()
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer+" "+f.Code)
	}
	assert.Equal(t, want, got)
}
