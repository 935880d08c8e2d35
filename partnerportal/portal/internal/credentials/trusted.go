package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func decodeTrusted(doc string) (*contract.TrustedIssuer, error) {
	t := new(contract.TrustedIssuer)
	if err := json.Unmarshal([]byte(doc), t); err != nil {
		return nil, fmt.Errorf("a trusted issuer: %w", err)
	}
	return t, nil
}

// trustBundle is what is known of an issuer: nothing, when its badges are not taken. It holds nobody else's keys and lists.
func trustBundle(ctx context.Context, tx *store.Tx, issuer string) (*badge.Bundle, error) {
	t, err := trusted(ctx, tx, issuer)
	if err != nil || t == nil {
		return nil, err
	}
	known, err := contents(t)
	if err != nil {
		return nil, err
	}
	return badge.NewBundle(known)
}

// trusted returns an issuer by what its badges call it, nil when it is not trusted.
func trusted(ctx context.Context, tx *store.Tx, issuer string) (*contract.TrustedIssuer, error) {
	doc, err := tx.TrustedIssuerNamed(ctx, issuer)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeTrusted(doc)
}

// contents is one trusted issuer for a bundle.
func contents(t *contract.TrustedIssuer) (badge.Contents, error) {
	set, err := json.Marshal(t.JWKS)
	if err != nil {
		return badge.Contents{}, err
	}
	known := badge.Issuer{ID: t.Issuer, Name: t.Name, AsOf: t.AsOf}
	if err := json.Unmarshal(set, &known.Keys); err != nil {
		return badge.Contents{}, problem.Invalid("/jwks", "invalid_format", "Give a JSON Web Key Set with the issuer's public keys: "+strings.TrimPrefix(err.Error(), "badge: ")+".")
	}
	all := badge.Contents{Issuers: []badge.Issuer{known}}
	for _, list := range t.StatusLists {
		all.StatusLists = append(all.StatusLists, badge.Snapshot{URL: list.URL, JWT: list.Badge, AsOf: list.AsOf})
	}
	return all, nil
}

// ListTrustedIssuers returns a page of the issuers whose badges are taken.
func (s *Service) ListTrustedIssuers(ctx context.Context, params *contract.ListTrustedIssuersParams) (*contract.TrustedIssuerPage, error) {
	q := store.Query{Table: "trusted_issuers", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	items, next, err := store.List(ctx, call.From(ctx).Tx, q, func(dest func(...any) error) (contract.TrustedIssuer, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.TrustedIssuer{}, err
		}
		t, err := decodeTrusted(doc)
		if err != nil {
			return contract.TrustedIssuer{}, err
		}
		t.StatusLists = nil // a page of them could be hundreds of megabytes
		return *t, nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.TrustedIssuerPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// GetTrustedIssuer returns an issuer that is trusted.
func (s *Service) GetTrustedIssuer(ctx context.Context, trustedIssuerID string) (*contract.TrustedIssuer, error) {
	doc, err := call.From(ctx).Tx.TrustedIssuer(ctx, trustedIssuerID)
	if err != nil {
		return nil, call.OrNotFound(err, "trusted issuer")
	}
	return decodeTrusted(doc)
}

// PutTrustedIssuer trusts an issuer, or brings in its newer keys and status lists. What was imported of it is checked again.
func (s *Service) PutTrustedIssuer(ctx context.Context, trustedIssuerID, ifMatch string, body *contract.TrustedIssuer) (*contract.TrustedIssuer, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "trusted issuers"); err != nil {
		return nil, err
	}
	t := *body
	t.ID, t.Revision, t.CreatedAt, t.UpdatedAt = trustedIssuerID, 0, c.Now, c.Now
	switch before, err := s.GetTrustedIssuer(ctx, trustedIssuerID); {
	case err == nil:
		t.Revision, t.CreatedAt = before.Revision, before.CreatedAt
	case !errors.Is(err, partnerportal.ErrNotFound):
		return nil, err
	}
	if err := problem.Unchanged("The trusted issuer", ifMatch, t.Revision); err != nil {
		return nil, err
	}
	if err := checkTrusted(ctx, c, &t); err != nil {
		return nil, err
	}
	t.Revision++
	doc, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.PutTrustedIssuer(ctx, store.PutTrustedIssuerParams{
		ID: t.ID, Bucket: store.Bucket(t.ID), Issuer: t.Issuer, Revision: t.Revision,
		CreatedAt: store.Micros(t.CreatedAt), UpdatedAt: store.Micros(t.UpdatedAt), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	return &t, recheck(ctx, c, t.Issuer)
}

// checkTrusted holds an issuer against the rules. Keys and lists that verify nothing are refused when they come, and not when somebody needs them.
func checkTrusted(ctx context.Context, c *call.Call, t *contract.TrustedIssuer) error {
	var f problem.Fields
	f.Identifier("/id", t.ID)
	f.Text("/name", t.Name, 200)
	ahead := func(pointer string, at *time.Time) {
		if at.IsZero() {
			*at = c.Now
		}
		if at.After(c.Now) {
			f.Add(pointer, "out_of_range", "Nobody can have read it yet.")
		}
	}
	ahead("/as_of", &t.AsOf)
	for i := range t.StatusLists {
		ahead(fmt.Sprintf("/status_lists/%d/as_of", i), &t.StatusLists[i].AsOf)
	}
	if err := f.Err(); err != nil {
		return err
	}
	known, err := contents(t)
	if err != nil {
		return err
	}
	if len(known.Issuers[0].Keys.Keys) == 0 {
		return problem.Invalid("/jwks", "invalid_value", "None of the keys verifies badges: give public keys of EdDSA, ECDSA or RSA.")
	}
	if _, err := badge.NewBundle(known); err != nil {
		return problem.Invalid("/issuer", "invalid_value", strings.TrimPrefix(err.Error(), "badge: bundle: ")+".")
	}
	other, err := trusted(ctx, c.Tx, t.Issuer)
	if err != nil {
		return err
	}
	if other != nil && other.ID != t.ID {
		return problem.Invalid("/issuer", "duplicate", "The issuer is trusted already, as "+other.ID+".")
	}
	return nil
}

// DeleteTrustedIssuer trusts an issuer no longer.
func (s *Service) DeleteTrustedIssuer(ctx context.Context, trustedIssuerID, ifMatch string) error {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return err
	}
	if err := c.Tx.Lock(ctx, "trusted issuers"); err != nil {
		return err
	}
	t, err := s.GetTrustedIssuer(ctx, trustedIssuerID)
	if err != nil {
		return err
	}
	if err := problem.Unchanged("The trusted issuer", ifMatch, t.Revision); err != nil {
		return err
	}
	return c.Tx.DeleteTrustedIssuer(ctx, t.ID)
}
