package events_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

// following runs Follow in a bubble of time until the test stops it.
type following struct {
	*fake

	store   events.CursorStore
	handled []string
	refuse  map[string][]error // what the handler answers to an event, before it takes it
	stop    context.CancelFunc
	done    chan error
}

func follow(t *testing.T, f *fake, store events.CursorStore, refuse map[string][]error, opts ...events.FollowOption) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &following{fake: f, store: store, refuse: refuse, stop: cancel, done: make(chan error, 1)}
	client := connect(t, f)
	go func() {
		w.done <- events.Follow(ctx, client, store, func(_ context.Context, e events.Event) error {
			if answers := w.refuse[e.ID]; len(answers) > 0 {
				w.refuse[e.ID] = answers[1:]
				if answers[0] != nil {
					return answers[0]
				}
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			w.handled = append(w.handled, e.ID)
			return nil
		}, opts...)
	}()
	return w
}

// after lets time pass and returns what was handled so far.
func (w *following) after(d time.Duration) []string {
	<-time.After(d)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.handled)
}

func (w *following) end(t *testing.T) {
	t.Helper()
	w.stop()
	require.ErrorIs(t, <-w.done, context.Canceled)
}

func saved(t *testing.T, store events.CursorStore) string {
	t.Helper()
	cursor, err := store.Load(t.Context())
	require.NoError(t, err)
	return cursor
}

func TestFollowGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := &fake{limit: 2}, new(events.MemoryCursor)
		f.happen("a", "b", "c", "d", "e")
		w := follow(t, f, store, nil)
		assert.Len(t, w.after(time.Millisecond), 5, "no wait while there is more")
		f.happen("f")
		assert.Len(t, w.after(time.Second), 5)
		assert.Len(t, w.after(2*time.Second), 6)
		w.end(t)

		f.happen("g", "h")
		w = follow(t, f, store, nil)
		assert.Equal(t, []string{"evt_7", "evt_8"}, w.after(time.Second))
		w.end(t)
		assert.Equal(t, "evt_8", saved(t, store))
	})
}

// A crash comes between what the handler does and what the store keeps: the event is handled again, none is passed over.
func TestFollowRepeatsWhatWasNotSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := &fake{}, &crashing{at: "evt_2"}
		f.happen("a", "b", "c")
		w := follow(t, f, store, nil)
		require.ErrorIs(t, <-w.done, errCrash)
		assert.Equal(t, []string{"evt_1", "evt_2"}, w.handled)
		assert.Equal(t, "evt_1", saved(t, store))

		w = follow(t, f, store, nil)
		assert.Equal(t, []string{"evt_2", "evt_3"}, w.after(time.Second))
		w.end(t)
	})
}

var errCrash = errors.New("crash")

// crashing fails once, when it is to save at.
type crashing struct {
	events.MemoryCursor

	at string
}

func (c *crashing) Save(ctx context.Context, cursor string) error {
	if cursor == c.at {
		c.at = ""
		return errCrash
	}
	return c.MemoryCursor.Save(ctx, cursor)
}

func TestFollowSavesWhatWasHandledWhenItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := &fake{}, new(events.MemoryCursor)
		f.happen("a", "b")
		ctx, cancel := context.WithCancel(t.Context())
		err := events.Follow(ctx, connect(t, f), store, func(context.Context, events.Event) error {
			cancel()
			return nil
		})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "evt_1", saved(t, store))
	})
}

func TestHandlerIsAskedAgainUntilItSucceedsOrSkips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f, store, broken := &fake{}, new(events.MemoryCursor), errors.New("the CRM is down")
		f.happen("a", "b", "c")
		w := follow(t, f, store, map[string][]error{
			"evt_1": {broken, broken, broken}, "evt_2": {broken, events.Skip(errors.New("no such customer"))},
		}, events.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		assert.Empty(t, w.after(time.Second), "the others wait")
		assert.Empty(t, saved(t, store))
		assert.Equal(t, []string{"evt_1", "evt_3"}, w.after(8*time.Second), "after at most 1, 2 and 4 s, and 1 s")
		w.end(t)
		assert.Contains(t, log.String(), "the CRM is down")
		assert.Contains(t, log.String(), "no such customer")
		assert.ErrorIs(t, events.Skip(broken), broken)
	})
}

func TestHandlerIsNotHammered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, calls := &fake{}, 0
		f.happen("a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := events.Follow(ctx, connect(t, f), new(events.MemoryCursor), func(context.Context, events.Event) error {
			calls++
			return errors.New("never")
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Greater(t, calls, 60, "at least once a minute")
		assert.Less(t, calls, 140, "at most twice a minute")
	})
}

func TestFollowWaitsForThePortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.happen("a")
		f.fail(down, down, down)
		w := follow(t, f, new(events.MemoryCursor), nil)
		assert.Equal(t, []string{"evt_1"}, w.after(8*time.Second))
		f.fail(busy)
		f.happen("b")
		assert.Len(t, w.after(20*time.Second), 1, "as long as it asks for")
		assert.Len(t, w.after(30*time.Second), 2)
		w.end(t)
	})
}

func TestFollowGivesUpWhereTryingCannotHelp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, tc := range map[string]struct{ answer, is error }{
			"expired":  {gone, events.ErrCursorExpired},
			"no scope": {noScope, partnerportal.ErrForbidden},
		} {
			f := &fake{refuse: []error{tc.answer}}
			err := events.Follow(t.Context(), connect(t, f), new(events.MemoryCursor), nil)
			require.ErrorIs(t, err, tc.is, name)
			assert.Len(t, f.polls(), 1, name)
		}
		f := &fake{refuse: []error{gone}}
		err := events.Follow(t.Context(), connect(t, f), new(events.MemoryCursor), nil)
		assert.ErrorContains(t, err, "Starting from what there is")
	})
}

func TestFilteredFollowerStaysCurrent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := &fake{}, new(events.MemoryCursor)
		f.happen("a", "a", "a")
		w := follow(t, f, store, nil, events.WithFilter(events.ListParams{Type: []string{"b"}, Limit: 50}), events.WithPoll(10*time.Second))
		assert.Empty(t, w.after(time.Second))
		assert.Equal(t, "after:3", saved(t, store))
		f.happen("a")
		assert.Empty(t, w.after(30*time.Second))
		assert.Equal(t, "after:3", saved(t, store), "not with every poll")
		assert.Empty(t, w.after(40*time.Second))
		assert.Equal(t, "after:4", saved(t, store))
		f.happen("b")
		assert.Equal(t, []string{"evt_5"}, w.after(11*time.Second))
		w.end(t)
		polls := f.polls()
		assert.Less(t, len(polls), 12)
		assert.Equal(t, 50, polls[0].Limit)
	})
}

func TestStartAtEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := &fake{}, new(events.MemoryCursor)
		f.happen("a", "b")
		w := follow(t, f, store, nil, events.WithStartAtEnd())
		assert.Empty(t, w.after(time.Second))
		assert.Equal(t, "after:2", saved(t, store), "a restart begins here")
		w.end(t)
		f.happen("c")
		w = follow(t, f, store, nil, events.WithStartAtEnd())
		assert.Equal(t, []string{"evt_3"}, w.after(time.Second), "what happened since the first start is not passed over")
		w.end(t)
	})
}

// A portal that says there is more and gives nothing must not be asked in a tight loop.
func TestFollowDoesNotSpin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f := new(stuck)
		router := partnerportal.NewRouter()
		events.Mount(router, f)
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
		require.NoError(t, err)
		err = events.Follow(ctx, events.New(pp), new(events.MemoryCursor), nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Less(t, f.polls, 40)
	})
}

type stuck struct {
	events.Server

	polls int
}

func (s *stuck) List(context.Context, *events.ListParams) (*events.Page, error) {
	s.polls++
	return &events.Page{Items: []events.Event{}, Cursor: "here", HasMore: true, RetentionFrom: noon}, nil
}

func TestUselessOptionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, opt := range []events.FollowOption{
		events.WithPoll(0), events.WithLogger(nil), events.WithFilter(events.ListParams{Cursor: "x"}),
	} {
		err := events.Follow(t.Context(), connect(t, new(fake)), new(events.MemoryCursor), nil, opt)
		require.ErrorIs(t, err, partnerportal.ErrInvalidArgument)
	}
}
