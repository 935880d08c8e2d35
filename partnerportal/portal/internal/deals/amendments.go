package deals

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// amendable are the fields that change by an amendment. The others a partner changes itself, or nobody does.
var amendable = []string{"/amount", "/amount_basis", "/billing_frequency", "/business_problem", "/competitors", "/custom", "/customer",
	"/expected_close_on", "/name", "/parties", "/products", "/recurring_amount", "/route", "/solution_area", "/territory", "/type", "/vendor_needs", "/visibility"}

// The kinds of amendments.
const (
	amendsTerms       = "terms"
	amendsScope       = "scope_changed"
	amendsDistributor = "distributor_changed"
)

// RequestAmendment proposes a change to an approved deal.
func (s *Service) RequestAmendment(ctx context.Context, dealID string, body *contract.AmendmentRequest) (*contract.Amendment, error) {
	c, d, err := s.act(ctx, dealID, "", contract.ActionRequestAmendment)
	if err != nil {
		return nil, err
	}
	if d.PendingAmendment != "" {
		return nil, problem.New(http.StatusConflict, contract.ErrAmendmentPending, "An amendment is waiting for its decision.")
	}
	var f faults
	if body.Reason == "" {
		f.add("/reason", "required", "Say why.")
	}
	if len(body.Changes) == 0 {
		f.add("/changes", "required", "Name the fields to change.")
	}
	for i, change := range body.Changes {
		if !covered(change.Pointer, amendable) || !isField(change.Pointer) {
			f.add(pointer("changes", i, "pointer"), "not_permitted", "This field is not changed by an amendment.")
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	amended, err := d.amended(body.Changes)
	if err != nil {
		return nil, err
	}
	if err := s.checkAmended(ctx, c, d, amended, body.Changes); err != nil {
		return nil, err
	}
	a := &contract.Amendment{ID: ids.New(ids.Amendment, c.Now), DealID: d.ID, Revision: 1, Status: contract.RequestStatusPending,
		Changes: body.Changes, Kind: amendmentKind(&d.Deal, amended), Reason: body.Reason, CreatedAt: c.Now}
	d.PendingAmendment = a.ID
	d.tell(contract.EventAmendmentRequested, map[string]any{"amendment_id": a.ID, "kind": a.Kind}, "/amendments")
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return a, addPart(ctx, c, d.ID, part{id: a.ID, kind: partAmendment, status: string(a.Status), createdAt: c.Now}, a)
}

// amended is the deal with the changes, if each of them starts from what the field is now. Values are compared as the model
// reads them: 125000 and 125000.00 are one amount.
func (d *dossier) amended(changes []contract.AmendmentChange) (*contract.Deal, error) {
	after := d.Deal
	for i, change := range changes {
		before := registrationOf(&after)
		from, err := withValue(before, change.Pointer, change.From)
		if err != nil || !sameRegistration(before, from) {
			return nil, stale(i)
		}
		to, err := withValue(before, change.Pointer, change.To)
		if err != nil {
			return nil, invalid(problem.Field(pointer("changes", i, "to"), "invalid_format", "The field does not take this value."))
		}
		apply(&after, to)
	}
	return &after, nil
}

func stale(i int) error {
	e := problem.New(http.StatusPreconditionFailed, contract.ErrAmendmentStale, "A field is not what the amendment says it is. Read the deal again.")
	e.Fields = []partnerportal.FieldError{problem.Field(pointer("changes", i, "from"), "invalid_value", "The field has another value now.")}
	return e
}

func withValue(r contract.Registration, at string, value any) (contract.Registration, error) {
	t, err := call.Tree(r)
	if err != nil {
		return r, err
	}
	plain, err := jsonOf(value)
	if err != nil {
		return r, err
	}
	if _, err := put(t, strings.Split(strings.TrimPrefix(at, "/"), "/"), plain); err != nil {
		return r, err
	}
	return registrationFrom(t)
}

func sameRegistration(a, b contract.Registration) bool {
	left, err1 := json.Marshal(a)
	right, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(left, right)
}

// checkAmended holds an amended deal to the rules of a submission, as far as what changes is concerned.
func (s *Service) checkAmended(ctx context.Context, c *call.Call, d *dossier, amended *contract.Deal, changes []contract.AmendmentChange) error {
	var all, f faults
	all.checkSubmission(amended, d.program, d.program.Today(c.Now))
	for _, fault := range all.fields {
		for i, change := range changes {
			if covered(fault.Pointer, []string{change.Pointer}) {
				f.add(pointer("changes", i, "to"), fault.Code, fault.Message)
			}
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	partner, err := directory.LoadPartner(ctx, c.Tx, d.PartnerID)
	if err != nil {
		return err
	}
	return authorised(amended, partner)
}

func amendmentKind(before, after *contract.Deal) string {
	switch {
	case !reflect.DeepEqual(claimOf(before), claimOf(after)):
		return amendsScope
	case !slices.Equal(distributors(before.Parties), distributors(after.Parties)):
		return amendsDistributor
	}
	return amendsTerms
}

// distributors lists who distributes.
func distributors(parties []partnerportal.Party) []string {
	names := []string{}
	for _, p := range parties {
		if p.Role == partnerportal.PartyRoleDistributor {
			names = append(names, firstOf(p.PartnerID, p.Organization.Domain, p.Organization.Name))
		}
	}
	slices.Sort(names)
	return names
}

// ApproveAmendment carries an amendment out.
func (s *Service) ApproveAmendment(ctx context.Context, dealID, amendmentID string, body *contract.AmendmentApproval) (*contract.Amendment, error) {
	c, d, a, err := s.pendingAmendment(ctx, dealID, amendmentID, byVendor)
	if err != nil {
		return nil, err
	}
	amended, err := d.amended(a.Changes)
	if err != nil {
		return nil, err
	}
	former := d.Claim
	d.Deal = *amended
	d.Claim = claimOf(&d.Deal)
	if err := s.widen(ctx, c, d, former, body.OverrideReason); err != nil {
		return nil, err
	}
	d.protectClaim()
	changed := []string{}
	for _, change := range a.Changes {
		changed = append(changed, change.Pointer)
	}
	unstamp(&d.Deal, changed...)
	d.tell(contract.EventAmendmentApproved, map[string]any{"amendment_id": a.ID, "kind": a.Kind}, changed...)
	decided, err := s.decideAmendment(ctx, c, d, a, contract.RequestStatusApproved, body.Comment)
	if err != nil || reflect.DeepEqual(d.Claim, former) {
		return decided, err
	}
	return decided, s.makeRoom(ctx, c, d)
}

// widen checks what an approved deal meets in a claim that goes beyond the former one.
func (s *Service) widen(ctx context.Context, c *call.Call, d *dossier, former claim, override string) error {
	if reflect.DeepEqual(d.Claim, former) {
		return nil
	}
	found, err := d.survey(ctx, c, d.Claim, former)
	if err != nil {
		return err
	}
	var block []rival
	for _, r := range found {
		if r.deal != nil && r.strong() && r.deal.exclusive(c.Now) && d.Protection.Exclusivity == contract.ExclusivityExclusive {
			return problem.New(http.StatusConflict, contract.ErrProtectionTaken, "Another deal is protected for this customer and an overlapping scope.")
		}
		if v := d.judge(r, nil, c); (v == blocking || v == own) && !d.metBefore(r, former) {
			block = append(block, r)
		}
	}
	if len(block) > 0 && override == "" {
		return conflictBlocked(c, d, block)
	}
	return nil
}

// metBefore says that the deal overlapped with the rival before it was amended.
func (d *dossier) metBefore(r rival, former claim) bool {
	if r.deal != nil {
		return clash(d.program.Deal, former, d.PartnerID, r.deal.Claim, r.deal.PartnerID)
	}
	return match.Covers(former.scope(), d.Claim.scope(), d.program.Deal.OverlapScope) && former.customerKey(d.PartnerID) == d.Claim.customerKey(d.PartnerID)
}

// RejectAmendment refuses it.
func (s *Service) RejectAmendment(ctx context.Context, dealID, amendmentID string, body *contract.Decision) (*contract.Amendment, error) {
	c, d, a, err := s.pendingAmendment(ctx, dealID, amendmentID, byVendor)
	if err != nil {
		return nil, err
	}
	d.tell(contract.EventAmendmentRejected, map[string]any{"amendment_id": a.ID}, "/amendments")
	return s.decideAmendment(ctx, c, d, a, contract.RequestStatusRejected, body.Reason)
}

// WithdrawAmendment takes it back.
func (s *Service) WithdrawAmendment(ctx context.Context, dealID, amendmentID string) (*contract.Amendment, error) {
	c, d, a, err := s.pendingAmendment(ctx, dealID, amendmentID, byPartner)
	if err != nil {
		return nil, err
	}
	d.tell(contract.EventUpdated, map[string]any{"amendment_id": a.ID}, "/amendments")
	return s.decideAmendment(ctx, c, d, a, contract.RequestStatusWithdrawn, "")
}

func (s *Service) pendingAmendment(ctx context.Context, dealID, amendmentID string, by sides) (*call.Call, *dossier, *contract.Amendment, error) {
	c := call.From(ctx)
	d, err := s.open(ctx, c, dealID, "")
	if err != nil {
		return nil, nil, nil, err
	}
	a, err := readPart[contract.Amendment](ctx, c, d.ID, partAmendment, amendmentID)
	if err != nil {
		return nil, nil, nil, err
	}
	if sideOf(c.Caller) != by {
		return nil, nil, nil, problem.WrongSide(c.Caller.Side)
	}
	if a.Status != contract.RequestStatusPending {
		return nil, nil, nil, requestState(partAmendment, a.Status)
	}
	return c, d, a, nil
}

func (s *Service) decideAmendment(ctx context.Context, c *call.Call, d *dossier, a *contract.Amendment, status contract.RequestStatus, text string) (*contract.Amendment, error) {
	d.PendingAmendment = ""
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := closeAmendment(ctx, c, a, status, text); err != nil {
		return nil, err
	}
	return amendmentView(c, a), nil
}

func closeAmendment(ctx context.Context, c *call.Call, a *contract.Amendment, status contract.RequestStatus, text string) error {
	a.Revision++
	a.Status, a.DecidedAt, a.DecidedBy, a.DecisionText = status, c.Now, c.Caller.Actor(), text
	return changePart(ctx, c, a.ID, a.Revision, status, a)
}

// put sets the value at a JSON pointer (RFC 6901), and removes what is there when it is null. It returns what the node becomes.
func put(node any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch at := node.(type) {
	case nil:
		return put(map[string]any{}, path, value)
	case map[string]any:
		below, err := put(at[name], path[1:], value)
		if err != nil {
			return nil, err
		}
		if at[name] = below; below == nil {
			delete(at, name)
		}
		return at, nil
	case []any:
		i, err := index(name, len(at), len(path) == 1)
		if err != nil {
			return nil, err
		}
		if i == len(at) {
			at = append(at, nil)
		}
		if at[i], err = put(at[i], path[1:], value); err != nil {
			return nil, err
		}
		if at[i] == nil {
			return slices.Delete(at, i, i+1), nil
		}
		return at, nil
	}
	return nil, fmt.Errorf("nothing lies below %q", name)
}

// index reads a place in a list; "-" is the one behind its end.
func index(name string, length int, last bool) (int, error) {
	if name == "-" && last {
		return length, nil
	}
	var i int
	if err := json.Unmarshal([]byte(name), &i); err != nil || i < 0 || i >= length {
		return 0, fmt.Errorf("%q is no place in the list", name)
	}
	return i, nil
}
