package credentials

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/training"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// noteCompleted certifies for what a learner has completed.
func (s *Service) noteCompleted(ctx context.Context, e feed.Event) error {
	done, err := feed.Payload[feed.TrainingCompleted](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	if err := lock(ctx, c, done.LearnerID); err != nil {
		return err
	}
	item := done.CourseID + done.PathID // one of them
	docs, err := c.Tx.ActiveCredentialDefinitions(ctx)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		d, err := decodeDefinition(doc)
		if err != nil {
			return err
		}
		if !d.AutoIssue || !slices.Contains(d.CourseIDs, item) && !slices.Contains(d.PathIDs, item) {
			continue
		}
		if err := c.As(call.System, func() error { return certify(ctx, c, d, done) }); err != nil {
			return err
		}
	}
	return nil
}

// certify issues or renews what a learner has earned by training, if everything is there that the definition asks for.
func certify(ctx context.Context, c *call.Call, d *contract.Definition, done feed.TrainingCompleted) error {
	person, err := directory.Learner(ctx, c.Tx, done.LearnerID)
	if err != nil || person.Status != training.LearnerStatusActive {
		return err
	}
	issuer, err := issuerOf(ctx, c.Tx)
	if err != nil || issuer == nil {
		return err // the vendor does not certify yet: it issues by hand what was earned before
	}
	k, err := latest(ctx, c, done.LearnerID, d.ID)
	if err != nil {
		return err
	}
	renews := k != nil && (k.counts() || k.Status == expired) && renewable(&k.Credential, c.Now) == nil
	if k != nil && (k.counts() && !renews || k.Status == pending) {
		return nil // it goes on, or somebody has to look at it
	}
	at, complete, err := completed(ctx, c, d, done.LearnerID, k.spent())
	if err != nil || !complete {
		return err
	}
	if renews {
		k.Score = done.Score
		return k.renew(ctx, c, time.Time{})
	}
	if d.ValidityMonths > 0 && !later(whole(at), d.ValidityMonths).After(c.Now) {
		return nil // it was so long ago that it would have ended
	}
	_, err = award{learnerID: done.LearnerID, definitionID: d.ID, awardedAt: at, score: done.Score, origin: contract.OriginTraining}.issue(ctx, c)
	return err
}

// spent is up to when what was completed has led to a credential already, and leads to no other: until its window opened, or to its end.
func (k *credential) spent() time.Time {
	switch {
	case k == nil:
		return time.Time{}
	case k.Status == revoked || k.Status == superseded:
		return k.Revocation.At
	case !k.RenewalOpensAt.IsZero():
		return k.RenewalOpensAt
	}
	return k.ValidUntil
}

// completed says when the last of what a definition asks for was completed, and whether all of it was, at or after an instant.
func completed(ctx context.Context, c *call.Call, d *contract.Definition, learnerID string, since time.Time) (at time.Time, all bool, err error) {
	completions, err := directory.Completions(ctx, c.Tx, learnerID, c.Now)
	if err != nil {
		return at, false, err
	}
	done := map[string]time.Time{}
	for _, each := range completions { // the latest of each stays
		done[each.CourseID+each.PathID] = each.At
	}
	for _, item := range slices.Concat(d.CourseIDs, d.PathIDs) {
		when, ok := done[item]
		if !ok || when.Before(since) {
			return at, false, nil
		}
		if when.After(at) {
			at = when
		}
	}
	if at.After(c.Now) { // the learning system's clock is ahead
		at = c.Now
	}
	return at, true, nil
}

// noteVoided tells the vendor of credentials for which somebody has completed what the learning system has taken back. They stay in force: the
// vendor may have other reasons for them, and is the one to revoke them.
func noteVoided(ctx context.Context, e feed.Event) error {
	voided, err := feed.Payload[feed.TrainingVoided](e)
	if err != nil {
		return err
	}
	if voided.CompletedAt.IsZero() {
		return nil
	}
	c, item := call.From(ctx), voided.CourseID+voided.PathID // one of them
	completions, err := directory.Completions(ctx, c.Tx, voided.LearnerID, c.Now)
	if err != nil {
		return err
	}
	var left time.Time // when it was completed last, nevertheless
	for _, done := range completions {
		if done.CourseID+done.PathID == item {
			left = done.At
		}
	}
	held, err := takeHeld(ctx, c, voided.LearnerID)
	if err != nil {
		return err
	}
	for _, k := range held {
		d, err := definition(ctx, c.Tx, k.DefinitionID)
		if err != nil {
			return err
		}
		asked := slices.Contains(d.CourseIDs, item) || slices.Contains(d.PathIDs, item)
		if !asked || k.over(c.Now) || !k.earnedBy(voided.CompletedAt) || k.shownBy(d, left, voided.CompletedAt) {
			continue
		}
		if err := k.doubt(ctx, c, e.Facts); err != nil {
			return err
		}
	}
	return nil
}

// earnedBy says that a credential may have been issued or renewed here for what was completed at an instant.
func (k *credential) earnedBy(at time.Time) bool {
	return k.Origin != contract.OriginImported && (!whole(at).After(k.AwardedAt) || !at.After(k.RenewedAt))
}

// shownBy says that a credential stands for what is left, completed at an instant, without what was taken back. What was completed long before has not
// renewed it.
func (k *credential) shownBy(d *contract.Definition, left, voided time.Time) bool {
	opened := k.RenewedAt.AddDate(0, 0, -d.Renewal.WindowDays-d.Renewal.LateDays) // or later
	renewed := !k.RenewedAt.IsZero() && !voided.Before(opened) && !voided.After(k.RenewedAt)
	return !left.IsZero() && (!renewed || !left.Before(opened))
}

func (k *credential) doubt(ctx context.Context, c *call.Call, training map[string]any) error {
	return c.Emit(ctx, feed.Event{
		Type: contract.EventInDoubt, ResourceType: credentialResource, ResourceID: k.ID, Revision: k.Revision, PartnerID: k.PartnerID, Audience: feed.Vendor,
		Facts: map[string]any{"definition_id": k.DefinitionID, "learner_id": k.Holder.LearnerID, "kind": training["kind"], "code": training["code"]},
		State: string(k.Status),
	})
}

// latest returns a learner's credential of a definition that stands, where there is none the last one; nil when there never was one. It does
// first what late deadlines have left undone.
func latest(ctx context.Context, c *call.Call, learnerID, definitionID string) (*credential, error) {
	ids, err := c.Tx.CredentialsOfLearner(ctx, store.CredentialsOfLearnerParams{LearnerID: learnerID, DefinitionID: definitionID})
	if err != nil {
		return nil, err
	}
	var k *credential
	for _, id := range ids {
		if k, err = load(ctx, c.Tx, id); err != nil {
			return nil, err
		}
		if err := k.catchUp(ctx, c); err != nil {
			return nil, err
		}
		if k.stands() {
			break
		}
	}
	return k, nil
}

// here says that the holder is with the partner.
func (k *credential) here(ctx context.Context, c *call.Call) (bool, error) {
	person, err := directory.Learner(ctx, c.Tx, k.Holder.LearnerID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return person.Status == training.LearnerStatusActive && person.PartnerID == k.PartnerID, nil
}

// count lets a credential count for its partner, or no more.
func (k *credential) count(ctx context.Context, c *call.Call) error {
	here, err := k.here(ctx, c)
	if err != nil {
		return err
	}
	return k.move(ctx, c, here && k.counts())
}

func (k *credential) move(ctx context.Context, c *call.Call, held bool) error {
	return c.Feed.Deliver(ctx, feed.Event{Type: feed.HoldingMoved, ResourceType: credentialResource, ResourceID: k.ID, PartnerID: k.PartnerID, Payload: feed.Holding{
		PartnerID: k.PartnerID, DefinitionID: k.DefinitionID, HolderID: k.Holder.LearnerID, Held: held, ValidUntil: k.ValidUntil,
	}})
}

// noteGone lets the credentials of somebody who left the partner count no more. They stay the person's.
func noteGone(ctx context.Context, e feed.Event) error { return recount(ctx, e.ResourceID, false) }

// noteBack lets them count again.
func noteBack(ctx context.Context, e feed.Event) error { return recount(ctx, e.ResourceID, true) }

func recount(ctx context.Context, learnerID string, here bool) error {
	c := call.From(ctx)
	held, err := takeHeld(ctx, c, learnerID)
	if err != nil {
		return err
	}
	for _, k := range held {
		if err := k.move(ctx, c, here && !k.over(c.Now)); err != nil {
			return err
		}
	}
	return nil
}

// takeHeld returns the credentials of a learner that stand, which nobody else changes until this transaction ends.
func takeHeld(ctx context.Context, c *call.Call, learnerID string) ([]*credential, error) {
	if err := lock(ctx, c, learnerID); err != nil {
		return nil, err
	}
	ids, err := c.Tx.StandingCredentialsOfLearner(ctx, learnerID)
	if err != nil {
		return nil, err
	}
	held := make([]*credential, len(ids))
	for i, id := range ids {
		if held[i], err = load(ctx, c.Tx, id); err != nil {
			return nil, err
		}
	}
	return held, nil
}
