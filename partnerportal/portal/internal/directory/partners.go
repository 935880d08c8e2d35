package directory

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// refType is the kind under which partners' external references are kept.
const refType = "partner"

// vendor is whose references they are; see [call.Caller.Owner].
const vendor = "vendor"

// CreatePartner stores a partner that was checked, under an id that is free.
func CreatePartner(ctx context.Context, tx *store.Tx, p *policy.Partner, now time.Time) error {
	if err := hasProgram(ctx, tx, p.ProgramID); err != nil {
		return err
	}
	switch _, err := tx.Partner(ctx, p.ID); {
	case err == nil:
		return problem.Invalid("/id", "duplicate_key", "There is a partner with this id already.")
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	p.Revision, p.CreatedAt, p.UpdatedAt = 1, now, now
	doc, err := encode(p)
	if err != nil {
		return err
	}
	if err := tx.InsertPartner(ctx, store.InsertPartnerParams{
		ID: p.ID, Bucket: store.Bucket(p.ID), Status: string(p.Status), ProgramID: p.ProgramID,
		CreatedAt: store.Micros(now), UpdatedAt: store.Micros(now), Doc: doc,
	}); err != nil {
		return err
	}
	return index(ctx, tx, nil, p)
}

// SavePartner replaces what is said of a partner, as its next revision.
func SavePartner(ctx context.Context, tx *store.Tx, before, p *policy.Partner, now time.Time) error {
	if err := hasProgram(ctx, tx, p.ProgramID); err != nil {
		return err
	}
	p.Revision, p.CreatedAt, p.UpdatedAt = before.Revision+1, before.CreatedAt, now
	if err := writePartner(ctx, tx, p); err != nil {
		return err
	}
	return index(ctx, tx, before, p)
}

func writePartner(ctx context.Context, tx *store.Tx, p *policy.Partner) error {
	doc, err := encode(p)
	if err != nil {
		return err
	}
	return store.Changed(tx.UpdatePartner(ctx, store.UpdatePartnerParams{
		ID: p.ID, Status: string(p.Status), ProgramID: p.ProgramID, UpdatedAt: store.Micros(p.UpdatedAt), Doc: doc,
	}))
}

// encode leaves out what depends on the reader.
func encode(p *policy.Partner) (string, error) {
	kept := *p
	kept.AllowedActions = nil
	doc, err := json.Marshal(&kept)
	return string(doc), err
}

// index makes a partner be found by its domains and references.
func index(ctx context.Context, tx *store.Tx, before, p *policy.Partner) error {
	if before == nil {
		before = new(policy.Partner)
	}
	if !slices.Equal(before.Domains, p.Domains) {
		if err := tx.DropPartnerDomains(ctx, p.ID); err != nil {
			return err
		}
		for _, domain := range p.Domains {
			if err := tx.PutPartnerDomain(ctx, store.PutPartnerDomainParams{Domain: domain, PartnerID: p.ID}); err != nil {
				return err
			}
		}
	}
	if slices.Equal(before.ExternalRefs, p.ExternalRefs) {
		return nil
	}
	if err := tx.DropRefs(ctx, store.DropRefsParams{ResourceID: p.ID, Owner: vendor}); err != nil {
		return err
	}
	for i, ref := range p.ExternalRefs {
		if slices.ContainsFunc(p.ExternalRefs[:i], func(r partnerportal.ExternalRef) bool { return r.System == ref.System && r.ID == ref.ID }) {
			return problem.Invalid("/external_refs", "duplicate_key", "Give each reference once.")
		}
		existing, err := tx.Ref(ctx, store.RefParams{Owner: vendor, ResourceType: refType, System: ref.System, RefID: ref.ID})
		if err == nil {
			return taken(program.ErrDuplicateRef, existing, "Another partner has this external reference already.")
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := tx.InsertRef(ctx, store.InsertRefParams{
			Owner: vendor, ResourceType: refType, System: ref.System, RefID: ref.ID, ResourceID: p.ID,
		}); err != nil {
			return err
		}
	}
	return nil
}

// OwnDomains refuses a partner whose domain is another's.
func OwnDomains(ctx context.Context, tx *store.Tx, p *policy.Partner) error {
	for _, domain := range p.Domains {
		holders, err := tx.PartnersOfDomain(ctx, domain)
		if err != nil {
			return err
		}
		for _, holder := range holders {
			over := holder.Status == string(program.PartnerStatusTerminated) || holder.Status == string(program.PartnerStatusRejected)
			if holder.ID != p.ID && !over {
				return taken(program.ErrDuplicatePartner, holder.ID, "The partner that has the domain "+domain+" is there already.")
			}
		}
	}
	return nil
}

func taken(code partnerportal.ErrorCode, existingID, detail string) error {
	return problem.With(problem.New(http.StatusConflict, code, detail), "existing_id", existingID)
}

func hasProgram(ctx context.Context, tx *store.Tx, id string) error {
	_, err := Load(ctx, tx, id)
	return err
}
