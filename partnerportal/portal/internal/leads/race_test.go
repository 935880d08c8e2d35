package leads_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
)

func TestOfABroadcastExactlyOneGetsIt(t *testing.T) {
	t.Parallel()
	engines(t, race)
	t.Run("file", func(t *testing.T) { race(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db")) }) // with many connections
}

func race(t *testing.T, dsn string) {
	t.Helper()
	const partners = 20
	ids := make([]string, partners)
	for i := range ids {
		ids[i] = fmt.Sprintf("p%02d", i)
	}
	r := newRoomOn(t, dsn, ids...)
	id := r.offered(contract.OfferModeBroadcast, ids...).ID

	results := make([]error, partners)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, partnerID := range ids {
		wg.Go(func() {
			<-start
			_, results[i] = as(r, partner(partnerID), func(ctx context.Context) (*contract.Lead, error) { return r.Accept(ctx, id, "") })
		})
	}
	close(start)
	wg.Wait()

	winner, beaten := "", 0
	for i, err := range results {
		switch {
		case err == nil:
			assert.Empty(t, winner, "a second one got it")
			winner = ids[i]
		case errors.Is(err, contract.ErrTaken):
			beaten++
		default:
			assert.NoError(t, err)
		}
	}
	assert.Equal(t, partners-1, beaten)
	lead, err := r.get(vendor, id)
	require.NoError(t, err)
	assert.Equal(t, winner, lead.PartnerID)
	for _, offer := range r.offers(vendor, id) {
		want := contract.OfferStatusLostRace
		if offer.PartnerID == winner {
			want = contract.OfferStatusAccepted
		}
		assert.Equal(t, want, offer.Status)
	}
}
