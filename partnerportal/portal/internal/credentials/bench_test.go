package credentials_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// BenchmarkIssue certifies somebody, and BenchmarkOpenBadge signs what was issued, through the SDK in process.
func BenchmarkIssue(b *testing.B) {
	d := newDesk(b, "sqlite:"+b.TempDir()+"/portal.db")
	d.opens()
	d.defines("gtx", engineer())
	var people []*training.Learner
	for i := range b.N {
		people = append(people, d.learns(d.Acme, "Ada"+strconv.Itoa(i)))
	}
	b.ResetTimer()
	for _, p := range people {
		_, err := d.vendor.Issue(b.Context(), credentials.NewCredential{DefinitionID: "gtx", LearnerID: p.ID})
		require.NoError(b, err)
	}
}

func BenchmarkOpenBadge(b *testing.B) {
	d := newDesk(b, "sqlite::memory:")
	d.opens()
	d.defines("gtx", engineer())
	k := d.certifies("gtx", "Ada")
	for name, do := range map[string]func() error{
		"jwt":    func() error { return last(d.acme.OpenBadge(b.Context(), k.ID)) },
		"verify": func() error { return last(d.acme.Verify(b.Context(), k.ID)) },
		"list": func() error {
			d.fetches("/credentials/status/1")
			return nil
		},
		"page": func() error {
			d.fetches("/verify/" + k.ID)
			return nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, do())
			}
		})
	}
}
