package directory_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// values measures by a table: counts by requirement, and whole dollars of revenue.
func values(counts map[string]int) func(program.Requirement) (program.Progress, error) {
	return func(r program.Requirement) (program.Progress, error) {
		n, known := counts[r.ID]
		source := partnerportal.SourceStamp{System: "test", Kind: "manual"}
		if !known {
			source.Error = "unknown"
		}
		return directory.Missing(r, n, partnerportal.MustMoney(strconv.Itoa(n), "USD"), source), nil
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
	revenue := program.Requirement{ID: "r", Kind: program.RequirementKindRevenue, Amount: usd("100")}
	people := program.Requirement{ID: "p", Kind: program.RequirementKindCertifiedPeople, Threshold: 4}
	for _, test := range []struct {
		requirement program.Requirement
		count       int
		amount      string
		source      string
		met         bool
		missing     int
		lacking     partnerportal.Money
	}{
		{revenue, 0, "99.9999", "", false, 0, usd("0.0001")},
		{revenue, 0, "100", "", true, 0, partnerportal.Money{}},
		{revenue, 0, "-1", "", false, 0, usd("101")},
		{people, 3, "0", "", false, 1, partnerportal.Money{}},
		{people, 4, "0", "", true, 0, partnerportal.Money{}},
		{people, 9, "0", "", true, 0, partnerportal.Money{}},
		{people, 9, "0", "the LMS is down", false, 0, partnerportal.Money{}},
	} {
		p := directory.Missing(test.requirement, test.count, usd(test.amount), partnerportal.SourceStamp{Error: test.source})
		assert.Equal(t, []any{test.met, test.missing, test.lacking}, []any{p.Met, p.Missing, p.MissingAmount}, "%+v", test)
		assert.Equal(t, program.RequirementPeriodRolling12M, p.Period)
	}
}

// TestStandingHoldsItsRules: over random tiers and values, what a standing says of a member follows from what the tiers ask for.
func TestStandingHoldsItsRules(t *testing.T) {
	t.Parallel()
	kinds := []program.RequirementKind{program.RequirementKindRevenue, program.RequirementKindDealsWon, program.RequirementKindCSAT}
	rapid.Check(t, func(t *rapid.T) {
		ranks := rapid.SliceOfNDistinct(rapid.IntRange(0, 20), 1, 5, rapid.ID[int]).Draw(t, "ranks")
		tiers := make([]policy.Tier, len(ranks))
		for i, rank := range ranks {
			tiers[i] = policy.Tier{ID: "t" + strconv.Itoa(rank), Name: "T", Rank: rank}
			for j, kind := range kinds {
				if rapid.Bool().Draw(t, "asked") {
					least := rapid.IntRange(1, 5).Draw(t, "least")
					r := program.Requirement{ID: "r" + strconv.Itoa(j), Kind: kind, Threshold: least}
					if kind == program.RequirementKindRevenue {
						r.Threshold, r.Amount = 0, partnerportal.MustMoney(strconv.Itoa(least), "USD")
					}
					tiers[i].Requirements = append(tiers[i].Requirements, r)
				}
			}
		}
		counts := map[string]int{}
		for j := range kinds {
			counts["r"+strconv.Itoa(j)] = rapid.IntRange(0, 6).Draw(t, "count")
		}
		own := rapid.SampledFrom(append([]string{""}, ids(tiers)...)).Draw(t, "own")
		s, err := directory.Judge(tiers, own, values(counts))
		require.NoError(t, err)

		met := func(tier policy.Tier) bool {
			return !slices.ContainsFunc(tier.Requirements, func(r program.Requirement) bool {
				p, _ := values(counts)(r)
				return !p.Met
			})
		}
		best, next := "", ""
		bestRank, nextRank, ownRank := -1, 100, -1
		for _, tier := range tiers {
			if tier.ID == own {
				ownRank = tier.Rank
				require.Equal(t, !met(tier), s.AtRisk)
				require.Len(t, s.Progress, len(tier.Requirements))
			}
		}
		for _, tier := range tiers {
			if met(tier) && tier.Rank > bestRank {
				best, bestRank = tier.ID, tier.Rank
			}
			if tier.Rank > ownRank && tier.Rank < nextRank {
				next, nextRank = tier.ID, tier.Rank
				require.True(t, tier.ID != s.Next.TierID || met(tier) == (len(s.Next.Missing) == 0))
			}
		}
		require.Equal(t, best, s.Earned)
		require.Equal(t, next, s.Next.TierID)

		more := map[string]int{}
		for id, n := range counts {
			more[id] = n + rapid.IntRange(0, 3).Draw(t, "more")
		}
		further, err := directory.Judge(tiers, own, values(more))
		require.NoError(t, err)
		require.GreaterOrEqual(t, rankOf(tiers, further.Earned), bestRank, "who achieves more never earns less")
	})
}

func ids(tiers []policy.Tier) []string {
	all := make([]string, len(tiers))
	for i, t := range tiers {
		all[i] = t.ID
	}
	return all
}

func rankOf(tiers []policy.Tier, id string) int {
	for _, t := range tiers {
		if t.ID == id {
			return t.Rank
		}
	}
	return -1
}
