package partnerportal_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A refusal that comes before the file was read leaves the reader as it was, so even one that cannot go back serves again.
func TestUnreadContentIsSentAgain(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			d := &desk{turnAway: map[int]int{1: 503, 2: 429}}
			var answer partnerportal.Response
			content := partnerportal.Content{Reader: plain{strings.NewReader("once")}, Size: 4}
			require.NoError(t, connect(t, d.router()).Do(t.Context(), upload(content), nil, partnerportal.WithResponse(&answer)))
			assert.Equal(t, 3, answer.Attempts)
			assert.Equal(t, "once", d.parcels[0].Content)
		})
	}
}

// strays is a transport that answers at once and goes on reading the body later, as net/http may.
type strays struct {
	statuses []int
	bodies   []io.ReadCloser
}

func (s *strays) RoundTrip(req *http.Request) (*http.Response, error) {
	s.bodies = append(s.bodies, req.Body)
	return answer(s.statuses[len(s.bodies)-1], nil, `{}`), nil
}

// When a call has ended its caller may read on, or close the file; an attempt that was given up must not take bytes from the next.
func TestReadersAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := &strays{statuses: []int{503, 422}}
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: s}), hasty)
	require.NoError(t, err)
	content := strings.NewReader("untouched")
	err = pp.Do(t.Context(), upload(partnerportal.Content{Reader: content}), nil)
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	require.Len(t, s.bodies, 2)
	for _, body := range s.bodies {
		_, err := io.ReadAll(body)
		require.Error(t, err)
	}
	assert.Equal(t, len("untouched"), content.Len())
}

// trickle gives a byte every 20 seconds.
type trickle struct{ left int }

func (r *trickle) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	r.left--
	<-time.After(20 * time.Second)
	p[0] = 'x'
	return 1, nil
}

// An upload may take as long as it takes; what ends it is that nothing moves.
func TestSlowUploads(t *testing.T) {
	t.Parallel()
	reads := transport(func(req *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, req.Body)
		return answer(201, nil, `{}`), err
	})
	stalls := transport(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	connect := func(t *testing.T, road http.RoundTripper) *partnerportal.Client {
		t.Helper()
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: road}))
		require.NoError(t, err)
		return pp
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.NoError(t, connect(t, reads).Do(t.Context(), upload(partnerportal.Content{Reader: &trickle{left: 100}}), nil))
		assert.Equal(t, 2000*time.Second, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		err := connect(t, stalls).Do(t.Context(), upload(partnerportal.Content{Reader: plain{&trickle{left: 1}}}), nil,
			partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, partnerportal.ErrUnavailable)
		assert.Equal(t, 30*time.Second, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		err := connect(t, reads).Do(t.Context(), upload(partnerportal.Content{Reader: &trickle{left: 100}}), nil, partnerportal.WithTimeout(50*time.Second))
		require.ErrorIs(t, err, context.DeadlineExceeded, "a limit that the caller sets holds")
		assert.Equal(t, time.Minute, time.Since(began), "only the reading under way is waited for")
	})
}

// gated is a file whose first read takes until the gate opens.
type gated struct {
	*strings.Reader
	once sync.Once
	gate chan struct{}
}

func (g *gated) Read(p []byte) (int, error) {
	g.once.Do(func() { <-g.gate })
	return g.Reader.Read(p)
}

// The next attempt begins when the reading of the one before has ended: two readers would each get a part of the file.
func TestAttemptsReadOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := &gated{Reader: strings.NewReader("the whole file"), gate: make(chan struct{})}
		var got string
		var group sync.WaitGroup
		attempts := 0
		road := transport(func(req *http.Request) (*http.Response, error) {
			if attempts++; attempts == 1 {
				group.Go(func() { _, _ = io.Copy(io.Discard, req.Body) })
				synctest.Wait()
				return answer(503, nil, `{}`), nil
			}
			body, err := io.ReadAll(req.Body)
			got = string(body)
			return answer(201, nil, `{}`), err
		})
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: road}), hasty)
		require.NoError(t, err)
		group.Go(func() {
			<-time.After(time.Second)
			close(content.gate)
		})
		require.NoError(t, pp.Do(t.Context(), upload(partnerportal.Content{Reader: content}), nil))
		group.Wait()
		assert.Contains(t, got, "the whole file")
	})
}
