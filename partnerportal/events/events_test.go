package events_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

func TestEveryOperationTravels(t *testing.T) {
	t.Parallel()
	f := new(fake)
	f.happen("deal.approved", "lead.offered")
	client, ctx := connect(t, f), t.Context()

	filter := events.ListParams{Type: []string{"deal.approved", "deal.*"}, ResourceType: []string{"deal"}, ResourceID: "deal_1", PartnerID: []string{"par_1"}, Limit: 10}
	page, err := client.List(ctx, filter)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, f.event(0), page.Items[0])
	assert.Equal(t, filter, f.polls()[0])

	cursor, err := client.Now(ctx)
	require.NoError(t, err)
	assert.Equal(t, "after:2", cursor)
	e, err := client.Get(ctx, "evt_2")
	require.NoError(t, err)
	assert.Equal(t, "lead.offered", e.Type)
	_, err = client.Get(ctx, "evt_3")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	f.fail(noScope)
	_, err = client.Now(ctx)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestFileCursor(t *testing.T) {
	t.Parallel()
	path, ctx := filepath.Join(t.TempDir(), "cursor"), t.Context()
	store := events.FileCursor(path)
	cursor, err := store.Load(ctx)
	require.NoError(t, err)
	assert.Empty(t, cursor, "a first start")
	for _, want := range []string{"evt_1", "evt_2"} {
		require.NoError(t, store.Save(ctx, want))
		cursor, err = events.FileCursor(path).Load(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, cursor)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1, "nothing but the cursor")

	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = store.Load(ctx)
	require.ErrorContains(t, err, "empty")
	_, err = events.FileCursor(filepath.Dir(path)).Load(ctx)
	require.Error(t, err)
	require.Error(t, events.FileCursor(filepath.Join(path, "below-a-file")).Save(ctx, "x"))
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	require.Error(t, store.Save(ctx, "x"))
	left, err = os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1, "a save that failed leaves nothing behind")
}
