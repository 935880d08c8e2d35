package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// The list under test is that of leads; whose they are tells the tests of one database apart.
func insertLead(ctx context.Context, s *store.Store, owner, id string, createdAt int64) error {
	return s.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertLead(ctx, store.InsertLeadParams{
			ID: owner + id, Number: owner + id, Bucket: store.Bucket(owner + id), Direction: "vendor_to_partner", Status: "new",
			PartnerID: owner, Revision: 1, CreatedAt: createdAt, UpdatedAt: createdAt, Doc: "{}",
		})
	})
}

func leadsOf(owner string, page store.Page, desc bool) store.Query {
	q := store.Query{Table: "leads", Sort: "created_at", Desc: desc, Columns: "id", Page: page}
	q.Where("partner_id = ?", owner)
	return q
}

func listIDs(ctx context.Context, s *store.Store, q store.Query) (ids []string, next string, err error) {
	return store.List(ctx, s.Read(), q, func(dest func(...any) error) (id string, err error) {
		return id, dest(&id)
	})
}

func TestPagesAreStableUnderInsertion(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			run := 0
			rapid.Check(t, func(r *rapid.T) {
				run++
				ctx, owner := t.Context(), fmt.Sprintf("%s-%d-", t.Name(), run)
				desc := rapid.Bool().Draw(r, "desc")
				limit := rapid.IntRange(1, 5).Draw(r, "limit")
				at := rapid.Int64Range(1, 6) // few instants: ties are what breaks naive cursors
				want := map[string]bool{}
				add := func(id string) {
					require.NoError(r, insertLead(ctx, s, owner, id, at.Draw(r, "at")))
				}
				for i := range rapid.IntRange(0, 15).Draw(r, "n") {
					id := fmt.Sprintf("%02d", rapid.IntRange(0, 1000).Draw(r, "id")*100+i)
					add(id)
					want[owner+id] = true
				}
				seen := map[string]int{}
				for page, late := (store.Page{Limit: limit}), 0; ; late++ {
					items, next, err := listIDs(ctx, s, leadsOf(owner, page, desc))
					require.NoError(r, err)
					require.LessOrEqual(r, len(items), limit)
					for _, id := range items {
						seen[id]++
					}
					if next == "" {
						break
					}
					require.Len(r, items, limit, "a page before the last is full")
					page.Cursor = next
					if rapid.Bool().Draw(r, "insert") {
						add(fmt.Sprintf("late%02d", late))
					}
				}
				for id := range want {
					require.Equal(r, 1, seen[id], "what was there all the time is seen once")
				}
				for id, n := range seen {
					require.Equal(r, 1, n, "%s is seen once or not at all", id)
				}
			})
		})
	}
}

func TestOrderHasNoTies(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ctx, owner := t.Context(), t.Name()
			for i, at := range []int64{5, 3, 5, 4, 5} {
				require.NoError(t, insertLead(ctx, s, owner, fmt.Sprint(i), at))
			}
			up, _, err := listIDs(ctx, s, leadsOf(owner, store.Page{}, false))
			require.NoError(t, err)
			assert.Equal(t, []string{owner + "1", owner + "3", owner + "0", owner + "2", owner + "4"}, up)
			down, _, err := listIDs(ctx, s, leadsOf(owner, store.Page{}, true))
			require.NoError(t, err)
			slices.Reverse(down)
			assert.Equal(t, up, down)
		})
	}
}

func TestSegmentsPartition(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ctx, owner := t.Context(), t.Name()
			const rows = 200
			for i := range rows {
				require.NoError(t, insertLead(ctx, s, owner, fmt.Sprint(i), int64(i)))
			}
			for _, n := range []int{1, 2, 3, 7, 16, 31, 32} {
				seen := map[string]bool{}
				for i := range n {
					page := store.Page{Limit: 7, Segment: fmt.Sprintf("%d/%d", i, n)}
					for {
						items, next, err := listIDs(ctx, s, leadsOf(owner, page, true))
						require.NoError(t, err)
						for _, id := range items {
							require.False(t, seen[id], "%s is in two segments of %d", id, n)
							seen[id] = true
						}
						if next == "" {
							break
						}
						page.Cursor = next
					}
				}
				require.Len(t, seen, rows, "%d segments", n)
			}
		})
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	ctx := t.Context()
	for i := range 3 {
		require.NoError(t, insertLead(ctx, s, "a", fmt.Sprint(i), int64(i)))
	}
	_, next, err := listIDs(ctx, s, leadsOf("a", store.Page{Limit: 1}, true))
	require.NoError(t, err)
	require.NotEmpty(t, next)

	same := store.Page{Limit: 2, Cursor: next}
	items, _, err := listIDs(ctx, s, leadsOf("a", same, true))
	require.NoError(t, err)
	assert.Equal(t, []string{"a1", "a0"}, items, "another limit is no other list")

	segment := leadsOf("a", same, true)
	segment.Segment = "0/1"
	filtered := leadsOf("a", same, true)
	store.WhereIn(&filtered, "status", []partnerportal.Side{"new"})
	for name, q := range map[string]store.Query{
		"another owner": leadsOf("b", same, true), "another order": leadsOf("a", same, false),
		"another filter": filtered, "a segment": segment,
		"garbage":      leadsOf("a", store.Page{Cursor: "%%%"}, true),
		"not a cursor": leadsOf("a", store.Page{Cursor: "bm90IGpzb24"}, true),
	} {
		_, _, err := listIDs(ctx, s, q)
		require.ErrorIs(t, err, partnerportal.ErrorCode("cursor_invalid"), name)
	}
}

func TestBadPagesAreRefused(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	for _, page := range []store.Page{
		{Limit: -1}, {Limit: 1001}, {Segment: "1"}, {Segment: "a/b"}, {Segment: "2/2"}, {Segment: "-1/2"}, {Segment: "0/33"}, {Segment: "0/0"},
	} {
		_, _, err := listIDs(t.Context(), s, leadsOf("a", page, true))
		require.ErrorIs(t, err, partnerportal.ErrValidation, "%+v", page)
	}
}

func TestWhereIn(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, insertLead(t.Context(), s, "a", "1", 1))
	for want, statuses := range map[int][]partnerportal.Side{0: {"closed", "working"}, 1: {"closed", "new"}} {
		q := leadsOf("a", store.Page{}, true)
		store.WhereIn(&q, "status", statuses)
		items, _, err := listIDs(t.Context(), s, q)
		require.NoError(t, err)
		assert.Len(t, items, want)
	}
	q := leadsOf("a", store.Page{}, true)
	store.WhereIn[string](&q, "status", nil)
	items, _, err := listIDs(t.Context(), s, q)
	require.NoError(t, err)
	assert.Len(t, items, 1, "no values keep all rows")
}

func FuzzCursor(f *testing.F) {
	s, err := store.Open(f.Context(), "sqlite::memory:")
	require.NoError(f, err)
	f.Cleanup(func() { _ = s.Close() })
	for i := range 3 {
		require.NoError(f, insertLead(f.Context(), s, "a", fmt.Sprint(i), int64(i)))
	}
	_, next, err := listIDs(f.Context(), s, leadsOf("a", store.Page{Limit: 1}, true))
	require.NoError(f, err)
	f.Add(next, "0/1", 1)
	f.Add("eyJmIjoxfQ", "", 0)
	f.Fuzz(func(t *testing.T, cursor, segment string, limit int) {
		items, _, err := listIDs(t.Context(), s, leadsOf("a", store.Page{Cursor: cursor, Segment: segment, Limit: limit}, true))
		if err != nil {
			var e *partnerportal.Error
			require.ErrorAs(t, err, &e, "a bad cursor is the caller's fault")
			return
		}
		require.LessOrEqual(t, len(items), 3)
	})
}

// A page ends early when what it holds is large, and the next one goes on.
func TestPagesOfLargeRows(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s, ctx, owner := open(t), t.Context(), t.Name()
			doc := `"` + strings.Repeat("x", 3<<20) + `"`
			for i := range 5 {
				require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
					id := fmt.Sprint(owner, i)
					return tx.InsertLead(ctx, store.InsertLeadParams{
						ID: id, Number: id, Bucket: store.Bucket(id), Direction: "vendor_to_partner", Status: "new", PartnerID: owner, Revision: 1, CreatedAt: int64(i), Doc: doc,
					})
				}))
			}
			var sizes []int
			q := leadsOf(owner, store.Page{}, false)
			q.Columns = "doc"
			for next := ""; len(sizes) == 0 || next != ""; {
				q.Cursor = next
				items, cursor, err := listIDs(ctx, s, q)
				require.NoError(t, err)
				sizes, next = append(sizes, len(items)), cursor
			}
			assert.Equal(t, []int{2, 2, 1}, sizes)
		})
	}
}
