package deals

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// What hangs on a deal.
const (
	partExtension  = "extension"
	partAmendment  = "amendment"
	partAttachment = "attachment"
	partNote       = "note"
)

// bothSides marks a part that everybody sees who sees the deal; others name the side.
const bothSides = "both"

// part is one of those, with the columns it is found by.
type part struct {
	id, kind, status, side string
	createdAt              time.Time
}

func addPart(ctx context.Context, c *call.Call, dealID string, p part, doc any) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return c.Tx.InsertPart(ctx, store.InsertPartParams{
		ID: p.id, DealID: dealID, Kind: p.kind, Status: p.status, Bucket: store.Bucket(p.id), Side: firstOf(p.side, bothSides), Revision: 1,
		CreatedAt: store.Micros(p.createdAt), Doc: string(data),
	})
}

// readPart reads a part of a deal that the caller may know of.
func readPart[T any](ctx context.Context, c *call.Call, dealID, kind, id string) (*T, error) {
	doc, err := c.Tx.Part(ctx, store.PartParams{ID: id, DealID: dealID, Kind: kind})
	if err != nil {
		return nil, call.OrNotFound(err, kind)
	}
	v := new(T)
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return v, nil
}

func changePart(ctx context.Context, c *call.Call, id string, revision int64, status contract.RequestStatus, doc any) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return store.Changed(c.Tx.UpdatePart(ctx, store.UpdatePartParams{ID: id, Revision: revision - 1, Status: string(status), Doc: string(data)}))
}

// Attach notes a document that is kept elsewhere.
func (s *Service) Attach(ctx context.Context, dealID string, body *contract.NewAttachment) (*contract.Attachment, error) {
	c := call.From(ctx)
	r, err := read(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	if body.FileName == "" {
		return nil, invalid(problem.Field("/file_name", "required", "Give the file's name."))
	}
	a, err := attach(ctx, c, r.ID, *body)
	if err != nil {
		return nil, err
	}
	return a, mention(ctx, c, r, feed.Both, "/attachments")
}

func attach(ctx context.Context, c *call.Call, dealID string, body contract.NewAttachment) (*contract.Attachment, error) {
	a := &contract.Attachment{
		ID: ids.New(ids.Attachment, c.Now), Kind: body.Kind, FileName: body.FileName, MediaType: body.MediaType, SizeBytes: body.SizeBytes,
		SHA256: body.SHA256, URL: body.URL, Description: body.Description, CreatedAt: c.Now, CreatedBy: c.Caller.Actor(),
	}
	return a, addPart(ctx, c, dealID, part{id: a.ID, kind: partAttachment, createdAt: c.Now}, a)
}

// mention tells of something that hangs on a deal and leaves the deal itself as it is.
func mention(ctx context.Context, c *call.Call, r *record, audience feed.Audience, what string) error {
	return c.Emit(ctx, feed.Event{
		Type: contract.EventUpdated, ResourceType: resource, ResourceID: r.ID, Revision: r.Revision, PartnerID: r.PartnerID, Audience: audience,
		Facts: map[string]any{"number": r.Number, "part": what}, ChangedFields: []string{what}, State: string(r.Status),
	})
}

// keepEvidence keeps what a partner brings up with an appeal or a win: documents as attachments, words as notes.
func keepEvidence(ctx context.Context, c *call.Call, d *dossier, text string, pieces []contract.NewEvidence) error {
	const longest = 1000 // characters that the description of an attachment takes
	texts := []string{text}
	for _, e := range pieces {
		if e.Ref != "" {
			if _, err := attach(ctx, c, d.ID, contract.NewAttachment{Kind: contract.AttachmentKindEvidence, FileName: string(e.Kind), URL: e.Ref, Description: clip(e.Text, longest)}); err != nil {
				return err
			}
		}
		if e.Ref == "" || len([]rune(e.Text)) > longest {
			texts = append(texts, e.Text)
		}
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		if _, err := note(ctx, c, d.ID, partnerportal.NewNote{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// Detach removes an attachment of a deal that may still be changed.
func (s *Service) Detach(ctx context.Context, dealID, attachmentID string) error {
	c := call.From(ctx)
	r, err := read(ctx, c, dealID)
	if err != nil {
		return err
	}
	attached, err := readPart[contract.Attachment](ctx, c, r.ID, partAttachment, attachmentID)
	if err != nil {
		return err
	}
	if attached.CreatedBy.Side != c.Caller.Side {
		return problem.New(http.StatusForbidden, "forbidden", "Only the side that attached a document removes it.")
	}
	if _, ok := next(r.Status, contract.ActionUpdate); !ok {
		return invalidState(c, r, contract.ActionUpdate)
	}
	if err := store.Changed(c.Tx.DeletePart(ctx, store.DeletePartParams{ID: attachmentID, DealID: r.ID, Kind: partAttachment})); err != nil {
		return err
	}
	return mention(ctx, c, r, feed.Both, "/attachments")
}

// AddNote adds a note. An internal one stays on the side that wrote it.
func (s *Service) AddNote(ctx context.Context, dealID string, body *partnerportal.NewNote) (*partnerportal.Note, error) {
	c := call.From(ctx)
	r, err := read(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	if body.Text == "" {
		return nil, invalid(problem.Field("/text", "required", "Write something."))
	}
	n, err := note(ctx, c, r.ID, *body)
	if err != nil {
		return nil, err
	}
	audience := feed.Both
	if n.Internal {
		audience = feed.Audience(c.Caller.Side)
	}
	return n, mention(ctx, c, r, audience, "/notes")
}

func note(ctx context.Context, c *call.Call, dealID string, body partnerportal.NewNote) (*partnerportal.Note, error) {
	n := &partnerportal.Note{ID: ids.New(ids.Note, c.Now), Text: body.Text, Internal: body.Internal, Author: c.Caller.Actor(), CreatedAt: c.Now}
	side := bothSides
	if n.Internal {
		side = string(c.Caller.Side)
	}
	return n, addPart(ctx, c, dealID, part{id: n.ID, kind: partNote, side: side, createdAt: c.Now}, n)
}
