package deals_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestExtension(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	vendor := r.vendor()
	extend := func(body contract.ExtensionRequest) (*contract.Extension, error) {
		return ask(one, func(ctx context.Context) (*contract.Extension, error) { return r.RequestExtension(ctx, d.ID, &body) })
	}
	_, err := extend(contract.ExtensionRequest{Reason: "x"})
	require.ErrorIs(t, err, contract.ErrExtensionNotOpen)
	assert.JSONEq(t, `"2027-01-22T00:00:00Z"`, string(problem(t, err).Extensions["extension_opens_at"]))
	assert.NotContains(t, d.AllowedActions, contract.ActionRequestExtension)
	r.advance(t, 70*day)
	_, err = extend(contract.ExtensionRequest{Reason: "x", RequestedUntil: partnerportal.Date{Year: 2027, Month: 5, Day: 22}})
	require.ErrorIs(t, err, contract.ErrExtensionTooLong)
	_, err = extend(contract.ExtensionRequest{Reason: "x", RequestedUntil: partnerportal.Date{Year: 2027, Month: 2, Day: 20}})
	assert.Equal(t, "/requested_until", problem(t, err).Fields[0].Pointer)
	x, err := extend(contract.ExtensionRequest{Reason: "The tender was postponed.", Evidence: []contract.NewEvidence{{Kind: "email", Ref: "https://dms.example.com/1"}}})
	require.NoError(t, err)
	assert.Equal(t, partnerportal.Date{Year: 2027, Month: 5, Day: 21}, x.RequestedUntil)
	_, err = extend(contract.ExtensionRequest{Reason: "x"})
	require.ErrorIs(t, err, contract.ErrExtensionPending)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Extension, error) { return r.WithdrawExtension(ctx, d.ID, x.ID) })
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	_, err = ask(one, func(ctx context.Context) (*contract.Extension, error) { return r.WithdrawExtension(ctx, d.ID, x.ID) })
	require.NoError(t, err)
	x, err = extend(contract.ExtensionRequest{Reason: "again"})
	require.NoError(t, err)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Extension, error) {
		return r.RejectExtension(ctx, d.ID, x.ID, &contract.Decision{Reason: "Not now."})
	})
	require.NoError(t, err)
	x, err = extend(contract.ExtensionRequest{Reason: "once more"})
	require.NoError(t, err)
	granted, err := ask(vendor, func(ctx context.Context) (*contract.Extension, error) {
		return r.ApproveExtension(ctx, d.ID, x.ID, &contract.ExtensionApproval{GrantedUntil: partnerportal.Date{Year: 2027, Month: 4, Day: 30}})
	})
	require.NoError(t, err)
	assert.Equal(t, contract.RequestStatusApproved, granted.Status)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Extension, error) {
		return r.ApproveExtension(ctx, d.ID, x.ID, &contract.ExtensionApproval{})
	})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	r.advance(t, 60*day) // past the first end
	now, err := one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusApproved, now.Status)
	assert.Equal(t, contract.ProtectionStatusExtended, now.Protection.Status)
	assert.Equal(t, 1, now.Protection.ExtensionsUsed)
	_, err = extend(contract.ExtensionRequest{Reason: "x"})
	require.ErrorIs(t, err, contract.ErrExtensionLimit)
	r.advance(t, 60*day)
	_, err = extend(contract.ExtensionRequest{Reason: "x"})
	require.ErrorIs(t, err, contract.ErrNotProtected)
	page, err := ask(one, func(ctx context.Context) (*contract.ExtensionPage, error) {
		return r.ListExtensions(ctx, d.ID, &contract.ListExtensionsParams{})
	})
	require.NoError(t, err)
	assert.Len(t, page.Items, 3)
	assert.Equal(t, "Vendor", page.Items[0].DecidedBy.Name)
}

func TestExtensionEndsWithTheDeal(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	r.advance(t, 70*day)
	x, err := ask(one, func(ctx context.Context) (*contract.Extension, error) {
		return r.RequestExtension(ctx, d.ID, &contract.ExtensionRequest{Reason: "x"})
	})
	require.NoError(t, err)
	r.skip(30 * day)
	_, err = ask(r.vendor(), func(ctx context.Context) (*contract.Extension, error) {
		return r.ApproveExtension(ctx, d.ID, x.ID, &contract.ExtensionApproval{})
	})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState, "the deal has expired, though its timer was not served yet")
}

func TestAmendment(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	two, vendor := r.partner(t, "par_two"), r.vendor()
	propose := func(changes ...contract.AmendmentChange) (*contract.Amendment, error) {
		return ask(one, func(ctx context.Context) (*contract.Amendment, error) {
			return r.RequestAmendment(ctx, d.ID, &contract.AmendmentRequest{Reason: "So.", Changes: changes})
		})
	}
	decide := func(a *contract.Amendment, body contract.AmendmentApproval) (*contract.Amendment, error) {
		return ask(vendor, func(ctx context.Context) (*contract.Amendment, error) {
			return r.ApproveAmendment(ctx, d.ID, a.ID, &body)
		})
	}
	_, err := propose(contract.AmendmentChange{Pointer: "/probability", From: 0, To: 50}, contract.AmendmentChange{Pointer: "/priority", To: 1})
	assert.Len(t, problem(t, err).Fields, 2)
	_, err = propose(contract.AmendmentChange{Pointer: "/expected_close_on", From: "2027-04-01", To: "2027-06-30"})
	require.ErrorIs(t, err, contract.ErrAmendmentStale)
	assert.Equal(t, 412, problem(t, err).Status)
	_, err = propose(contract.AmendmentChange{Pointer: "/expected_close_on", From: "2027-03-31", To: "2020-01-01"})
	assert.Equal(t, "/changes/0/to", problem(t, err).Fields[0].Pointer)
	_, err = propose(contract.AmendmentChange{Pointer: "/expected_close_on", From: "2027-03-31", To: []int{1}})
	assert.Equal(t, "invalid_format", problem(t, err).Fields[0].Code)

	a, err := propose(contract.AmendmentChange{Pointer: "/amount", From: map[string]any{"amount": "125000", "currency": "USD"}, To: map[string]any{"amount": "99000", "currency": "USD"}},
		contract.AmendmentChange{Pointer: "/customer/address/city", From: nil, To: "Springfield"})
	require.NoError(t, err)
	assert.Equal(t, "terms", a.Kind)
	_, err = propose(contract.AmendmentChange{Pointer: "/name", From: d.Name, To: "x"})
	require.ErrorIs(t, err, contract.ErrAmendmentPending)
	_, err = decide(a, contract.AmendmentApproval{Comment: "Fine."})
	require.NoError(t, err)
	now, err := one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, partnerportal.MustMoney("99000", "USD"), now.Amount)
	assert.Equal(t, "Springfield", now.Customer.Address.City)

	_, err = two.register(gtx(families("MG")))
	require.NoError(t, err)
	wider := contract.AmendmentChange{Pointer: "/products/-", From: nil, To: map[string]any{"family": "MG"}}
	a, err = propose(wider)
	require.NoError(t, err)
	assert.Equal(t, "scope_changed", a.Kind)
	_, err = decide(a, contract.AmendmentApproval{})
	require.ErrorIs(t, err, contract.ErrConflict)
	_, err = decide(a, contract.AmendmentApproval{OverrideReason: "They agree."})
	require.NoError(t, err)
	now, err = one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, []string{"GTX", "MG"}, now.Protection.Families)
	page, err := ask(one, func(ctx context.Context) (*contract.AmendmentPage, error) {
		return r.ListAmendments(ctx, d.ID, &contract.ListAmendmentsParams{})
	})
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)

	a, err = propose(contract.AmendmentChange{Pointer: "/products/1", From: map[string]any{"family": "MG"}, To: nil})
	require.NoError(t, err)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Amendment, error) {
		return r.RejectAmendment(ctx, d.ID, a.ID, &contract.Decision{Reason: "No."})
	})
	require.NoError(t, err)
	a, err = propose(contract.AmendmentChange{Pointer: "/route", From: "one_tier", To: "two_tier"}, contract.AmendmentChange{Pointer: "/parties", From: nil, To: []any{map[string]any{"role": "distributor", "partner_id": "par_d"}}})
	require.NoError(t, err)
	assert.Equal(t, "distributor_changed", a.Kind)
	_, err = ask(one, func(ctx context.Context) (*contract.Amendment, error) { return r.WithdrawAmendment(ctx, d.ID, a.ID) })
	require.NoError(t, err)
}

func TestAmendmentDoesNotTakeAProtection(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	two, vendor := r.partner(t, "par_two"), r.vendor()
	other, err := two.register(gtx(families("MG")))
	require.NoError(t, err)
	_, err = vendor.approve(other.ID, contract.Approval{})
	require.NoError(t, err)
	a, err := ask(one, func(ctx context.Context) (*contract.Amendment, error) {
		return r.RequestAmendment(ctx, d.ID, &contract.AmendmentRequest{Reason: "So.", Changes: []contract.AmendmentChange{{Pointer: "/products/0/family", From: "GTX", To: "MG"}}})
	})
	require.NoError(t, err)
	_, err = ask(vendor, func(ctx context.Context) (*contract.Amendment, error) {
		return r.ApproveAmendment(ctx, d.ID, a.ID, &contract.AmendmentApproval{OverrideReason: "x"})
	})
	require.ErrorIs(t, err, contract.ErrProtectionTaken)
}
