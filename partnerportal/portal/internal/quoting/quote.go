// Package quoting reads quotes and sessions as they are stored, for the rooms that go on from them, and tells what has changed since a quote was priced. Only the
// room quotes writes them.
package quoting

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// Load returns a quote as it is stored, anybody's, or [store.ErrNotFound]. What depends on the reader is empty.
func Load(ctx context.Context, tx *store.Tx, id string) (*quotes.Quote, error) {
	doc, err := tx.Quote(ctx, id)
	if err != nil {
		return nil, err
	}
	q := new(quotes.Quote)
	if err := json.Unmarshal([]byte(doc), q); err != nil {
		return nil, fmt.Errorf("quote %s: %w", id, err)
	}
	return q, nil
}
