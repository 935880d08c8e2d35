package events_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

// copied is a load that notes how much had happened when it began, and lets more happen the first time while it works.
type copied struct {
	*fake

	meanwhile []string
	fails     []error
	began     []int
}

func (c *copied) load(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = append(c.began, len(c.types))
	c.types, c.meanwhile = append(c.types, c.meanwhile...), nil
	if len(c.fails) > 0 {
		err := c.fails[0]
		c.fails = c.fails[1:]
		return err
	}
	return nil
}

func TestFirstStartBeginsWithASnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := new(fake), new(events.MemoryCursor)
		f.happen("a", "b")
		c := &copied{fake: f, meanwhile: []string{"during"}}
		w := follow(t, f, store, nil, events.WithSnapshot(c.load))
		assert.Equal(t, []string{"evt_3"}, w.after(time.Second), "what the copy has is not told; what happened while it was made is")
		w.end(t)
		w = follow(t, f, store, nil, events.WithSnapshot(c.load))
		f.happen("c")
		assert.Equal(t, []string{"evt_4"}, w.after(3*time.Second))
		w.end(t)
		assert.Equal(t, []int{2}, c.began, "once")
	})
}

func TestExpiredFollowerReadsEverythingAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := new(fake), new(events.MemoryCursor)
		require.NoError(t, store.Save(t.Context(), "evt_1"))
		f.happen("a", "b", "c")
		f.fail(gone)
		c := &copied{fake: f, meanwhile: []string{"during"}}
		w := follow(t, f, store, nil, events.WithSnapshot(c.load))
		assert.Equal(t, []string{"evt_4"}, w.after(time.Second))
		assert.Equal(t, []int{3}, c.began)
		f.happen("d")
		f.fail(gone) // and again, months later
		assert.Equal(t, []string{"evt_4"}, w.after(time.Minute), "the copy has d")
		assert.Equal(t, []int{3, 5}, c.began)
		w.end(t)
		assert.Equal(t, "after:5", saved(t, store))
	})
}

func TestSnapshotIsTriedUntilItSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := new(fake), new(events.MemoryCursor)
		broken := errors.New("disk full")
		c := &copied{fake: f, fails: []error{broken, broken, broken}}
		f.fail(down)
		w := follow(t, f, store, nil, events.WithSnapshot(c.load))
		f.happen("a")
		w.after(500 * time.Millisecond)
		assert.Empty(t, saved(t, store), "nothing is, before the copy is whole")
		w.after(10 * time.Second)
		assert.Len(t, c.began, 4, "after at most 1, 2 and 4 s")
		assert.NotEmpty(t, saved(t, store))
		w.end(t)

		c = &copied{fake: f, fails: []error{broken}}
		w = follow(t, f, new(events.MemoryCursor), nil, events.WithSnapshot(c.load))
		synctest.Wait()
		w.end(t) // while it waits for its second try
		assert.Len(t, c.began, 1)
	})
}

// A portal that forgets faster than its lists can be read is not asked for snapshots for ever.
func TestSnapshotThatExpiresAtOnceIsTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := new(fake), new(events.MemoryCursor)
		c := &copied{fake: f}
		f.fail(nil, gone) // the cursor is given, and not taken
		err := events.Follow(t.Context(), connect(t, f), store, nil, events.WithSnapshot(c.load))
		require.ErrorIs(t, err, events.ErrCursorExpired)
		assert.Len(t, c.began, 1)
	})
}

func TestSnapshotRefusals(t *testing.T) {
	t.Parallel()
	f, store := new(fake), new(events.MemoryCursor)
	c := &copied{fake: f}
	f.fail(noScope)
	err := events.Follow(t.Context(), connect(t, f), store, nil, events.WithSnapshot(c.load))
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	for _, opts := range [][]events.FollowOption{{events.WithSnapshot(nil)}, {events.WithSnapshot(c.load), events.WithStartAtEnd()}} {
		err = events.Follow(t.Context(), connect(t, f), store, nil, opts...)
		require.ErrorIs(t, err, partnerportal.ErrInvalidArgument)
	}
	assert.Empty(t, c.began)
}

func TestSnapshotByHand(t *testing.T) {
	t.Parallel()
	f, store, ctx := new(fake), new(events.MemoryCursor), t.Context()
	f.happen("a", "b")
	c := &copied{fake: f, fails: []error{errCrash}}
	require.ErrorIs(t, events.Snapshot(ctx, connect(t, f), store, c.load), errCrash)
	assert.Empty(t, saved(t, store))
	c.meanwhile = []string{"during"}
	require.NoError(t, events.Snapshot(ctx, connect(t, f), store, c.load))
	assert.Equal(t, "after:2", saved(t, store), "as it was before the copy was made")
	f.fail(noScope)
	require.ErrorIs(t, events.Snapshot(ctx, connect(t, f), store, c.load), partnerportal.ErrForbidden)
	assert.Len(t, c.began, 2)
	require.ErrorIs(t, events.Snapshot(ctx, connect(t, f), &crashing{at: "after:3"}, c.load), errCrash)

	ctx, cancel := context.WithCancel(ctx)
	require.NoError(t, events.Snapshot(ctx, connect(t, f), store, func(context.Context) error {
		cancel() // the program ends, and the copy is made
		return nil
	}))
	assert.Equal(t, "after:3", saved(t, store))
}
