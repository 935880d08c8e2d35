package credentials

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// act takes a credential out for something that is done with it, if its state allows.
func act(ctx context.Context, id, ifMatch string, action contract.Action) (*call.Call, *credential, error) {
	c := call.From(ctx)
	side := partnerportal.SideVendor
	if action == contract.ActionRequestRenewal {
		side = partnerportal.SidePartner
	}
	if c.Caller.Side != side {
		return nil, nil, problem.WrongSide(c.Caller.Side)
	}
	if _, err := find(ctx, c, id); err != nil {
		return nil, nil, err
	}
	k, err := take(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The credential", ifMatch, k.Revision); err != nil {
		return nil, nil, err
	}
	if err := k.catchUp(ctx, c); err != nil {
		return nil, nil, err
	}
	return c, k, may(c, k, action)
}

// take returns a credential once nobody else changes one of the same person.
func take(ctx context.Context, c *call.Call, id string) (*credential, error) {
	k, err := load(ctx, c.Tx, id)
	if err != nil {
		return nil, err
	}
	if err := lock(ctx, c, k.Holder.LearnerID); err != nil {
		return nil, err
	}
	return load(ctx, c.Tx, id)
}

func lock(ctx context.Context, c *call.Call, learnerID string) error {
	return directory.LockLearner(ctx, c.Tx, learnerID)
}

// catchUp does what a deadline that is late has left undone.
func (k *credential) catchUp(ctx context.Context, c *call.Call) error {
	if k.over(c.Now) {
		return k.expire(ctx, c)
	}
	return nil
}

// Accept takes an imported badge although not everything could be checked.
func (s *Service) Accept(ctx context.Context, credentialID, ifMatch string, body *contract.Ruling) (*contract.Credential, error) {
	if err := ruling(body.Reason); err != nil {
		return nil, err
	}
	c, k, err := act(ctx, credentialID, ifMatch, contract.ActionAccept)
	if err != nil {
		return nil, err
	}
	k.Status, k.IssuedAt, k.Verification.AcceptedBecause = issued, c.Now, body.Reason
	if err := k.save(ctx, c, contract.EventIssued, k.end(), "/status"); err != nil {
		return nil, err
	}
	return view(c, k), nil
}

// Revoke takes a credential away.
func (s *Service) Revoke(ctx context.Context, credentialID, ifMatch string, body *contract.Revocation) (*contract.Credential, error) {
	c, k, err := act(ctx, credentialID, ifMatch, contract.ActionRevoke)
	if err != nil {
		return nil, err
	}
	if err := k.revoke(ctx, c, body.Code, body.Reason); err != nil {
		return nil, err
	}
	return view(c, k), nil
}

func (k *credential) revoke(ctx context.Context, c *call.Call, code contract.RevocationCode, reason string) error {
	counted := k.counts()
	k.Status, k.Revocation = revoked, contract.End{Code: code, Reason: reason, At: c.Now}
	if err := setPlaces(ctx, c.Tx, k); err != nil {
		return err
	}
	err := k.change(ctx, c, contract.EventRevoked, map[string]any{"code": code}, "/status", "/revocation")
	if err != nil || !counted { // another one, issued after the end of this one, may count in its place
		return err
	}
	return k.count(ctx, c)
}

// Supersede replaces a credential by another one.
func (s *Service) Supersede(ctx context.Context, credentialID, ifMatch string, body *contract.Replacement) (*contract.Credential, error) {
	c, old, err := act(ctx, credentialID, ifMatch, contract.ActionSupersede)
	if err != nil {
		return nil, err
	}
	award := award{learnerID: old.Holder.LearnerID, definitionID: body.DefinitionID, score: old.Score, evidence: old.Evidence, origin: contract.OriginIssued, replaces: old}
	if body.DefinitionID == "" || body.DefinitionID == old.DefinitionID {
		award.definitionID, award.awardedAt = old.DefinitionID, old.AwardedAt
	}
	fresh, err := award.issue(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := old.giveWayTo(ctx, c, fresh, body.Reason); err != nil {
		return nil, err
	}
	return view(c, fresh), nil
}

// giveWayTo ends a credential that another one replaces.
func (k *credential) giveWayTo(ctx context.Context, c *call.Call, fresh *credential, reason string) error {
	k.Status, k.SupersededBy = superseded, fresh.ID
	k.Revocation = contract.End{Code: contract.RevocationCodeReplaced, Reason: reason, At: c.Now}
	if err := setPlaces(ctx, c.Tx, k); err != nil {
		return err
	}
	if err := k.update(ctx, c); err != nil {
		return err
	}
	if err := k.tell(ctx, c, contract.EventSuperseded, map[string]any{"credential_id": fresh.ID}, nil, "/status", "/revocation", "/superseded_by"); err != nil {
		return err
	}
	if fresh.DefinitionID == k.DefinitionID { // the new one counts in its place already
		return nil
	}
	return k.count(ctx, c)
}

// end are the facts of when a credential ends, none when it never does.
func (k *credential) end() map[string]any {
	if k.ValidUntil.IsZero() {
		return nil
	}
	return map[string]any{"expires_at": k.ValidUntil}
}
