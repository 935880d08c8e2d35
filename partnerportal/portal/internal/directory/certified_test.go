package directory_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// TestLapsesFollowFromTheCount: over random holdings, a requirement that is met lapses on the first day on which counting again finds too
// little, and never when that day does not come.
func TestLapsesFollowFromTheCount(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	rules := policy.Default()
	rapid.Check(t, func(t *rapid.T) {
		definitions := []string{"a", "b", "c"}
		var held directory.Held
		for _, definition := range definitions {
			for person := range rapid.IntRange(0, 4).Draw(t, "people") {
				row := store.HoldingsOfRow{DefinitionID: definition, HolderID: strconv.Itoa(person)}
				if days := rapid.IntRange(0, 20).Draw(t, "days"); days > 0 { // else for ever
					row.ValidUntil = store.Micros(now.AddDate(0, 0, days))
				}
				held = append(held, row)
			}
		}
		r := program.Requirement{
			ID: "r", Threshold: rapid.IntRange(1, 4).Draw(t, "threshold"), CredentialDefinitionIDs: rapid.SampledFrom([][]string{{"a"}, {"a", "b"}, {"b", "c"}}).Draw(t, "named"),
			Kind: rapid.SampledFrom([]program.RequirementKind{program.RequirementKindCertifiedPeople, program.RequirementKindCredential}).Draw(t, "kind"),
		}
		if r.Kind == program.RequirementKindCredential {
			r.PeopleEach = rapid.IntRange(0, 2).Draw(t, "each")
		}
		said := held.Progress(r, &rules, now)
		require.Equal(t, plainly(held, r, now), said.Current)
		require.Equal(t, said.Current >= r.Threshold, said.Met)
		for day := range 25 {
			at := now.AddDate(0, 0, day)
			left := plainly(held, r, at)
			if left >= r.Threshold {
				continue
			}
			if !said.Met {
				break
			}
			require.Equal(t, []any{partnerportal.DateOf(at), left}, []any{said.LapsesOn, said.Left})
			return
		}
		require.Zero(t, said.LapsesOn, "it is not met, or lasts")
	})
}

// plainly counts as the contract says it, in the plainest way.
func plainly(held directory.Held, r program.Requirement, at time.Time) int {
	people, definitions := map[string]bool{}, 0
	for _, definition := range r.CredentialDefinitionIDs {
		holders := 0
		for _, row := range held {
			if row.DefinitionID == definition && (row.ValidUntil == 0 || store.Time(row.ValidUntil).After(at)) {
				people[row.HolderID] = true
				holders++
			}
		}
		if holders >= max(1, r.PeopleEach) {
			definitions++
		}
	}
	if r.Kind == program.RequirementKindCertifiedPeople {
		return len(people)
	}
	return definitions
}

func TestRequirementsThatCountCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		requirement program.Requirement
		fault       string
	}{
		"people":           {program.Requirement{Kind: program.RequirementKindCertifiedPeople, Threshold: 9, CredentialDefinitionIDs: []string{"a"}}, ""},
		"definitions":      {program.Requirement{Kind: program.RequirementKindCredential, Threshold: 2, PeopleEach: 3, CredentialDefinitionIDs: []string{"a", "b"}}, ""},
		"reported":         {program.Requirement{Kind: program.RequirementKindCredential, Threshold: 5}, ""},
		"not of deals":     {program.Requirement{Kind: program.RequirementKindDealsWon, Threshold: 1, CredentialDefinitionIDs: []string{"a"}}, "/tiers/0/requirements/0/credential_definition_ids"},
		"one twice":        {program.Requirement{Kind: program.RequirementKindCredential, Threshold: 1, CredentialDefinitionIDs: []string{"a", "a"}}, "/tiers/0/requirements/0/credential_definition_ids/1"},
		"more than named":  {program.Requirement{Kind: program.RequirementKindCredential, Threshold: 3, CredentialDefinitionIDs: []string{"a", "b"}}, "/tiers/0/requirements/0/threshold"},
		"people of people": {program.Requirement{Kind: program.RequirementKindCertifiedPeople, Threshold: 1, PeopleEach: 2, CredentialDefinitionIDs: []string{"a"}}, "/tiers/0/requirements/0/people_each"},
	} {
		p := policy.Default()
		test.requirement.ID = "r"
		p.Tiers = []policy.Tier{{ID: "gold", Name: "Gold", Rank: 1, Requirements: []program.Requirement{test.requirement}}}
		err := directory.CheckProgram(&p)
		if test.fault == "" {
			require.NoError(t, err, name)
			continue
		}
		var e *partnerportal.Error
		require.ErrorAs(t, err, &e, name)
		require.Len(t, e.Fields, 1, name)
		assert.Equal(t, test.fault, e.Fields[0].Pointer, name)
	}
}

// BenchmarkProgress looks ahead for a partner with 2,000 certified people, of whom five are needed.
func BenchmarkProgress(b *testing.B) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	rules := policy.Default()
	var held directory.Held
	for i := range 2000 {
		held = append(held, store.HoldingsOfRow{DefinitionID: "a", HolderID: strconv.Itoa(i), ValidUntil: store.Micros(now.Add(time.Duration(i+1) * time.Hour))})
	}
	r := program.Requirement{ID: "r", Kind: program.RequirementKindCertifiedPeople, Threshold: 5, CredentialDefinitionIDs: []string{"a"}}
	for b.Loop() {
		require.Equal(b, 4, held.Progress(r, &rules, now).Left)
	}
}
