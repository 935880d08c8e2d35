package offer_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

var today = partnerportal.Date{Year: 2026, Month: 11, Day: 22}

func acme() *offer.Buyer {
	return &offer.Buyer{
		PartnerID: "par_1", Country: "US", ProgramID: "default",
		Tiers: map[string]string{"default": "silver", "cloud": ""}, Ranks: map[string]int{"default": 1, "cloud": 0}, Holders: map[string]int{"engineer": 2},
	}
}

func list(id string, change func(l *catalog.PriceList)) catalog.PriceList {
	l := catalog.PriceList{ID: id, Currency: "USD", Status: catalog.PriceListStatusActive}
	if change != nil {
		change(&l)
	}
	return l
}

// Each list counts before all that stand behind it.
func TestOneListCounts(t *testing.T) {
	t.Parallel()
	since := func(days int) partnerportal.Date { return today.AddDays(-days) }
	order := []catalog.PriceList{
		list("tier-us", func(l *catalog.PriceList) { l.TierID, l.Regions = "silver", []string{"US"} }),
		list("tier", func(l *catalog.PriceList) { l.TierID, l.ProgramID, l.ValidFromOn = "silver", "default", since(9) }),
		list("member-us", func(l *catalog.PriceList) { l.ProgramID, l.Regions = "cloud", []string{"CA", "US"} }),
		list("member-new", func(l *catalog.PriceList) { l.ProgramID, l.ValidFromOn = "default", since(1) }),
		list("member-old", func(l *catalog.PriceList) { l.ProgramID, l.ValidFromOn = "default", since(2) }),
		list("us", func(l *catalog.PriceList) { l.Regions = []string{"US"} }),
		list("today", func(l *catalog.PriceList) { l.ValidFromOn, l.ValidToOn = today, today }),
		list("b", nil),
		list("a", nil),
	}
	never := []catalog.PriceList{
		list("gold", func(l *catalog.PriceList) { l.TierID = "gold" }),
		list("other", func(l *catalog.PriceList) { l.ProgramID = "other" }),
		list("de", func(l *catalog.PriceList) { l.Regions = []string{"DE"} }),
		list("draft", func(l *catalog.PriceList) { l.Status = catalog.PriceListStatusDraft }),
		list("tomorrow", func(l *catalog.PriceList) { l.ValidFromOn = today.AddDays(1) }),
		list("yesterday", func(l *catalog.PriceList) { l.ValidToOn = today.AddDays(-1) }),
	}
	for i, want := range order {
		lists := slices.Concat(never, order[i:])
		slices.Reverse(lists)
		got := acme().Choose(lists, today)
		require.NotNil(t, got)
		assert.Equal(t, want.ID, got.ID)
	}
	assert.Nil(t, acme().Choose(never, today))
	nowhere := acme()
	nowhere.Country = ""
	assert.False(t, nowhere.Concerns(&order[0]), "of whom no country is known gets lists for everywhere only")
}

// TestChoiceDoesNotDependOnTheOrder: whatever the lists, the one that counts is the same in every order, and counts among any of them.
func TestChoiceDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching("[a-e]{1,2}"), 0, 8, rapid.ID[string]).Draw(t, "ids")
		lists := make([]catalog.PriceList, len(ids))
		for i, id := range ids {
			lists[i] = list(id, func(l *catalog.PriceList) {
				l.Regions = rapid.SampledFrom([][]string{nil, {"US"}, {"DE"}}).Draw(t, "regions")
				l.ProgramID = rapid.SampledFrom([]string{"", "default", "cloud", "other"}).Draw(t, "programme")
				l.TierID = rapid.SampledFrom([]string{"", "silver", "gold"}).Draw(t, "tier")
				l.ValidFromOn = today.AddDays(rapid.IntRange(-2, 1).Draw(t, "from"))
			})
		}
		chosen := acme().Choose(lists, today)
		shuffled := rapid.Permutation(lists).Draw(t, "shuffled")
		again := acme().Choose(shuffled, today)
		if chosen == nil {
			require.Nil(t, again)
			require.False(t, slices.ContainsFunc(lists, func(l catalog.PriceList) bool { return acme().Serves(&l, today) }))
			return
		}
		require.Equal(t, chosen.ID, again.ID)
		for i := range lists {
			pair := acme().Choose([]catalog.PriceList{lists[i], *chosen}, today)
			require.Equal(t, chosen.ID, pair.ID)
		}
	})
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		authorisation catalog.Authorisation
		want          []catalog.Missing
	}{
		{catalog.Authorisation{}, nil},
		{catalog.Authorisation{CredentialDefinitionIDs: []string{"engineer"}, TierRankMin: 1}, nil},
		{catalog.Authorisation{TierRankMin: 2}, []catalog.Missing{{Kind: catalog.MissingKindTier, ProgramID: "default", TierRankMin: 2, TierRank: 1}}},
		{catalog.Authorisation{ProgramID: "other", TierRankMin: 1}, []catalog.Missing{{Kind: catalog.MissingKindTier, ProgramID: "other", TierRankMin: 1}}},
		{catalog.Authorisation{CredentialDefinitionIDs: []string{"engineer", "seller"}}, []catalog.Missing{{Kind: catalog.MissingKindCredential, CredentialDefinitionID: "seller"}}},
	} {
		assert.Equal(t, test.want, acme().Missing(&catalog.Product{Authorisation: test.authorisation}), "%+v", test.authorisation)
	}
}
