package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

const (
	defaultPoll = 2 * time.Second
	firstWait   = time.Second // before a failed poll or handler is tried again, and then twice as long each time
	longestWait = time.Minute
	// saveEvery is how often a cursor is saved while nothing matches: often enough that it never expires, and else a waste.
	saveEvery = time.Minute
)

// FollowOption changes how [Follow] works.
type FollowOption func(f *follower) error

// WithFilter follows only the events that params keep. Params.Limit is how many are asked for at once; a cursor is the store's
// business and refused. Changing the filter later neither repeats nor catches up anything.
func WithFilter(params ListParams) FollowOption {
	return func(f *follower) error {
		if params.Cursor != "" {
			return errors.New("WithFilter: the cursor comes from the CursorStore")
		}
		f.params = params
		return nil
	}
}

// WithPoll sets how long Follow waits before it asks again when there was nothing more; 2 s without it. The wait varies by a
// tenth, so that many followers do not come at once.
func WithPoll(every time.Duration) FollowOption {
	return func(f *follower) error {
		if every <= 0 {
			return fmt.Errorf("WithPoll: %v is no time to wait", every)
		}
		f.poll = every
		return nil
	}
}

// WithStartAtEnd passes over what happened before the first start of all, instead of beginning with the oldest event that the portal
// keeps. It excludes [WithSnapshot].
func WithStartAtEnd() FollowOption {
	return func(f *follower) error {
		f.start = FromHere
		return nil
	}
}

// WithLogger tells logger what is tried again, and what the handler skips. Without it Follow is silent.
func WithLogger(logger *slog.Logger) FollowOption {
	return func(f *follower) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		f.logger = logger
		return nil
	}
}

// Skip wraps what a handler returns for an event that it will never be able to handle: the event counts as handled. Any other
// error makes Follow call the handler with the same event again, and hold the others back until it succeeds.
func Skip(reason error) error { return &skipped{reason} }

type skipped struct{ reason error }

func (s *skipped) Error() string { return fmt.Sprintf("skipped: %v", s.reason) }
func (s *skipped) Unwrap() error { return s.reason }

// Follow calls handle with each event of the feed, one after the other, in their order, and goes on where store says that it
// stopped the last time. It runs until ctx ends, and returns ctx.Err() then.
//
// The cursor is saved when handle has returned nil. So every event is handled at least once; one whose cursor could not be
// saved, as in a crash, is handled again: make handle safe to repeat by [Event].ID. When handle fails it is called again, after
// 1 s, 2 s and so on up to a minute; see [Skip]. A portal that is down or slows the caller down is waited for just so.
//
// Follow gives up when trying again cannot help: with [ErrCursorExpired] unless it has [WithSnapshot], with what the portal refuses
// (credentials, scope, filter), and with what the store answers.
func Follow(ctx context.Context, c *Client, store CursorStore, handle func(ctx context.Context, e Event) error, opts ...FollowOption) error {
	f := &follower{client: c, store: store, handle: handle, poll: defaultPoll, logger: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		if err := opt(f); err != nil {
			return &partnerportal.Error{Code: partnerportal.ErrInvalidArgument, Err: err}
		}
	}
	if f.load != nil && f.start != "" {
		return &partnerportal.Error{Code: partnerportal.ErrInvalidArgument,
			Err: errors.New("WithStartAtEnd and WithSnapshot exclude each other: one passes over what there is, the other begins with it")}
	}
	cursor, err := store.Load(ctx)
	if err != nil {
		return err
	}
	switch f.params.Cursor = cursor; {
	case cursor == "" && f.load != nil:
		err = f.snapshot(ctx)
	case cursor == "":
		f.params.Cursor = f.start
	}
	for err == nil {
		err = f.step(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// follower is one run of Follow. params.Cursor is where it stands.
type follower struct {
	client *Client
	store  CursorStore
	handle func(ctx context.Context, e Event) error
	params ListParams
	start  string
	load   func(ctx context.Context) error
	poll   time.Duration
	logger *slog.Logger

	savedAt time.Time
	anew    bool // no page was read since the last snapshot
}

// step reads one page, handles it, and waits if it was the last for now.
func (f *follower) step(ctx context.Context) error {
	page, err := f.list(ctx, f.params)
	if errors.Is(err, ErrCursorExpired) && f.load != nil && !f.anew {
		f.logger.WarnContext(ctx, "events: away for too long, reading everything anew")
		return f.snapshot(ctx)
	}
	if err != nil {
		return err
	}
	f.anew = false
	for _, e := range page.Items {
		if err := f.try(ctx, e); err != nil {
			return err
		}
		if err := f.save(ctx, e.ID); err != nil {
			return err
		}
	}
	stuck := page.Cursor == f.params.Cursor && len(page.Items) == 0
	f.params.Cursor = page.Cursor
	if time.Since(f.savedAt) >= saveEvery {
		if err := f.save(ctx, page.Cursor); err != nil {
			return err
		}
	}
	if page.HasMore && !stuck {
		return ctx.Err()
	}
	return sleep(ctx, f.poll*9/10+rand.N(f.poll/5+1))
}

// list reads a page, however long that takes.
func (f *follower) list(ctx context.Context, params ListParams) (*Page, error) {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		page, err := f.client.List(ctx, params)
		switch {
		case err == nil:
			return page, nil
		case errors.Is(err, ErrCursorExpired):
			return nil, fmt.Errorf("events: this follower was away for too long; read everything anew, with WithSnapshot or "+
				"as the documentation of package events says under \"Starting from what there is\": %w", err)
		case !worthTrying(err):
			return nil, err
		}
		pause := wait
		if e, ok := errors.AsType[*partnerportal.Error](err); ok {
			pause = max(pause, e.RetryAfter)
		}
		f.logger.WarnContext(ctx, "events: the portal does not answer, trying again", "error", err, "wait", pause)
		if err := sleep(ctx, jitter(pause)); err != nil {
			return nil, err
		}
	}
}

// worthTrying says that a poll may succeed later though nobody changes anything here. The SDK has tried a few times already.
func worthTrying(err error) bool {
	e, ok := errors.AsType[*partnerportal.Error](err)
	if !ok {
		return false
	}
	for inner, ok := e, true; ok; inner, ok = errors.AsType[*partnerportal.Error](inner.Err) {
		e = inner // the token's failure says more than that there is no token
	}
	switch e.Code {
	case partnerportal.ErrInvalidArgument, partnerportal.ErrTLS, partnerportal.ErrRedirected:
		return false
	}
	return e.Status < 400 || e.Status >= 500 || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}

// try calls the handler until it has handled the event or skips it.
func (f *follower) try(ctx context.Context, e Event) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := f.handle(ctx, e)
		if err == nil {
			return nil
		}
		if skip, ok := errors.AsType[*skipped](err); ok {
			f.logger.WarnContext(ctx, "events: skipped", "event", e.ID, "type", e.Type, "reason", skip.reason)
			return nil
		}
		if err := f.pause(ctx, wait, "events: the handler failed, trying again", "event", e.ID, "type", e.Type, "error", err); err != nil {
			return err
		}
	}
}

// pause tells why, and waits before the host's own code is called again.
func (f *follower) pause(ctx context.Context, wait time.Duration, why string, particulars ...any) error {
	if ctx.Err() == nil { // else that code was only interrupted
		f.logger.WarnContext(ctx, why, append(particulars, "wait", wait)...)
	}
	return sleep(ctx, jitter(wait))
}

func (f *follower) save(ctx context.Context, cursor string) error {
	f.savedAt = time.Now()
	return saveIn(ctx, f.store, cursor)
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
