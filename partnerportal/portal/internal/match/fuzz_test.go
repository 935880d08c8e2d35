package match_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
)

func FuzzDomain(f *testing.F) {
	for _, c := range vectors[domainVectors](f, "domains.json").Cases {
		f.Add(c.In)
	}
	f.Add("\xb2.A") // not UTF-8
	f.Fuzz(func(t *testing.T, s string) {
		host, err := match.Domain(s)
		if err != nil {
			var reason match.DomainError
			assert.ErrorAs(t, err, &reason)
			assert.Zero(t, host)
			return
		}
		assert.True(t, host.Name == host.Site || strings.HasSuffix(host.Name, "."+host.Site), "%+v", host)
		again, err := match.Domain(host.Name)
		require.NoError(t, err)
		assert.Equal(t, host, again)
		site, err := match.Domain(host.Site)
		require.NoError(t, err)
		assert.Equal(t, match.Host{Name: host.Site, Site: host.Site}, site)
	})
}

func FuzzName(f *testing.F) {
	for _, c := range vectors[nameVectors](f, "names.json").Cases {
		f.Add(c.In)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := match.Name(s)
		assert.Equal(t, name, match.Name(name))
		assert.Equal(t, strings.Join(strings.Fields(name), " "), name)
	})
}

func BenchmarkDomain(b *testing.B) {
	for _, s := range []string{"acme.com", "https://www.Acme.co.uk/x", "jane@mail.eu.acme.co.uk", "müller.de", "jane@gmail.com"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = match.Domain(s)
			}
		})
	}
}

func BenchmarkName(b *testing.B) {
	for _, s := range []string{"acme", "Acme Systems, Inc.", "ACME GmbH & Co. KG", "Müller Maschinenbau GmbH", "株式会社アクメ"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = match.Name(s)
			}
		})
	}
}

// One registration against the 10,000 customers of a country.
func BenchmarkCompare10000(b *testing.B) {
	known := make([]match.Identity, 10_000)
	for i := range known {
		name := []string{"Globex", "Initech", "Umbrella", "Contoso", "Northwind"}[i%5]
		known[i] = match.Identify(match.Customer{Name: name + " Technologies " + string(rune('a'+i%26)), Country: "US"})
	}
	asked := match.Identify(match.Customer{Name: "Globex Technology", Country: "US"})
	b.ReportAllocs()
	for b.Loop() {
		for _, k := range known {
			_ = asked.Compare(k)
		}
	}
}
