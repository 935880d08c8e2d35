package partnerportal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type fetchFunc func(ctx context.Context, cursor, segment string) ([]int, string, error)

// pagesOf serves the numbers 0 to n-1 in pages of size, divided by segments as the contract has it.
func pagesOf(n, size int) fetchFunc {
	return func(_ context.Context, cursor, segment string) ([]int, string, error) {
		i, of := 0, 1
		if segment != "" {
			if _, err := fmt.Sscanf(segment, "%d/%d", &i, &of); err != nil {
				return nil, "", err
			}
		}
		from, _ := strconv.Atoi(cursor)
		var items []int
		for x := from; x < min(from+size, n); x++ {
			if x%of == i {
				items = append(items, x)
			}
		}
		if from+size >= n {
			return items, "", nil
		}
		return items, strconv.Itoa(from + size), nil
	}
}

func all(t testing.TB, fetch fetchFunc, opts ...partnerportal.RequestOption) ([]int, error) {
	t.Helper()
	return partnerportal.Collect(partnerportal.Paginate(t.Context(), "", opts, fetch))
}

// Whatever the list and however it is walked: each item once, and in order unless the order was given up.
func TestPaginateIsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n, size := rapid.IntRange(0, 60).Draw(rt, "n"), rapid.IntRange(1, 10).Draw(rt, "size")
		segments := rapid.IntRange(1, 8).Draw(rt, "segments")
		opts := []partnerportal.RequestOption{partnerportal.WithSegments(segments)}
		if rapid.Bool().Draw(rt, "prefetch") {
			opts = append(opts, partnerportal.WithPrefetch())
		}
		items, err := all(t, pagesOf(n, size), opts...)
		require.NoError(rt, err)
		if segments > 1 {
			slices.Sort(items)
		}
		require.Len(rt, items, n)
		for i, item := range items {
			require.Equal(rt, i, item)
		}
	})
}

func TestPaginateIsLazyAndRestartable(t *testing.T) {
	t.Parallel()
	fetches := 0
	pages := pagesOf(30, 10)
	seq := partnerportal.Paginate(t.Context(), "", nil, func(ctx context.Context, cursor, segment string) ([]int, string, error) {
		fetches++
		return pages(ctx, cursor, segment)
	})
	assert.Zero(t, fetches)
	for item := range seq {
		if item == 9 {
			break
		}
	}
	assert.Equal(t, 1, fetches, "the next page is not fetched before it is needed")
	items, err := partnerportal.Collect(seq)
	require.NoError(t, err)
	assert.Len(t, items, 30)

	items, err = partnerportal.Collect(partnerportal.Paginate(t.Context(), "20", nil, pages))
	require.NoError(t, err)
	assert.Equal(t, 20, items[0], "a list can be continued where it was left")
}

// Row 31: lists that lead nowhere.
func TestPaginateGuards(t *testing.T) {
	t.Parallel()
	failure := errors.New("portal down")
	for name, tc := range map[string]struct {
		fetch fetchFunc
		items int
		is    error
	}{
		"A-A": {func(context.Context, string, string) ([]int, string, error) { return []int{1}, "a", nil }, 2, partnerportal.ErrCursorLoop},
		"A-B-A": {func(_ context.Context, cursor, _ string) ([]int, string, error) {
			return []int{1}, map[string]string{"": "a", "a": "b", "b": "a"}[cursor], nil
		}, 3, partnerportal.ErrCursorLoop},
		"empty pages for ever": {func(_ context.Context, cursor, _ string) ([]int, string, error) { return nil, cursor + "x", nil }, 0, partnerportal.ErrNoProgress},
		"empty pages between": {func(_ context.Context, cursor, _ string) ([]int, string, error) {
			if len(cursor) == 99 {
				return []int{1}, "", nil
			}
			return nil, cursor + "x", nil
		}, 1, nil},
		"error": {func(_ context.Context, cursor, _ string) ([]int, string, error) {
			if cursor == "a" {
				return nil, "", failure
			}
			return []int{1, 2}, "a", nil
		}, 2, failure},
	} {
		for _, opts := range [][]partnerportal.RequestOption{nil, {partnerportal.WithPrefetch()}} {
			t.Run(fmt.Sprint(name, len(opts)), func(t *testing.T) {
				t.Parallel()
				var items, errs int
				var last error
				for _, err := range partnerportal.Paginate(t.Context(), "", opts, tc.fetch) {
					if err != nil {
						errs, last = errs+1, err
					} else {
						items++
						assert.Zero(t, errs, "nothing comes after an error")
					}
				}
				assert.Equal(t, tc.items, items)
				require.ErrorIs(t, last, tc.is)
				assert.LessOrEqual(t, errs, 1)
			})
		}
	}
}

func TestPaginateRefusesOptions(t *testing.T) {
	t.Parallel()
	var r partnerportal.Response
	for name, tc := range map[string]struct {
		start string
		opts  []partnerportal.RequestOption
	}{
		"no segment":            {"", []partnerportal.RequestOption{partnerportal.WithSegments(0)}},
		"too many segments":     {"", []partnerportal.RequestOption{partnerportal.WithSegments(33)}},
		"segments and cursor":   {"c", []partnerportal.RequestOption{partnerportal.WithSegments(2)}},
		"segments and response": {"", []partnerportal.RequestOption{partnerportal.WithSegments(2), partnerportal.WithResponse(&r)}},
		"prefetch and response": {"", []partnerportal.RequestOption{partnerportal.WithPrefetch(), partnerportal.WithResponse(&r)}},
		"nil":                   {"", []partnerportal.RequestOption{nil}},
	} {
		_, err := partnerportal.Collect(partnerportal.Paginate(t.Context(), tc.start, tc.opts, pagesOf(1, 1)))
		require.ErrorIs(t, err, partnerportal.ErrInvalidArgument, name)
	}
}

// With prefetch one page is ahead of the loop, never two; with segments all pages are under way at once.
func TestPaginateAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int64
		pages := pagesOf(80, 10)
		slow := func(ctx context.Context, cursor, segment string) ([]int, string, error) {
			fetches.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil, "", ctx.Err()
			}
			return pages(ctx, cursor, segment)
		}
		began := time.Now()
		for item, err := range partnerportal.Paginate(t.Context(), "", []partnerportal.RequestOption{partnerportal.WithPrefetch()}, slow) {
			require.NoError(t, err)
			<-time.After(100 * time.Millisecond) // a page takes the loop as long as the portal
			if item == 9 {
				assert.EqualValues(t, 2, fetches.Load())
			}
		}
		assert.Equal(t, 9*time.Second, time.Since(began), "16 s without")

		began = time.Now()
		items, err := all(t, slow, partnerportal.WithSegments(8))
		require.NoError(t, err)
		assert.Len(t, items, 80)
		assert.Equal(t, 8*time.Second, time.Since(began))
	})
}

// Leaving the loop ends its goroutines before the loop is left, wherever they are. The bubble fails if one is left behind.
func TestPaginateLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var active atomic.Int64
		pages := pagesOf(100, 1)
		slow := func(ctx context.Context, cursor, segment string) ([]int, string, error) {
			active.Add(1)
			defer active.Add(-1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil, "", ctx.Err()
			}
			return pages(ctx, cursor, segment)
		}
		opts := []partnerportal.RequestOption{partnerportal.WithSegments(4), partnerportal.WithPrefetch()}
		for range partnerportal.Paginate(t.Context(), "", opts, slow) {
			break
		}
		assert.Zero(t, active.Load())

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel)
		_, err := partnerportal.Collect(partnerportal.Paginate(ctx, "", opts, slow))
		require.ErrorIs(t, err, context.Canceled, "an interrupted list never looks complete")
		assert.Zero(t, active.Load())
	})
}

func TestPaginateEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var err error
	for _, err = range partnerportal.Paginate(ctx, "", nil, pagesOf(100, 10)) {
		cancel()
	}
	require.ErrorIs(t, err, context.Canceled)
}
