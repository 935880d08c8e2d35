package quoting

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// LoadSession returns a session as it is stored, or store.ErrNotFound.
func LoadSession(ctx context.Context, tx *store.Tx, id string) (*quotes.Session, error) {
	doc, err := tx.QuoteSession(ctx, id)
	if err != nil {
		return nil, err
	}
	s := new(quotes.Session)
	if err := json.Unmarshal([]byte(doc), s); err != nil {
		return nil, fmt.Errorf("session %s: %w", id, err)
	}
	return s, nil
}
