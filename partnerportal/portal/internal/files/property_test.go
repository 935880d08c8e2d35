package files_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// life is what should be true of one file.
type life struct {
	uses    int
	expires time.Time // while there are none
}

func (l *life) over(now time.Time) bool { return l.uses == 0 && !now.Before(l.expires) }

// TestLivesOfFiles lets files live through anything that can happen to them. After each step a file is there exactly if it is used or
// its time is not over, and table and folder hold the same.
func TestLivesOfFiles(t *testing.T) {
	t.Parallel()
	w := onFile(t, portal.WithClock(func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) })) // plus the turns
	rapid.Check(t, func(rt *rapid.T) {
		alive := map[string]*life{}
		some := func(rt *rapid.T) (string, *life) {
			ids := make([]string, 0, len(alive))
			for id := range alive {
				ids = append(ids, id)
			}
			if len(ids) == 0 {
				rt.Skip("no files")
			}
			slices.Sort(ids)
			id := rapid.SampledFrom(ids).Draw(rt, "file")
			return id, alive[id]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"upload": func(*rapid.T) {
				f := w.upload(w.acme, pdf)
				alive[f.ID] = &life{expires: f.ExpiresAt}
			},
			"use": func(rt *rapid.T) {
				id, l := some(rt)
				_, err := w.use(w.AcmeID, id)
				require.NoError(rt, err)
				l.uses++
			},
			"release": func(rt *rapid.T) {
				id, l := some(rt)
				err := w.release(w.AcmeID, id)
				if l.uses == 0 {
					require.ErrorIs(rt, err, store.ErrNotFound)
					return
				}
				require.NoError(rt, err)
				if l.uses--; l.uses == 0 {
					l.expires = w.Now().Add(week)
				}
			},
			"delete": func(rt *rapid.T) {
				id, l := some(rt)
				err := w.acme.Delete(rt.Context(), id)
				if l.uses > 0 {
					require.ErrorIs(rt, err, files.ErrInUse)
					return
				}
				require.NoError(rt, err)
				delete(alive, id)
			},
			"wait": func(rt *rapid.T) {
				w.Advance(time.Duration(rapid.Int64Range(1, int64(week)).Draw(rt, "for")))
			},
			"": func(rt *rapid.T) {
				w.tick()
				now := w.Now()
				for id, l := range alive {
					_, err := w.acme.Get(rt.Context(), id)
					if l.over(now) {
						require.ErrorIs(rt, err, partnerportal.ErrNotFound)
						delete(alive, id)
						continue
					}
					require.NoError(rt, err)
				}
				require.Len(rt, w.rows(), len(alive))
				require.Equal(rt, w.rows(), w.names())
			},
		})
		for id, l := range alive {
			for range l.uses {
				require.NoError(rt, w.release(w.AcmeID, id))
			}
		}
		w.Advance(week + time.Second)
		w.nothingLeft()
	})
}
