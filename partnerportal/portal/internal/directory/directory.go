// Package directory keeps the vendor's programmes and partners in the store: every room reads them, the administration writes them.
package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Load returns a programme; "" is the default one.
func Load(ctx context.Context, tx *store.Tx, id string) (*policy.Program, error) {
	if id == "" {
		id = policy.DefaultID
	}
	doc, err := tx.Program(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation, Detail: "There is no such programme.",
			Fields: []partnerportal.FieldError{{Pointer: "/program_id", Code: "invalid_value", Message: "Name one of the vendor's programmes, or leave it out."}}}
	}
	if err != nil {
		return nil, err
	}
	p := new(policy.Program)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("programme %s: %w", id, err)
	}
	return p, nil
}

// LoadPartner returns a partner, or [store.ErrNotFound].
func LoadPartner(ctx context.Context, tx *store.Tx, id string) (*policy.Partner, error) {
	doc, err := tx.Partner(ctx, id)
	if err != nil {
		return nil, err
	}
	p := new(policy.Partner)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("partner %s: %w", id, err)
	}
	return p, nil
}

// Partners returns all partners, the oldest first.
func Partners(ctx context.Context, tx *store.Tx) ([]policy.Partner, error) {
	docs, err := tx.Partners(ctx)
	if err != nil {
		return nil, err
	}
	partners := make([]policy.Partner, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal([]byte(doc), &partners[i]); err != nil {
			return nil, fmt.Errorf("partners: %w", err)
		}
	}
	return partners, nil
}

// Put stores a programme.
func Put(ctx context.Context, tx *store.Tx, p *policy.Program) error {
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return tx.PutProgram(ctx, store.PutProgramParams{ID: p.ID, Doc: string(doc)})
}
