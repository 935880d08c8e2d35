package assets_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
)

// moody is a file store that may refuse to take what is drawn.
type moody struct {
	*blob.Dir

	refuses atomic.Int32 // so many more times
	panics  atomic.Bool
	kill    atomic.Pointer[context.CancelFunc]
}

var errMood = errors.New("not today")

func (m *moody) Put(ctx context.Context, name string, content io.Reader) error {
	if kill := m.kill.Swap(nil); kill != nil {
		(*kill)()
		return ctx.Err()
	}
	if strings.HasPrefix(name, "cob_") && m.refuses.Add(-1) >= 0 {
		if m.panics.Load() {
			panic("a library at its end")
		}
		_, _ = content.Read(make([]byte, 1)) // and leaves the rest
		return errMood
	}
	return m.Dir.Put(ctx, name, content)
}

func newMoody(t *testing.T) (*desk, *moody) {
	t.Helper()
	m := &moody{Dir: blob.NewDir(t.TempDir())}
	return newDesk(t, "sqlite::memory:", portal.WithFileStore(m)), m
}

// ordered is a job that waits to be drawn, and no other work.
func (d *desk) ordered() *assets.Job {
	d.t.Helper()
	a := d.publishes("banner.png", encoded(d.t, plain(400, 200, white)), banner)
	d.draws()
	job, err := d.acme.CoBrand(d.t.Context(), a.ID, d.branded())
	require.NoError(d.t, err)
	return job
}

func (d *desk) status(job *assets.Job) assets.JobStatus {
	d.t.Helper()
	j, err := d.acme.GetJob(d.t.Context(), job.ID)
	require.NoError(d.t, err)
	return j.Status
}

func TestDrawingIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, m := newMoody(t)
		job := d.ordered()
		m.refuses.Store(2)
		require.ErrorIs(t, d.DrawAssets(t.Context()), errMood)
		assert.Equal(t, assets.JobStatusRendering, d.status(job))
		d.draws()
		assert.EqualValues(t, 1, m.refuses.Load(), "it is not tried again at once")

		time.Sleep(30 * time.Second) //nolint:forbidigo // fake time
		m.panics.Store(true)
		require.ErrorContains(t, d.DrawAssets(t.Context()), "a library at its end")
		time.Sleep(30 * time.Second) //nolint:forbidigo // fake time
		d.draws()
		assert.Equal(t, assets.JobStatusReady, d.status(job))
	})
}

func TestDrawingIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, m := newMoody(t)
		job := d.ordered()
		m.refuses.Store(3)
		for range 3 {
			require.ErrorIs(t, d.DrawAssets(t.Context()), errMood)
			time.Sleep(30 * time.Second) //nolint:forbidigo // fake time
		}
		j, err := d.acme.GetJob(t.Context(), job.ID)
		require.NoError(t, err)
		assert.Equal(t, assets.JobStatusFailed, j.Status)
		assert.NotContains(t, j.Error, errMood.Error(), "what goes on inside is not the partner's to know")
		d.draws()
		assert.Equal(t, assets.JobStatusFailed, d.status(job))
	})
}

// TestWorkerThatDied: what it had leased is drawn by another one, when its time is over.
func TestWorkerThatDied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, m := newMoody(t)
		job := d.ordered()
		dying, kill := context.WithCancel(t.Context())
		m.kill.Store(&kill)
		require.ErrorIs(t, d.DrawAssets(dying), context.Canceled)
		d.draws()
		assert.Equal(t, assets.JobStatusRendering, d.status(job), "as far as anybody knows, it is at it")
		time.Sleep(10 * time.Minute) //nolint:forbidigo // fake time
		d.draws()
		assert.Equal(t, assets.JobStatusReady, d.status(job))
	})
}

func TestRunDraws(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := newMoody(t)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- d.Run(ctx) }()
		synctest.Wait()
		job := d.ordered()
		synctest.Wait()
		assert.Equal(t, assets.JobStatusReady, d.status(job), "without waiting: the order wakes it")
		stop()
		require.NoError(t, <-ran)
	})
}
