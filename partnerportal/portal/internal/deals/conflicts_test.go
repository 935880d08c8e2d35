package deals_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func TestFirstRegistrationBlocksTheSecond(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	first, err := one.register(gtx())
	require.NoError(t, err)

	_, err = one.register(gtx())
	require.ErrorIs(t, err, contract.ErrOwnDuplicate)
	assert.Equal(t, first.ID, contract.ExistingID(err))

	_, err = two.register(gtx(func(r *contract.Registration) {
		r.Customer = partnerportal.Organization{Name: "ACME Inc.", Country: "US", Website: "https://acme.com/about"}
	}))
	require.ErrorIs(t, err, contract.ErrConflict)
	assert.Equal(t, []contract.Match{{
		MatchedOn: []contract.MatchKind{contract.MatchKindExactDomain, contract.MatchKindNameCountry}, Score: "1", ScopeOverlap: contract.ScopeOverlapFull,
		Holder: contract.HolderOtherPartner, Options: []contract.WayOut{contract.WayOutJoinAsServices},
	}}, contract.MatchesOf(err))

	_, err = two.register(gtx(families("GTX", "MG")))
	require.ErrorIs(t, err, contract.ErrConflict)
	assert.Contains(t, contract.MatchesOf(err)[0].Options, contract.WayOutNarrowScope)
	narrowed, err := two.register(gtx(families("MG")))
	require.NoError(t, err, "the way out works")
	assert.Zero(t, narrowed.Conflicts)
	services, err := two.register(gtx(func(r *contract.Registration) { r.Type = contract.TypeServices }))
	require.NoError(t, err, "and so does the other one")
	assert.Equal(t, 1, services.Conflicts.Open)
	assert.Zero(t, services.Conflicts.Blocking)
	_, err = r.vendor().approve(first.ID, contract.Approval{})
	require.NoError(t, err)
	services, err = r.vendor().approve(services.ID, contract.Approval{})
	require.NoError(t, err)
	assert.Equal(t, contract.ExclusivityShared, services.Protection.Exclusivity)
}

func TestReviewedConflict(t *testing.T) {
	t.Parallel()
	r := roomFor(t, allowReview)
	one, two, vendor := r.partner(t, "par_one"), r.partner(t, "par_two"), r.vendor()
	first, err := one.register(gtx())
	require.NoError(t, err)
	second, err := two.register(gtx())
	require.NoError(t, err)
	assert.Equal(t, 1, second.Conflicts.Blocking)
	assert.Equal(t, []string{"deal.created", "deal.submitted", "deal.conflict_opened"}, r.events(t, partnerportal.SidePartner, second.ID, "par_two"))

	_, err = vendor.approve(second.ID, contract.Approval{})
	require.ErrorIs(t, err, contract.ErrConflictUnresolved)
	first, err = vendor.approve(first.ID, contract.Approval{})
	require.NoError(t, err)
	assert.Equal(t, contract.ExclusivityExclusive, first.Protection.Exclusivity)
	_, err = vendor.approve(second.ID, contract.Approval{OverrideReason: "They asked."})
	require.ErrorIs(t, err, contract.ErrProtectionTaken, "an override does not break a protection")
	again, err := two.get(second.ID)
	require.NoError(t, err)
	assert.Equal(t, second.Revision, again.Revision, "a refused approval changes nothing")

	all, err := vendor.conflicts(second.ID)
	require.NoError(t, err)
	assert.Equal(t, first.ID, all[0].Against.DealID)
	assert.Equal(t, []string{"dismiss", "uphold", "share", "escalate", "add_evidence"}, all[0].AllowedActions)
	rule := func(operation func(context.Context, string, string, *contract.ConflictRuling) (*contract.Conflict, error), body contract.ConflictRuling) (*contract.Conflict, error) {
		return ask(vendor, func(ctx context.Context) (*contract.Conflict, error) { return operation(ctx, all[0].ID, "", &body) })
	}
	_, err = rule(r.ShareConflict, contract.ConflictRuling{Rationale: "Both.", Shares: []contract.Share{{DealID: first.ID, Percent: "60"}, {DealID: second.ID, Percent: "40.01"}}})
	assert.Equal(t, "/shares", problem(t, err).Fields[0].Pointer)
	_, err = rule(r.EscalateConflict, contract.ConflictRuling{Rationale: "Too big for me."})
	require.NoError(t, err)
	shared, err := rule(r.ShareConflict, contract.ConflictRuling{Rationale: "Both.", Shares: []contract.Share{{DealID: first.ID, Percent: "60"}, {DealID: second.ID, Percent: "40"}}})
	require.NoError(t, err)
	assert.Equal(t, contract.ConflictStatusShared, shared.Status)
	_, err = rule(r.DismissConflict, contract.ConflictRuling{Rationale: "No."})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	assert.Equal(t, "shared", problem(t, err).CurrentState)

	second, err = vendor.approve(second.ID, contract.Approval{})
	require.NoError(t, err)
	assert.Equal(t, contract.ExclusivityShared, second.Protection.Exclusivity)
	first, err = one.get(first.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.ExclusivityShared, first.Protection.Exclusivity)
	mine, err := two.conflicts(second.ID)
	require.NoError(t, err)
	assert.Equal(t, []contract.Share{{DealID: second.ID, Percent: "40"}}, mine[0].Decision.Shares)
	assert.Equal(t, "Vendor", mine[0].Decision.DecidedBy.Name)
}

// What was shared with somebody who has gone is not shared any more.
func TestASharedCustomerIsFreeWhenTheOtherHasGone(t *testing.T) {
	t.Parallel()
	r := roomFor(t, allowReview)
	one, two, vendor := r.partner(t, "par_one"), r.partner(t, "par_two"), r.vendor()
	first, err := one.register(gtx())
	require.NoError(t, err)
	second, err := two.register(gtx())
	require.NoError(t, err)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Conflict, error) {
		return r.ShareConflict(ctx, second.Conflicts.IDs[0], "", &contract.ConflictRuling{Rationale: "Both."})
	})
	require.NoError(t, err)
	_, err = one.withdraw(first.ID)
	require.NoError(t, err)
	second, err = vendor.approve(second.ID, contract.Approval{Exclusivity: contract.ExclusivityExclusive})
	require.NoError(t, err)
	assert.Equal(t, contract.ExclusivityExclusive, second.Protection.Exclusivity)
}

// Whoever narrows its claim stands in nobody's way any more.
func TestANarrowedClaimMakesRoom(t *testing.T) {
	t.Parallel()
	for name, narrow := range map[string]func(t *testing.T, r *room, one who, id string){
		"amended": func(t *testing.T, r *room, one who, id string) {
			t.Helper()
			_, err := r.vendor().approve(id, contract.Approval{})
			require.NoError(t, err)
			a, err := ask(one, func(ctx context.Context) (*contract.Amendment, error) {
				return r.RequestAmendment(ctx, id, &contract.AmendmentRequest{Reason: "x", Changes: []contract.AmendmentChange{{Pointer: "/products/1", From: map[string]any{"family": "MG"}}}})
			})
			require.NoError(t, err)
			_, err = ask(r.vendor(), func(ctx context.Context) (*contract.Amendment, error) {
				return r.ApproveAmendment(ctx, id, a.ID, &contract.AmendmentApproval{})
			})
			require.NoError(t, err)
		},
		"resubmitted": func(t *testing.T, r *room, one who, id string) {
			t.Helper()
			_, err := r.vendor().requestChanges(id, "/products")
			require.NoError(t, err)
			_, err = one.update(id, contract.Patch{Products: partnerportal.Set([]contract.Product{{Family: "GTX"}})})
			require.NoError(t, err)
			_, err = one.resubmit(id)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, allowReview)
			one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
			first, err := one.register(gtx(func(r *contract.Registration) { r.Products = []contract.Product{{Family: "GTX"}, {Family: "MG"}} }))
			require.NoError(t, err)
			freed, err := two.register(gtx(func(r *contract.Registration) { r.Products = []contract.Product{{Family: "MG"}} }))
			require.NoError(t, err)
			three, err := r.partner(t, "par_three").register(gtx())
			require.NoError(t, err)
			narrow(t, r, one, first.ID)
			freed, err = r.vendor().get(freed.ID)
			require.NoError(t, err)
			assert.Zero(t, freed.Conflicts.Blocking)
			freed, err = r.vendor().approve(freed.ID, contract.Approval{})
			require.NoError(t, err)
			assert.Equal(t, contract.ExclusivityExclusive, freed.Protection.Exclusivity)
			_, err = r.vendor().approve(three.ID, contract.Approval{})
			require.ErrorIs(t, err, contract.ErrConflictUnresolved, "the other one still stands in its way")
		})
	}
}

func TestRulings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		approveFirst bool
		rule         string
		approve      contract.Approval
		want         contract.Exclusivity
		err          error
	}{
		"dismissed, and nobody is protected":   {rule: "dismiss", want: contract.ExclusivityExclusive},
		"dismissed beside a protection":        {approveFirst: true, rule: "dismiss", want: contract.ExclusivityShared},
		"dismissed, and exclusivity asked for": {approveFirst: true, rule: "dismiss", approve: contract.Approval{Exclusivity: contract.ExclusivityExclusive}, err: contract.ErrProtectionTaken},
		"upheld":                               {rule: "uphold", err: contract.ErrConflictUnresolved},
		"upheld and overridden":                {rule: "uphold", approve: contract.Approval{OverrideReason: "x"}, want: contract.ExclusivityExclusive},
		"overridden without exclusivity":       {approveFirst: true, approve: contract.Approval{OverrideReason: "x", Exclusivity: contract.ExclusivityShared}, want: contract.ExclusivityShared},
		"shared, and exclusivity asked for":    {rule: "share", approve: contract.Approval{Exclusivity: contract.ExclusivityExclusive}, err: contract.ErrProtectionTaken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, allowReview)
			one, two, vendor := r.partner(t, "par_one"), r.partner(t, "par_two"), r.vendor()
			first, err := one.register(gtx())
			require.NoError(t, err)
			second, err := two.register(gtx())
			require.NoError(t, err)
			if test.approveFirst {
				_, err = vendor.approve(first.ID, contract.Approval{})
				require.NoError(t, err)
			}
			if test.rule != "" {
				all, err := vendor.conflicts(second.ID)
				require.NoError(t, err)
				operation := map[string]func(context.Context, string, string, *contract.ConflictRuling) (*contract.Conflict, error){
					"dismiss": r.DismissConflict, "uphold": r.UpholdConflict, "share": r.ShareConflict}[test.rule]
				_, err = ask(vendor, func(ctx context.Context) (*contract.Conflict, error) {
					return operation(ctx, all[0].ID, all[0].ETag(), &contract.ConflictRuling{Rationale: "So."})
				})
				require.NoError(t, err)
			}
			d, err := vendor.approve(second.ID, test.approve)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, d.Protection.Exclusivity)
			assert.Zero(t, d.Conflicts.Blocking)
		})
	}
}

func TestThoseBehindMoveUp(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(r *room, one who, id string) error{
		"recall":   func(_ *room, one who, id string) error { _, err := one.recall(id); return err },
		"withdraw": func(_ *room, one who, id string) error { _, err := one.withdraw(id); return err },
		"reject":   func(r *room, _ who, id string) error { _, err := r.vendor().reject(id); return err },
		"expire": func(r *room, _ who, id string) error {
			_, err := r.vendor().approve(id, contract.Approval{})
			r.advance(t, 92*day)
			return err
		},
		"overdue": func(r *room, _ who, id string) error {
			_, err := r.vendor().requestChanges(id, "/amount")
			r.advance(t, 16*day)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, allowReview)
			one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
			first, err := one.register(gtx())
			require.NoError(t, err)
			second, err := two.register(gtx())
			require.NoError(t, err)
			require.NoError(t, leave(r, one, first.ID))
			second, err = two.get(second.ID)
			require.NoError(t, err)
			assert.Zero(t, second.Conflicts.Open)
			assert.Contains(t, r.events(t, partnerportal.SidePartner, second.ID, "par_two"), "deal.conflict_resolved")
			_, err = r.vendor().approve(second.ID, contract.Approval{})
			require.NoError(t, err)
		})
	}
}

func TestReservedAccounts(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one := r.partner(t, "par_one")
	r.reserve(t, "Key accounts team CANARY", acme, "domain:acme.com")
	r.reserve(t, contract.HolderVendorDirect, partnerportal.Organization{Name: "Bolt", Country: "US", ExternalRefs: []partnerportal.ExternalRef{{System: "vendor", ID: "9"}}}, "ref:vendor:9")
	_, err := one.register(gtx())
	require.ErrorIs(t, err, contract.ErrConflict)
	assert.Equal(t, contract.HolderHouseAccount, contract.MatchesOf(err)[0].Holder)
	_, err = one.register(gtx(func(r *contract.Registration) {
		r.Customer = partnerportal.Organization{Name: "Other name", Country: "US", ExternalRefs: []partnerportal.ExternalRef{{System: "Vendor", ID: "9"}}}
	}))
	require.ErrorIs(t, err, contract.ErrConflict)
	assert.Equal(t, contract.HolderVendorDirect, contract.MatchesOf(err)[0].Holder)
}

func TestCustomerIDsOfPartnersAreTheirOwn(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	crm := func(name string) contract.Registration {
		return gtx(func(r *contract.Registration) {
			r.Customer = partnerportal.Organization{Name: name, Country: "US", ExternalRefs: []partnerportal.ExternalRef{{System: "crm", ID: "42"}}}
		})
	}
	_, err := one.register(crm("Acme"))
	require.NoError(t, err)
	_, err = two.register(crm("Bolt"))
	require.NoError(t, err, "two CRMs both have a customer 42")
	_, err = one.register(crm("Acme Holding"))
	require.ErrorIs(t, err, contract.ErrOwnDuplicate)
}

// Two programmes may see customers differently; neither is a way around the other's protections.
func TestExclusiveAcrossProgrammes(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	other := policy.Default()
	other.ID, other.Deal.MatchKeys = "by-number", []string{"duns"}
	r.putProgram(t, other)
	one := r.partner(t, "par_one")
	two := r.partner(t, "par_two", func(p *policy.Partner) { p.ProgramID = other.ID })
	first, err := one.register(gtx())
	require.NoError(t, err)
	_, err = two.register(gtx())
	require.ErrorIs(t, err, contract.ErrConflict, "the same domain, which the first programme goes by")
	_, err = r.vendor().approve(first.ID, contract.Approval{})
	require.NoError(t, err)
	_, err = two.register(gtx())
	require.ErrorIs(t, err, contract.ErrConflict)
}
