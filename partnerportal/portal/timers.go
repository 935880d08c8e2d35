package portal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const (
	longestSleep = 2 * time.Second // other replicas set timers too, and a sandbox's clock jumps
	cleanEvery   = 10 * time.Minute
	// keepReplies is how long the answer to an idempotency key is kept; the contract promises 24 hours.
	keepReplies = 48 * time.Hour
)

// errNotSandbox is what a portal with real deals says to those who would turn its clock.
var errNotSandbox = errors.New("portal: only a sandbox's clock can be turned (WithSandbox)")

// Run acts on deadlines when they pass, delivers webhooks, draws co-branded assets, and cleans up what nobody needs any more, until ctx ends. It returns nil then, and
// otherwise keeps going: what fails is logged and tried again. Several replicas may run on one database.
func (p *Portal) Run(ctx context.Context) error {
	var beside sync.WaitGroup // what may take minutes does not hold up deadlines
	defer beside.Wait()
	beside.Go(func() { p.pullAlways(ctx) })
	beside.Go(func() { p.drawAlways(ctx) })
	beside.Go(func() { p.webhooks.Run(ctx) })
	var cleaned time.Time
	for ctx.Err() == nil {
		if time.Since(cleaned) > cleanEvery {
			cleaned = time.Now()
			p.report(ctx, "clean up", p.clean(ctx))
		}
		_, err := p.Tick(ctx)
		p.report(ctx, "act on deadlines", err)
		p.sleep(ctx)
	}
	return nil
}

func (p *Portal) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		p.options.logger.ErrorContext(ctx, "portal: failed to "+what, "error", err)
	}
}

// sleep waits for the next deadline, but not for long.
func (p *Portal) sleep(ctx context.Context) {
	wait := longestSleep
	if due, err := p.store.Read().NextTimer(ctx); err == nil {
		wait = min(wait, store.Time(due).Sub(p.Now()))
	}
	// A deadline that has passed and is still there failed: it is not tried again at once.
	if wait <= 0 {
		wait = longestSleep
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// clean drops expired tokens, old idempotency records, and the deliveries of events that the feed shows no longer. They live by the real time.
func (p *Portal) clean(ctx context.Context) error {
	now := time.Now()
	err := p.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.DropTokens(ctx, store.Micros(now)); err != nil {
			return err
		}
		_, err := tx.Forget(ctx, store.Micros(now.Add(-keepReplies)))
		return err
	})
	return errors.Join(err, p.webhooks.Clean(ctx, now.Add(-p.options.eventRetention)))
}

// DeliverWebhooks sends the webhook deliveries that are due and returns when none is: what an endpoint did not take waits for its next
// attempt. [Portal.Run] does it by itself; a host that runs something like a cron job, or a test, can call DeliverWebhooks instead. An
// endpoint that fails is no error.
func (p *Portal) DeliverWebhooks(ctx context.Context) error { return p.webhooks.Settle(ctx) }

// Tick acts on the deadlines that have passed and says on how many. [Portal.Run] does it by itself; a host that runs
// something like a cron job can call Tick instead. One that fails does not keep the others from being acted on.
func (p *Portal) Tick(ctx context.Context) (int, error) {
	if err := p.hold(ctx); err != nil {
		return 0, err
	}
	defer p.release()
	if p.options.sandbox {
		if err := p.clock.load(ctx, p.store.Read()); err != nil {
			return 0, err
		}
	}
	fired, now := 0, p.Now()
	var failures []error
	page := store.DueTimersParams{Now: store.Micros(now)}
	for {
		timers, err := p.store.Read().DueTimers(ctx, page)
		if err != nil {
			return fired, errors.Join(append(failures, err)...)
		}
		if len(timers) == 0 {
			return fired, errors.Join(failures...)
		}
		for _, t := range timers {
			acted, err := p.fire(ctx, t, now)
			if err != nil {
				failures = append(failures, err)
			}
			if acted {
				fired++
			}
			page.AfterDue, page.AfterKind, page.AfterResource = t.DueAt, t.Kind, t.ResourceID
		}
	}
}

// Advance turns a sandbox's clock forward by d. What falls due on the way happens in its order, each thing at its own time,
// before Advance returns with the number of them. At the first failure the clock stays where it is then.
func (p *Portal) Advance(ctx context.Context, d time.Duration) (int, error) {
	if !p.options.sandbox {
		return 0, errNotSandbox
	}
	if d < 0 {
		return 0, fmt.Errorf("portal: the clock cannot go back by %v", -d)
	}
	if err := p.hold(ctx); err != nil {
		return 0, err
	}
	defer p.release()
	return p.advanceTo(ctx, p.Now().Add(d))
}

func (p *Portal) advanceTo(ctx context.Context, target time.Time) (fired int, err error) {
	began := p.Now()
	for {
		next, err := p.store.Read().FirstTimer(ctx, store.Micros(target))
		if errors.Is(err, store.ErrNotFound) {
			return fired, p.clock.turn(ctx, p.store, target)
		}
		if err != nil {
			return fired, err
		}
		if err := p.clock.turn(ctx, p.store, store.Time(next.DueAt)); err != nil {
			return fired, err
		}
		at := store.Time(next.DueAt)
		if at.Before(began) {
			at = began
		}
		acted, err := p.fire(ctx, next, at)
		if err != nil {
			return fired, err
		}
		if acted {
			fired++
		}
	}
}

// fire acts on one deadline, at the instant at: that for which it was set where the clock is turned, but now when the portal comes
// late. What a late deadline brings about, such as an offer to the next partner, must not begin in the past. It reports false
// when somebody else was faster.
func (p *Portal) fire(ctx context.Context, t store.Timer, at time.Time) (acted bool, err error) {
	err = p.commit(ctx, call.System, "", func(ctx context.Context, c *call.Call) error {
		taken, err := c.Tx.TakeTimer(ctx, store.TakeTimerParams{ResourceID: t.ResourceID, Kind: t.Kind, DueAt: t.DueAt})
		if acted = taken > 0; err != nil || !acted {
			return err
		}
		c.Now = at
		return p.rooms.fire(ctx, t.Kind, t.ResourceID, store.Time(t.DueAt))
	})
	if err != nil {
		return false, fmt.Errorf("deadline %s of %s: %w", t.Kind, t.ResourceID, err)
	}
	return acted, nil
}

func (p *Portal) hold(ctx context.Context) error {
	select {
	case p.firing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Portal) release() { <-p.firing }
