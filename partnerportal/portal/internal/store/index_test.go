package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What lists look for by name is found by an index that the engine uses: a partial one, for instance, it does not, as it cannot know what a
// parameter will be.
func TestListsByNameUseAnIndex(t *testing.T) {
	t.Parallel()
	pool := inMemory(t).SQL()
	for table, columns := range map[string][]string{
		"orders":         {"deal_id", "number", "partner_id", "po_key", "quote_id", "session_id"},
		"quotes":         {"deal_id", "number", "partner_id", "session_id"},
		"commissions":    {"deal_id", "order_id", "partner_id"},
		"quote_sessions": {"deal_id", "partner_id"},
	} {
		for _, column := range columns {
			var id, parent, unused int
			var plan string
			row := pool.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN SELECT doc FROM "+table+" WHERE "+column+" = ? ORDER BY created_at DESC, id DESC LIMIT 101", "x")
			require.NoError(t, row.Scan(&id, &parent, &unused, &plan))
			assert.Regexp(t, "^SEARCH "+table+" USING INDEX .*"+column+"=", plan)
		}
	}
}
