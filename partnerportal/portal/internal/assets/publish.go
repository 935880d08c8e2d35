package assets

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Publish publishes an asset, now or later.
func (s *Service) Publish(ctx context.Context, assetID, ifMatch string, body *contract.Publication) (*contract.Asset, error) {
	c, a, err := act(ctx, assetID, ifMatch, contract.ActionPublish)
	if err != nil {
		return nil, err
	}
	at := body.PublishAt
	if !at.After(c.Now) {
		at = c.Now
	}
	if !body.ExpiresAt.IsZero() {
		a.ExpiresAt = body.ExpiresAt
	}
	if ended(a, at) {
		return nil, problem.Invalid("/expires_at", "out_of_range", "The asset would have ended before it is published. Give a later instant.")
	}
	a.Reason = ""
	if err := s.expireAt(ctx, c, a); err != nil {
		return nil, err
	}
	if err := c.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: a.ID, Kind: publishDeadline}); err != nil {
		return nil, err
	}
	if at.Equal(c.Now) {
		if err := publish(ctx, c, a); err != nil {
			return nil, err
		}
		return s.Get(ctx, a.ID)
	}
	a.Status, a.PublishAt = scheduled, at
	if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: publishDeadline, ResourceID: a.ID, DueAt: store.Micros(at)}); err != nil {
		return nil, err
	}
	if err := update(ctx, c, a); err != nil {
		return nil, err
	}
	if err := tell(ctx, c, a, contract.EventScheduled, "/status"); err != nil {
		return nil, err
	}
	return s.Get(ctx, a.ID)
}

// publish publishes an asset now.
func publish(ctx context.Context, c *call.Call, a *contract.Asset) error {
	a.Status, a.PublishedAt, a.PublishAt = published, c.Now, time.Time{}
	return save(ctx, c, a, contract.EventPublished)
}

// Withdraw takes an asset back.
func (s *Service) Withdraw(ctx context.Context, assetID, ifMatch string, body *contract.Withdrawal) (*contract.Asset, error) {
	c, a, err := act(ctx, assetID, ifMatch, contract.ActionWithdraw)
	if err != nil {
		return nil, err
	}
	a.Status, a.Reason = withdrawn, body.Reason
	return s.end(ctx, c, a, contract.EventWithdrawn)
}

// Archive puts an asset away.
func (s *Service) Archive(ctx context.Context, assetID, ifMatch string) (*contract.Asset, error) {
	c, a, err := act(ctx, assetID, ifMatch, contract.ActionArchive)
	if err != nil {
		return nil, err
	}
	a.Status = contract.StatusArchived
	return s.end(ctx, c, a, contract.EventArchived)
}

// end ends an asset before its time.
func (s *Service) end(ctx context.Context, c *call.Call, a *contract.Asset, event string) (*contract.Asset, error) {
	if err := c.Tx.DropTimers(ctx, a.ID); err != nil {
		return nil, err
	}
	if err := save(ctx, c, a, event); err != nil {
		return nil, err
	}
	return s.Get(ctx, a.ID)
}

// expire ends an asset whose time is over.
func expire(ctx context.Context, c *call.Call, a *contract.Asset) error {
	a.Status = expired
	return save(ctx, c, a, contract.EventExpired)
}

// save stores an asset in another state and tells of it.
func save(ctx context.Context, c *call.Call, a *contract.Asset, event string) error {
	if err := update(ctx, c, a); err != nil {
		return err
	}
	return tell(ctx, c, a, event, "/status")
}

// concerns are the events that partners hear of which have something of the asset.
var concerns = map[string]bool{
	contract.EventVersionAdded: true, contract.EventPublished: true, contract.EventExpired: true, contract.EventWithdrawn: true,
}

// tell tells the vendor what happened to an asset, and the partners that it concerns.
func tell(ctx context.Context, c *call.Call, a *contract.Asset, event string, changed ...string) error {
	e := feed.Event{
		Type: event, ResourceType: assetResource, ResourceID: a.ID, Revision: a.Revision, Audience: feed.Vendor,
		Facts: map[string]any{"version": a.Version}, ChangedFields: changed, State: string(a.Status),
	}
	if err := c.Emit(ctx, e); err != nil || !concerns[event] || a.PublishedAt.IsZero() {
		return err
	}
	holders, err := c.Tx.AssetHolders(ctx, a.ID)
	if err != nil {
		return err
	}
	e.Audience = feed.Partner
	for _, e.PartnerID = range holders {
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
