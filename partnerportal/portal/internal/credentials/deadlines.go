package credentials

import (
	"context"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// The kinds of deadlines.
const (
	windowDeadline = "credential.window" // from when on it can be renewed
	noticeDeadline = "credential.notice" // the partner is told that it ends
	expireDeadline = "credential.expire" // when it ends
)

// settle replaces the deadlines of a credential by those of its state.
func (k *credential) settle(ctx context.Context, c *call.Call) error {
	if err := c.Tx.DropTimers(ctx, k.ID); err != nil {
		return err
	}
	if !k.stands() || k.ValidUntil.IsZero() {
		return nil
	}
	put := func(kind string, at time.Time) error {
		return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: kind, ResourceID: k.ID, DueAt: store.Micros(at)})
	}
	if err := put(expireDeadline, k.ValidUntil); err != nil || k.Status == pending {
		return err
	}
	if k.Status == issued && !k.RenewalOpensAt.IsZero() {
		if err := put(windowDeadline, k.RenewalOpensAt); err != nil {
			return err
		}
	}
	d, err := definition(ctx, c.Tx, k.DefinitionID)
	if err != nil {
		return err
	}
	for _, days := range d.Renewal.NoticeDays {
		if at := k.ValidUntil.AddDate(0, 0, -days); at.After(c.Now) {
			if err := put(noticeDeadline, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// Fire acts on a deadline of a credential.
func (s *Service) Fire(ctx context.Context, kind, credentialID string, dueAt time.Time) error {
	c := call.From(ctx)
	k, err := take(ctx, c, credentialID)
	if err != nil {
		return err
	}
	if !k.stands() {
		return nil
	}
	switch kind {
	case windowDeadline:
		return k.openWindow(ctx, c)
	case noticeDeadline:
		if k.over(c.Now) {
			return nil
		}
		days := int(k.ValidUntil.Sub(dueAt) / (24 * time.Hour))
		return k.tell(ctx, c, contract.EventExpiring, map[string]any{"days": days, "expires_at": k.ValidUntil}, nil)
	case expireDeadline:
		return k.catchUp(ctx, c)
	}
	return fmt.Errorf("a credential has no deadlines of the kind %q", kind)
}

// openWindow lets a credential be renewed. One that is renewed by itself is, as long as there is somebody who holds it at the partner.
func (k *credential) openWindow(ctx context.Context, c *call.Call) error {
	if k.Status != issued || k.over(c.Now) {
		return nil
	}
	k.Status = windowOpen
	if err := k.update(ctx, c); err != nil {
		return err
	}
	if err := k.tell(ctx, c, contract.EventRenewalOpen, k.end(), nil, "/status"); err != nil {
		return err
	}
	d, err := definition(ctx, c.Tx, k.DefinitionID)
	if err != nil {
		return err
	}
	here, err := k.here(ctx, c)
	if err != nil || !here || d.Renewal.Method != contract.RenewalMethodAutomatic || inForce(d) != nil {
		return err
	}
	return k.renew(ctx, c, time.Time{})
}

// expire ends a credential whose time is over.
func (k *credential) expire(ctx context.Context, c *call.Call) error {
	k.Status = expired
	return k.save(ctx, c, contract.EventExpired, nil, "/status")
}
