package directory

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Holders counts the people of a partner who hold a credential at an instant, by the credential's definition. At an instant that is yet to come
// it tells what will be left if nobody renews.
func Holders(ctx context.Context, tx *store.Tx, partnerID string, at time.Time) (map[string]int, error) {
	rows, err := tx.Holdings(ctx, store.HoldingsParams{PartnerID: partnerID, At: store.Micros(at)})
	if err != nil {
		return nil, err
	}
	holders := make(map[string]int, len(rows))
	for _, r := range rows {
		holders[r.DefinitionID] = int(r.People)
	}
	return holders, nil
}
