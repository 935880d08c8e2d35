package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// definition returns a definition, or [store.ErrNotFound].
func definition(ctx context.Context, tx *store.Tx, id string) (*contract.Definition, error) {
	doc, err := tx.CredentialDefinition(ctx, id)
	if err != nil {
		return nil, err
	}
	return decodeDefinition(doc)
}

func decodeDefinition(doc string) (*contract.Definition, error) {
	d := new(contract.Definition)
	if err := json.Unmarshal([]byte(doc), d); err != nil {
		return nil, fmt.Errorf("a credential definition: %w", err)
	}
	return d, nil
}

// shown is a definition as the caller sees it.
func shown(c *call.Call, d *contract.Definition) *contract.Definition {
	d.AllowedActions = []contract.DefinitionAction{}
	if c.Caller.Vendor() && c.Caller.May("credentials:review") {
		d.AllowedActions = append(d.AllowedActions, contract.DefinitionActionUpdate)
		if inForce(d) == nil {
			d.AllowedActions = append(d.AllowedActions, contract.DefinitionActionIssue)
		}
	}
	return d
}

// ListDefinitions returns a page of definitions.
func (s *Service) ListDefinitions(ctx context.Context, params *contract.ListDefinitionsParams) (*contract.DefinitionPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "credential_definitions", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "status", params.Status)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Definition, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Definition{}, err
		}
		d, err := decodeDefinition(doc)
		if err != nil {
			return contract.Definition{}, err
		}
		return *shown(c, d), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.DefinitionPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// GetDefinition returns a definition.
func (s *Service) GetDefinition(ctx context.Context, definitionID string) (*contract.Definition, error) {
	c := call.From(ctx)
	d, err := definition(ctx, c.Tx, definitionID)
	if err != nil {
		return nil, call.OrNotFound(err, "definition")
	}
	return shown(c, d), nil
}

// PutDefinition creates a definition, or replaces what it says.
func (s *Service) PutDefinition(ctx context.Context, definitionID, ifMatch string, body *contract.Definition) (*contract.Definition, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "credential definition "+definitionID); err != nil {
		return nil, err
	}
	d := *body
	d.ID, d.Revision, d.CreatedAt, d.UpdatedAt, d.AllowedActions = definitionID, 0, c.Now, c.Now, nil
	before, err := definition(ctx, c.Tx, definitionID)
	switch {
	case err == nil:
		d.Revision, d.CreatedAt = before.Revision, before.CreatedAt
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	default:
		before = new(contract.Definition)
	}
	if err := problem.Unchanged("The definition", ifMatch, d.Revision); err != nil {
		return nil, err
	}
	if err := checkDefinition(&d); err != nil {
		return nil, err
	}
	if err := s.changePicture(ctx, c, before, &d); err != nil {
		return nil, err
	}
	d.Revision++
	doc, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.PutCredentialDefinition(ctx, store.PutCredentialDefinitionParams{
		ID: d.ID, Bucket: store.Bucket(d.ID), Status: string(d.Status), Revision: d.Revision,
		CreatedAt: store.Micros(d.CreatedAt), UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	return shown(c, &d), nil
}

// checkDefinition completes a definition, and holds it against the rules.
func checkDefinition(d *contract.Definition) error {
	var f problem.Fields
	if d.Status == "" {
		d.Status = contract.DefinitionStatusActive
	}
	if d.AchievementType == "" {
		d.AchievementType = contract.AchievementTypeCertification
	}
	f.Identifier("/id", d.ID)
	f.Text("/name", d.Name, 120)
	f.Text("/description", d.Description, 4000)
	f.Text("/criteria/narrative", d.Criteria.Narrative, 10000)
	checkURL(&f, "/criteria/url", d.Criteria.URL)
	for i, a := range d.Alignment {
		at := fmt.Sprintf("/alignment/%d", i)
		f.Text(at+"/target_name", a.TargetName, 200)
		checkURL(&f, at+"/target_url", a.TargetURL)
	}
	if d.AutoIssue && len(d.CourseIDs)+len(d.PathIDs) == 0 {
		f.Add("/auto_issue", "not_permitted", "Name the courses or paths that lead to it.")
	}
	checkDistinct(&f, "/course_ids", d.CourseIDs)
	checkDistinct(&f, "/path_ids", d.PathIDs)
	checkRenewal(&f, d)
	return f.Err()
}

func checkRenewal(f *problem.Fields, d *contract.Definition) {
	r := d.Renewal
	if r.Method == "" {
		return
	}
	if d.ValidityMonths == 0 {
		f.Add("/renewal", "not_permitted", "What lasts for ever is not renewed. Say how long it is valid.")
		return
	}
	if r.WindowDays > d.ValidityMonths*28 {
		f.Add("/renewal/window_days", "out_of_range", "The window cannot be longer than the credential is valid.")
	}
	for i, days := range r.NoticeDays {
		if slices.Contains(r.NoticeDays[:i], days) {
			f.Add(fmt.Sprintf("/renewal/notice_days/%d", i), "duplicate", "Give each number once.")
		}
	}
}

func checkDistinct(f *problem.Fields, pointer string, values []string) {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			f.Add(fmt.Sprintf("%s/%d", pointer, i), "duplicate", "Name each once.")
		}
	}
}

// checkURL wants an address on the web, or none.
func checkURL(f *problem.Fields, pointer, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(text, " \t\r\n") {
		f.Add(pointer, "invalid_format", "Give an absolute address that begins with https://.")
	}
}
