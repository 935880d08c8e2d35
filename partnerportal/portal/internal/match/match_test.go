package match_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/publicsuffix"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
)

// text draws names from pieces that normalisation treats specially, so that
// they meet in all orders, among arbitrary text.
func text() *rapid.Generator[string] {
	pieces := []string{
		"acme", "The ", " the ", " Inc.", " GmbH", " & Co. KG", " S.A.", " de ", "C.V.", "sp. z o.o.", "a.s.", "A/S", "株式会社", "(株)", "ООО ", " and ", "&",
		" ", ".", "'", "’", "\u200b", "\u3099", "か", "ı", "İ", "ς", "ß", "ﬁ", "é", "e\u0301", "ᾳ", "\u1100", "\u1161", "𝔄", "１", "½", "\xff", "☕", "בע״מ", "क्",
	}
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringN(0, 4, 16)), 0, 8).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

func TestNameIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := match.Name(text().Draw(t, "name"))
		assert.Equal(t, name, match.Name(name))
		assert.Equal(t, strings.Join(strings.Fields(name), " "), name)
	})
}

func TestNameIgnoresCaseAndLegalForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		core := rapid.StringMatching(`[a-z]{4,9} [a-z]{5,9}`).Draw(t, "core")
		form := rapid.SampledFrom([]string{", Inc.", " GmbH & Co. KG", " S.A. de C.V.", " Sp. z o.o.", " Pty Ltd", " A/S", "株式会社"}).Draw(t, "form")
		assert.Equal(t, match.Name(core), match.Name(core+form))
		assert.Equal(t, match.Name(core), match.Name(strings.ToUpper("the "+core+form)))
	})
}

func TestSimilarityIsAMeasure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := match.Name(text().Draw(t, "a")), match.Name(text().Draw(t, "b"))
		s := match.Similarity(a, b)
		assert.InDelta(t, s, match.Similarity(b, a), 0)
		assert.True(t, 0 <= s && s <= 1)
		if a != "" {
			assert.InDelta(t, 1, match.Similarity(a, a), 0)
		}
	})
}

func customer() *rapid.Generator[match.Customer] {
	some := func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }
	return rapid.Custom(func(t *rapid.T) match.Customer {
		return match.Customer{
			Name:    some("", "Acme", "ACME Inc.", "Acme Systems", "Acme System", "Bolt").Draw(t, "name"),
			Country: some("", "US", "us", "DE", "UK").Draw(t, "country"),
			Domain:  some("", "acme.com", "mail.acme.com", "acme.net", "jane@gmail.com", "10.0.0.1").Draw(t, "domain"),
			DUNS:    some("", "123456789", "12-345-6789", "987654321", "1").Draw(t, "duns"),
			Refs:    rapid.SliceOfN(rapid.SampledFrom([]match.Ref{{"crm", "1"}, {"CRM", "2"}, {"erp", "1"}, {"", "1"}, {"erp", " "}}), 0, 3).Draw(t, "refs"),
		}
	})
}

// A store finds candidates by key and compares these only: nothing strong may
// escape it, and whatever it finds must be a match.
func TestKeysFindWhatCompareFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := customer().Draw(t, "a"), customer().Draw(t, "b")
		programme := rapid.SliceOf(rapid.SampledFrom(append(slices.Clone(allKeys), "shoe_size"))).Draw(t, "match keys")
		keysA, keysB := match.Keys(a, programme), match.Keys(b, programme)
		assert.True(t, slices.IsSorted(keysA))
		assert.Equal(t, slices.Compact(slices.Clone(keysA)), keysA)

		m := match.Compare(a, b).Under(programme)
		assert.Equal(t, m, match.Compare(b, a).Under(programme), "symmetric")
		certain := slices.DeleteFunc(m.On(), func(on match.MatchedOn) bool { return on == match.SimilarName })
		assert.Equal(t, len(certain) > 0, len(shared(keysA, keysB)) > 0, "%v %v %v", m, keysA, keysB)
		assert.Equal(t, m.Severity() == match.Strong, m.Score() == 1)
		assert.Equal(t, m.Severity() == match.None, len(m) == 0)
	})
}

func scope() *rapid.Generator[match.Scope] {
	return rapid.Custom(func(t *rapid.T) match.Scope {
		return match.Scope{
			Families:    rapid.SliceOfN(rapid.SampledFrom([]string{"storage", "STORAGE ", "compute", "network", ""}), 0, 3).Draw(t, "families"),
			Territories: rapid.SliceOfN(rapid.SampledFrom([]string{"US", "us-ca", "US-NV", "CA", "DE", " "}), 0, 3).Draw(t, "territories"),
		}
	})
}

func TestOverlapLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := scope().Draw(t, "a"), scope().Draw(t, "b")
		on := rapid.SliceOf(rapid.SampledFrom([]string{match.ByProductFamily, match.ByTerritory, "segment"})).Draw(t, "on")
		got := match.Overlap(a, b, on)
		assert.Equal(t, got, match.Overlap(b, a, on), "symmetric")
		assert.Equal(t, match.Full, match.Overlap(a, a, on), "reflexive")
		assert.NotEqual(t, match.Disjoint, match.Overlap(a, match.Scope{}, on), "everything overlaps with everything")
		assert.Equal(t, got == match.Full, match.Covers(a, b, on) && match.Covers(b, a, on))
		if got == match.Disjoint {
			assert.False(t, match.Covers(a, b, on) || match.Covers(b, a, on), "what is covered overlaps")
			assert.Equal(t, match.Disjoint, match.Overlap(a, b, []string{match.ByProductFamily, match.ByTerritory}), "a further dimension brings nothing together")
		}
	})
}

// An entry below a public suffix, or one that is not in normal form, would never be met.
func TestFreeMailListIsInNormalForm(t *testing.T) {
	t.Parallel()
	list := embedded(t, "freemail.txt")
	require.Greater(t, len(list), 150)
	seen := map[string]bool{}
	for _, domain := range list {
		site, err := publicsuffix.EffectiveTLDPlusOne(domain)
		assert.NoError(t, err, domain)
		assert.Equal(t, domain, site)
		assert.False(t, seen[domain], "%s is listed twice", domain)
		seen[domain] = true
		_, err = match.Domain("jane@" + domain)
		assert.Equal(t, match.ErrFreeMail, err, domain)
	}
}

// A legal form that is not in normal form would never be met. Each is dropped
// from a name that has it at the end or, for a prefix, in front.
func TestLegalFormsAreInNormalForm(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, line := range embedded(t, "legalforms.txt") {
		assert.False(t, seen[line], "%s is listed twice", line)
		seen[line] = true
		kind, form, _ := strings.Cut(line, " ")
		switch kind {
		case "suffix":
			assert.Equal(t, "acme", match.Name("Acme "+form), line)
		case "prefix":
			assert.Equal(t, "acme", match.Name(form+" Acme"), line)
		case "affix":
			assert.Equal(t, "acme", match.Name("Acme"+form), line)
			assert.Equal(t, "acme", match.Name(form+"Acme"), line)
		case "connector":
			assert.Equal(t, "acme", match.Name("Acme "+form+" Co"), line)
		default:
			assert.Fail(t, "unknown kind", line)
		}
	}
}

func embedded(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var items []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			items = append(items, line)
		}
	}
	return items
}
