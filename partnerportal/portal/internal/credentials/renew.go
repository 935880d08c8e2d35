package credentials

import (
	"context"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// renewable refuses to renew a credential that is not renewed, or not now.
func renewable(k *contract.Credential, now time.Time) error {
	switch {
	case k.RenewalOpensAt.IsZero() || k.Origin == contract.OriginImported:
		return problem.New(http.StatusConflict, contract.ErrNotRenewable, "The credential is not renewed here. When it ends, it is issued or imported anew.")
	case now.Before(k.RenewalOpensAt):
		e := problem.New(http.StatusConflict, contract.ErrRenewalNotOpen, "The credential can be renewed from "+k.RenewalOpensAt.Format(time.RFC3339)+" on.")
		return problem.With(e, "opens_at", k.RenewalOpensAt)
	case !now.Before(k.RenewalClosesAt):
		e := problem.New(http.StatusConflict, contract.ErrRenewalClosed, "The credential could be renewed until "+k.RenewalClosesAt.Format(time.RFC3339)+". It has to be earned anew.")
		return problem.With(e, "closed_at", k.RenewalClosesAt)
	}
	return nil
}

// Renew renews a credential.
func (s *Service) Renew(ctx context.Context, credentialID, ifMatch string, body *contract.Renewal) (*contract.Credential, error) {
	if err := checkEvidence(body.Evidence); err != nil {
		return nil, err
	}
	c, k, err := act(ctx, credentialID, ifMatch, contract.ActionRenew)
	if err != nil {
		return nil, err
	}
	if err := renewable(&k.Credential, c.Now); err != nil {
		return nil, err
	}
	if body.Score != "" {
		k.Score = body.Score
	}
	if len(body.Evidence) > 0 {
		k.Evidence = body.Evidence
	}
	if err := k.renew(ctx, c, body.ValidUntil); err != nil {
		return nil, err
	}
	return view(c, k), nil
}

// renew begins another term, by what the definition says now: in the window it ends where the next one would, so that nobody loses by being early; late
// it is counted from now on.
func (k *credential) renew(ctx context.Context, c *call.Call, until time.Time) error {
	d, err := definition(ctx, c.Tx, k.DefinitionID)
	if err != nil {
		return err
	}
	if err := inForce(d); err != nil {
		return err
	}
	if err := notHeld(ctx, c, k.Holder.LearnerID, d, k.ID); err != nil { // issued anew after the end, instead of late
		return err
	}
	issuer, err := issuerOf(ctx, c.Tx)
	if err != nil {
		return err
	}
	if !publishes(issuer, k.Verification.StatusListURL) {
		if err := takePlace(ctx, c.Tx, issuer, k); err != nil {
			return err
		}
	}
	ended := k.ValidUntil
	if err := k.begin(d, c.Now, time.Time{}); err != nil {
		return err
	}
	if ended.After(c.Now) && !k.ValidUntil.IsZero() {
		k.ValidUntil = later(ended, d.ValidityMonths)
	}
	if err := k.shorten(d, until); err != nil {
		return err
	}
	k.Status, k.RenewedAt = issued, c.Now
	k.Renewals++
	k.describe(d)
	if err := k.write(issuer, d); err != nil {
		return err
	}
	return k.save(ctx, c, contract.EventRenewed, k.end(), "/status", "/valid_from", "/valid_until")
}

// RequestRenewal asks for a renewal.
func (s *Service) RequestRenewal(ctx context.Context, credentialID, ifMatch string) (*contract.Credential, error) {
	c, k, err := act(ctx, credentialID, ifMatch, contract.ActionRequestRenewal)
	if err != nil {
		return nil, err
	}
	if err := renewable(&k.Credential, c.Now); err != nil {
		return nil, err
	}
	if !k.RenewalRequestedAt.IsZero() {
		return view(c, k), nil
	}
	d, err := definition(ctx, c.Tx, k.DefinitionID)
	if err != nil {
		return nil, err
	}
	if err := inForce(d); err != nil {
		return nil, err
	}
	if err := notHeld(ctx, c, k.Holder.LearnerID, d, k.ID); err != nil {
		return nil, err
	}
	switch here, err := k.here(ctx, c); {
	case err != nil:
		return nil, err
	case !here:
		return nil, problem.New(http.StatusConflict, contract.ErrNotRenewable, "The holder has left: nobody could do what it takes.")
	}
	k.RenewalRequestedAt = c.Now
	if err := k.update(ctx, c); err != nil {
		return nil, err
	}
	due := k.ValidUntil
	if !due.After(c.Now) {
		due = k.RenewalClosesAt
	}
	wanted := feed.RenewalRequested{
		CredentialID: k.ID, DefinitionID: d.ID, LearnerID: k.Holder.LearnerID, PartnerID: k.PartnerID, CourseIDs: d.CourseIDs, PathIDs: d.PathIDs, DueAt: due,
	}
	if err := k.tell(ctx, c, contract.EventRenewalRequested, map[string]any{"due_at": due}, wanted, "/renewal_requested_at"); err != nil {
		return nil, err
	}
	return view(c, k), nil
}
