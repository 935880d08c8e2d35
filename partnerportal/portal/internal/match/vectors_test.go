package match_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
)

var allKeys = []string{match.KeyDomain, match.KeySubdomain, match.KeyDUNS, match.KeyNameCountry, match.KeyCustomerID}

// vectors reads a published file of test vectors. A field that the test does
// not know is an error: it would be a promise that nobody checks.
func vectors[T any](t testing.TB, file string) T {
	t.Helper()
	f, err := os.Open("../../../../openapi/vectors/" + file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	var v T
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&v))
	return v
}

type domainVectors struct {
	Cases []struct{ In, Name, Site, Reason, Note string }
}

func TestDomainVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[domainVectors](t, "domains.json").Cases {
		got, err := match.Domain(c.In)
		if c.Reason != "" {
			assert.Equal(t, match.DomainError(c.Reason), err, "%q", c.In)
			assert.Zero(t, got, "%q", c.In)
			continue
		}
		if assert.NoError(t, err, "%q", c.In) {
			assert.Equal(t, match.Host{Name: c.Name, Site: c.Site}, got, "%q", c.In)
		}
	}
}

type nameVectors struct {
	Cases      []struct{ In, Out, Note string }
	Similarity []struct {
		A, B       string
		Similarity float64
	}
	Pairs []struct {
		A, B       string
		Same       bool
		Similarity float64
	}
}

func TestNameVectors(t *testing.T) {
	t.Parallel()
	v := vectors[nameVectors](t, "names.json")
	for _, c := range v.Cases {
		assert.Equal(t, c.Out, match.Name(c.In), "%q", c.In)
		assert.Equal(t, c.Out, match.Name(c.Out), "idempotence of %q", c.In)
	}
	for _, c := range v.Similarity {
		assert.InDelta(t, c.Similarity, match.Similarity(c.A, c.B), 1e-6, "%q %q", c.A, c.B)
	}
	for _, p := range v.Pairs {
		assert.InDelta(t, p.Similarity, match.Similarity(match.Name(p.A), match.Name(p.B)), 1e-3, "%q %q", p.A, p.B)
	}
}

// The threshold is the one that the labelled pairs speak for.
func TestSimilarNameThreshold(t *testing.T) {
	t.Parallel()
	pairs := vectors[nameVectors](t, "names.json").Pairs
	f1 := func(threshold float64) float64 {
		var hit, wrong float64
		for _, p := range pairs {
			switch similar := p.Similarity >= threshold; {
			case similar && p.Same:
				hit++
			case similar != p.Same:
				wrong++
			}
		}
		return 2 * hit / (2*hit + wrong)
	}
	best := f1(match.SimilarNameThreshold)
	t.Logf("F1 at %.2f: %.3f of %d pairs", match.SimilarNameThreshold, best, len(pairs))
	for threshold := 0.2; threshold < 1; threshold += 0.05 {
		t.Logf("F1 at %.2f: %.3f", threshold, f1(threshold))
		assert.GreaterOrEqual(t, best, f1(threshold)-0.02, "%.2f", threshold)
	}
}

type overlapVectors struct {
	Cases []struct {
		A, B    match.Scope
		On      []string
		Overlap match.Extent
		ACovers bool `json:"a_covers_b"`
		BCovers bool `json:"b_covers_a"`
		Note    string
	}
}

func TestOverlapVectors(t *testing.T) {
	t.Parallel()
	for i, c := range vectors[overlapVectors](t, "overlaps.json").Cases {
		assert.Equal(t, c.Overlap, match.Overlap(c.A, c.B, c.On), "case %d: %v %v", i, c.A, c.B)
		assert.Equal(t, c.Overlap, match.Overlap(c.B, c.A, c.On), "case %d, turned round", i)
		assert.Equal(t, c.ACovers, match.Covers(c.A, c.B, c.On), "case %d: a covers b", i)
		assert.Equal(t, c.BCovers, match.Covers(c.B, c.A, c.On), "case %d: b covers a", i)
	}
}

type customerVectors struct {
	Cases []struct {
		A, B  match.Customer
		Match []struct {
			On       match.MatchedOn
			Severity string
			Score    float64
		}
		Severity   string
		SharedKeys []match.Key `json:"shared_keys"`
		Under      []struct {
			MatchKeys []string `json:"match_keys"`
			Severity  string
		}
		Note string
	}
}

func TestCustomerVectors(t *testing.T) {
	t.Parallel()
	for i, c := range vectors[customerVectors](t, "customers.json").Cases {
		m := match.Compare(c.A, c.B)
		if assert.Len(t, m, len(c.Match), "case %d: %v", i, m) {
			for j, want := range c.Match {
				assert.Equal(t, want.On, m[j].On, "case %d", i)
				assert.Equal(t, want.Severity, m[j].Severity.String(), "case %d", i)
				assert.InDelta(t, want.Score, m[j].Score, 5e-4, "case %d", i)
			}
		}
		assert.Equal(t, c.Severity, m.Severity().String(), "case %d", i)
		assert.Equal(t, m, match.Compare(c.B, c.A), "case %d, turned round", i)
		if c.SharedKeys != nil {
			assert.ElementsMatch(t, c.SharedKeys, shared(match.Keys(c.A, allKeys), match.Keys(c.B, allKeys)), "case %d", i)
		}
		for _, u := range c.Under {
			assert.Equal(t, u.Severity, m.Under(u.MatchKeys).Severity().String(), "case %d under %v", i, u.MatchKeys)
		}
	}
}

func shared(a, b []match.Key) []match.Key {
	var both []match.Key
	for _, x := range a {
		for _, y := range b {
			if x == y {
				both = append(both, x)
			}
		}
	}
	return both
}

type codeVectors struct {
	DUNS, Country, Territory []struct {
		In, Out string
		Invalid bool
		Note    string
	}
}

func TestCodeVectors(t *testing.T) {
	t.Parallel()
	v := vectors[codeVectors](t, "codes.json")
	for _, kind := range []struct {
		cases []struct {
			In, Out string
			Invalid bool
			Note    string
		}
		check func(string) (string, error)
		err   error
	}{
		{v.DUNS, match.DUNS, match.ErrDUNS},
		{v.Country, match.Country, match.ErrCountry},
		{v.Territory, match.Territory, match.ErrTerritory},
	} {
		require.NotEmpty(t, kind.cases)
		for _, c := range kind.cases {
			got, err := kind.check(c.In)
			if c.Invalid {
				assert.ErrorIs(t, err, kind.err, "%q", c.In)
			} else {
				assert.NoError(t, err, "%q", c.In)
			}
			assert.Equal(t, c.Out, got, "%q", c.In)
		}
	}
}
