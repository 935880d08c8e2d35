package quotes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// The kinds of deadlines; that of a reminder says how many days ahead it is behind the colon.
const (
	timerExpire  = "quote.expire"
	timerRemind  = "quote.reminder:"
	timerSpecial = "quote.special_expire"
)

// deadline is when the portal has to act on something if nobody else does.
type deadline struct {
	kind string
	at   time.Time
}

// due are the deadlines of a quote: its end, and the reminders of it.
func (r *record) due() []deadline {
	if !slices.Contains(offered, r.Status) {
		return nil
	}
	all := []deadline{{timerExpire, r.ExpiresAt}}
	for _, days := range r.Reminders {
		all = append(all, deadline{timerRemind + strconv.Itoa(days), r.ExpiresAt.AddDate(0, 0, -days)})
	}
	return all
}

// setDeadlines replaces the timers of a resource, if its deadlines are not what they were. Nobody is reminded too late.
func setDeadlines(ctx context.Context, c *call.Call, id string, before, after []deadline) error {
	if slices.Equal(before, after) {
		return nil
	}
	if err := c.Tx.DropTimers(ctx, id); err != nil {
		return err
	}
	for _, d := range after {
		if strings.HasPrefix(d.kind, timerRemind) && !c.Now.Before(d.at) {
			continue
		}
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: d.kind, ResourceID: id, DueAt: store.Micros(d.at)}); err != nil {
			return err
		}
	}
	return nil
}

// Fire acts on a deadline. It may be late or stale: what the resource expects decides whether there is anything to do.
func (s *Service) Fire(ctx context.Context, kind, resourceID string, dueAt time.Time) error {
	c := call.From(ctx)
	var err error
	switch {
	case kind == sessionExpire:
		err = expireSession(ctx, resourceID)
	case kind == timerSpecial:
		err = expireSpecial(ctx, c, resourceID, dueAt)
	case kind == timerExpire, strings.HasPrefix(kind, timerRemind):
		err = s.fireQuote(ctx, c, resourceID, deadline{kind, dueAt})
	default:
		err = fmt.Errorf("quotes: unknown timer %q", kind)
	}
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Service) fireQuote(ctx context.Context, c *call.Call, id string, passed deadline) error {
	d, err := lockQuote(ctx, c, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(d.deadlines, func(d deadline) bool { return d.kind == passed.kind && d.at.Equal(passed.at) }) {
		return nil
	}
	if days, ok := strings.CutPrefix(passed.kind, timerRemind); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			return err
		}
		d.tell(contract.EventExpiring, map[string]any{"days": n, "expires_at": d.ExpiresAt})
		return d.publish(ctx, c)
	}
	if err := d.enter(c, quoteExpire, contract.StatusExpired); err != nil {
		return err
	}
	d.tell(contract.EventExpired, nil, "/status")
	return d.save(ctx, c)
}
