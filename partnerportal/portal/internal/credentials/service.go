// Package credentials is the portal's room for credentials: what people can be certified for, who is, and the badges that say so to
// everybody.
//
// What is kept of a badge is what it says (badges.go); it is signed whenever somebody reads it (keys.go), so that a new key needs no work
// and a lost one leaves nothing behind. Whether it was revoked stands in status lists (status.go), which anybody may read, as the keys, the issuer and
// the page that verifies (public.go). What counts for a partner goes over the feed as [feed.HoldingMoved] to the room program, which keeps
// the holdings and draws the conclusions.
package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// What the feed calls the resource.
const credentialResource = "credential"

// Service implements the credentials operations of the contract.
type Service struct {
	blobs    blob.Store
	lists    sync.Map // the address of a status list to the signed list, for as long as it says the same
	pictures sync.Map // the id of a definition to its picture
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that finds the pictures of definitions in blobs.
func New(blobs blob.Store) *Service { return &Service{blobs: blobs} }

// Subscribe lets training lead to credentials, or put them in doubt, and people take theirs along when they leave.
func (s *Service) Subscribe(f *feed.Feed) {
	f.Subscribe("training.completed", s.noteCompleted)
	f.Subscribe("training.voided", noteVoided)
	f.Subscribe("learner.left", noteGone)
	f.Subscribe("learner.returned", noteBack)
}

// credential is a credential as it is stored: with what its badge says.
type credential struct {
	contract.Credential

	badge string
}

// load returns a credential as it is stored.
func load(ctx context.Context, tx *store.Tx, id string) (*credential, error) {
	row, err := tx.Credential(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, credentialResource)
	}
	k := &credential{badge: row.Badge}
	if err := json.Unmarshal([]byte(row.Doc), &k.Credential); err != nil {
		return nil, fmt.Errorf("credential %s: %w", id, err)
	}
	return k, nil
}

// find returns a credential that the caller may see.
func find(ctx context.Context, c *call.Call, id string) (*credential, error) {
	k, err := load(ctx, c.Tx, id)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && k.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound(credentialResource)
	}
	return k, nil
}

// document is a credential as it is stored: without what depends on the reader.
func (k *credential) document() (string, error) {
	stored := k.Credential
	stored.AllowedActions = nil
	doc, err := json.Marshal(stored)
	return string(doc), err
}

// insert stores a new credential.
func (k *credential) insert(ctx context.Context, c *call.Call, origin string) error {
	k.Revision, k.CreatedAt, k.UpdatedAt = 1, c.Now, c.Now
	doc, err := k.document()
	if err != nil {
		return err
	}
	if err := c.Tx.InsertCredential(ctx, store.InsertCredentialParams{
		ID: k.ID, Bucket: store.Bucket(k.ID), PartnerID: k.PartnerID, DefinitionID: k.DefinitionID, LearnerID: k.Holder.LearnerID,
		Status: string(k.Status), Issuer: k.ForeignIssuer.ID, Origin: origin, ValidUntil: store.Micros(k.ValidUntil), Revision: k.Revision,
		CreatedAt: store.Micros(k.CreatedAt), UpdatedAt: store.Micros(k.UpdatedAt), Doc: doc, Badge: k.badge,
	}); err != nil {
		return err
	}
	return k.settle(ctx, c)
}

// update stores a credential as its next revision.
func (k *credential) update(ctx context.Context, c *call.Call) error {
	read := k.Revision
	k.Revision, k.UpdatedAt = read+1, c.Now
	doc, err := k.document()
	if err != nil {
		return err
	}
	if err := store.Changed(c.Tx.UpdateCredential(ctx, store.UpdateCredentialParams{
		ID: k.ID, Revision: read, Status: string(k.Status), ValidUntil: store.Micros(k.ValidUntil), UpdatedAt: store.Micros(k.UpdatedAt), Doc: doc, Badge: k.badge,
	})); err != nil {
		return err
	}
	return k.settle(ctx, c)
}

// tell tells the partner and the vendor what happened to a credential.
func (k *credential) tell(ctx context.Context, c *call.Call, event string, facts map[string]any, payload any, changed ...string) error {
	said := map[string]any{"definition_id": k.DefinitionID, "learner_id": k.Holder.LearnerID}
	maps.Copy(said, facts)
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: credentialResource, ResourceID: k.ID, Revision: k.Revision, PartnerID: k.PartnerID, Audience: feed.Both,
		Facts: said, Payload: payload, ChangedFields: changed, State: string(k.Status),
	})
}

// change stores a credential in another state, and tells of it.
func (k *credential) change(ctx context.Context, c *call.Call, event string, facts map[string]any, changed ...string) error {
	if err := k.update(ctx, c); err != nil {
		return err
	}
	return k.tell(ctx, c, event, facts, nil, changed...)
}

// save is change, and lets the credential count as it does now.
func (k *credential) save(ctx context.Context, c *call.Call, event string, facts map[string]any, changed ...string) error {
	if err := k.change(ctx, c, event, facts, changed...); err != nil {
		return err
	}
	return k.count(ctx, c)
}

// view is a credential as the caller sees it.
func view(c *call.Call, k *credential) *contract.Credential {
	seen := k.Credential
	if k.over(c.Now) { // its deadline is late
		seen.Status = expired
	}
	seen.AllowedActions = allowed(c.Caller, &seen, c.Now)
	return &seen
}

// ruling refuses a blank reason.
func ruling(reason string) error {
	var f problem.Fields
	f.Text("/reason", reason, 2000)
	return f.Err()
}

// Get returns a credential.
func (s *Service) Get(ctx context.Context, credentialID string) (*contract.Credential, error) {
	c := call.From(ctx)
	k, err := find(ctx, c, credentialID)
	if err != nil {
		return nil, err
	}
	return view(c, k), nil
}
