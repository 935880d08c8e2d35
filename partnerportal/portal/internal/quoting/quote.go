// Package quoting reads quotes and sessions as they are stored, for the rooms that go on from them, and tells what has changed since a quote was priced. Only the
// room quotes writes them.
package quoting

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// Stored is a quote as it is stored, with what the vendor has approved of it. What depends on the reader is empty.
type Stored struct {
	quotes.Quote

	Granted map[string]Grant `json:"granted,omitempty"` // by line
}

// Load returns a quote, anybody's, or [store.ErrNotFound].
func Load(ctx context.Context, tx *store.Tx, id string) (*Stored, error) {
	doc, err := tx.Quote(ctx, id)
	if err != nil {
		return nil, err
	}
	q := new(Stored)
	if err := json.Unmarshal([]byte(doc), q); err != nil {
		return nil, fmt.Errorf("quote %s: %w", id, err)
	}
	return q, nil
}

// NotLatest refuses a version that has a next one, and names the last.
func NotLatest(ctx context.Context, tx *store.Tx, q *quotes.Quote) error {
	for next := q.NextVersionID; next != ""; next = q.NextVersionID {
		later, err := Load(ctx, tx, next)
		if err != nil {
			return err
		}
		q = &later.Quote
	}
	e := problem.New(http.StatusConflict, quotes.ErrNotLatestVersion, fmt.Sprintf("Quote %s has version %d by now.", q.Number, q.Version))
	return problem.With(e, "latest_id", q.ID)
}
