package deals_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// lives leads a fresh deal of a partner to each state.
func lives() map[contract.Status]func(t *testing.T, r *room, one who) (*contract.Deal, error) {
	return map[contract.Status]func(t *testing.T, r *room, one who) (*contract.Deal, error){
		contract.StatusDraft:     func(_ *testing.T, _ *room, one who) (*contract.Deal, error) { return one.create(gtx()) },
		contract.StatusSubmitted: func(_ *testing.T, _ *room, one who) (*contract.Deal, error) { return one.register(gtx()) },
		contract.StatusInReview: after(contract.StatusSubmitted, func(r *room, _ who, id string) (*contract.Deal, error) {
			return ask(r.vendor(), func(ctx context.Context) (*contract.Deal, error) {
				return r.StartReview(ctx, id, "", &contract.ReviewStart{})
			})
		}),
		contract.StatusChangesRequested: after(contract.StatusSubmitted, func(r *room, _ who, id string) (*contract.Deal, error) {
			return r.vendor().requestChanges(id, "/amount")
		}),
		contract.StatusApproved: after(contract.StatusSubmitted, func(r *room, _ who, id string) (*contract.Deal, error) {
			return r.vendor().approve(id, contract.Approval{})
		}),
		contract.StatusRejected:  after(contract.StatusSubmitted, func(r *room, _ who, id string) (*contract.Deal, error) { return r.vendor().reject(id) }),
		contract.StatusWithdrawn: after(contract.StatusSubmitted, func(_ *room, one who, id string) (*contract.Deal, error) { return one.withdraw(id) }),
		contract.StatusLost: after(contract.StatusApproved, func(r *room, one who, id string) (*contract.Deal, error) {
			return ask(one, func(ctx context.Context) (*contract.Deal, error) {
				return r.Lose(ctx, id, "", &contract.Loss{Code: "price"})
			})
		}),
	}
}

// after reaches a state from another one; the deal is read by the partner.
func after(status contract.Status, step func(r *room, one who, id string) (*contract.Deal, error)) func(*testing.T, *room, who) (*contract.Deal, error) {
	return func(t *testing.T, r *room, one who) (*contract.Deal, error) {
		t.Helper()
		d, err := lives()[status](t, r, one)
		require.NoError(t, err)
		_, err = step(r, one, d.ID)
		require.NoError(t, err)
		return one.get(d.ID)
	}
}

// attempts are the actions that need no body to be judged by the state.
func attempts(r *room, id string) map[contract.Action]func(ctx context.Context) error {
	no := func(_ *contract.Deal, err error) error { return err }
	return map[contract.Action]func(ctx context.Context) error{
		contract.ActionSubmit:         func(ctx context.Context) error { return no(r.Submit(ctx, id, "", &contract.Submission{})) },
		contract.ActionRecall:         func(ctx context.Context) error { return no(r.Recall(ctx, id, "")) },
		contract.ActionResubmit:       func(ctx context.Context) error { return no(r.Resubmit(ctx, id, "")) },
		contract.ActionWithdraw:       func(ctx context.Context) error { return no(r.Withdraw(ctx, id, "", &contract.Closing{})) },
		contract.ActionAppeal:         func(ctx context.Context) error { return no(r.Appeal(ctx, id, "", &contract.Appeal{})) },
		contract.ActionStartReview:    func(ctx context.Context) error { return no(r.StartReview(ctx, id, "", &contract.ReviewStart{})) },
		contract.ActionRequestChanges: func(ctx context.Context) error { return no(r.RequestChanges(ctx, id, "", &contract.ChangeRequest{})) },
		contract.ActionApprove:        func(ctx context.Context) error { return no(r.Approve(ctx, id, "", &contract.Approval{})) },
		contract.ActionReject:         func(ctx context.Context) error { return no(r.Reject(ctx, id, "", &contract.Rejection{})) },
		contract.ActionWin:            func(ctx context.Context) error { return no(r.Win(ctx, id, "", &contract.Win{})) },
		contract.ActionLose:           func(ctx context.Context) error { return no(r.Lose(ctx, id, "", &contract.Loss{})) },
		contract.ActionCancel:         func(ctx context.Context) error { return no(r.Cancel(ctx, id, "", &contract.Closing{})) },
		contract.ActionReinstate:      func(ctx context.Context) error { return no(r.Reinstate(ctx, id, "", &contract.Reinstatement{})) },
		contract.ActionConvert:        func(ctx context.Context) error { return no(r.Convert(ctx, id, "", &contract.ConversionReport{})) },
		contract.ActionClone:          func(ctx context.Context) error { return no(r.Clone(ctx, id)) },
		contract.ActionDelete:         func(ctx context.Context) error { return r.Delete(ctx, id, "") },
		contract.ActionUpdate: func(ctx context.Context) error {
			return no(r.Update(ctx, id, "", &contract.Patch{Probability: partnerportal.Set(50)}))
		},
	}
}

// TestAllowedActionsAreTrue tries every action in every state, from both sides: exactly what is allowed is not refused for the
// state, and a refusal names the state and what is allowed.
func TestAllowedActionsAreTrue(t *testing.T) {
	t.Parallel()
	for status, reach := range lives() {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, nil)
			one := r.partner(t, "par_one")
			d, err := reach(t, r, one)
			require.NoError(t, err)
			require.Equal(t, status, d.Status)
			for _, caller := range []who{one, r.vendor()} {
				seen, err := caller.get(d.ID)
				require.NoError(t, err)
				for action, try := range attempts(r, d.ID) {
					err := caller.do(func(ctx context.Context) error {
						if err := try(ctx); err != nil {
							return err
						}
						return &partnerportal.Error{Code: "it_works"} // undone
					})
					e := problem(t, err)
					refused := e.Code == partnerportal.ErrInvalidState || e.Status == 403
					editableInPart := action == contract.ActionUpdate && status == contract.StatusChangesRequested
					assert.Equal(t, slices.Contains(seen.AllowedActions, action), !refused, "%s by the %s: %v", action, caller.caller.Side, err)
					if e.Code == partnerportal.ErrInvalidState {
						assert.Equal(t, string(status), e.CurrentState)
						assert.Len(t, e.AllowedActions, len(seen.AllowedActions))
					}
					if editableInPart && caller.caller.Side == partnerportal.SidePartner {
						assert.Equal(t, "/probability", e.Fields[0].Pointer)
					}
				}
			}
		})
	}
}

func TestActionsNeedTheirScopes(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	one.caller.Scopes = []string{"deals:read"}
	d, err := one.get(d.ID)
	require.NoError(t, err)
	assert.Empty(t, d.AllowedActions)
	assert.NotNil(t, d.AllowedActions)
	assert.Empty(t, d.EditableFields)
	boss := r.vendor()
	boss.caller.Scopes = []string{"deals:read"}
	d, err = boss.get(d.ID)
	require.NoError(t, err)
	assert.Empty(t, d.AllowedActions)
}

// FuzzAmendment sends anything as a pointer and values: the answer is a proposal or a refusal.
func FuzzAmendment(f *testing.F) {
	f.Add("/amount/currency", `"USD"`, `"EUR"`)
	f.Add("/products/-", `null`, `{"family":"MG"}`)
	f.Add("/products/0/term_months", `null`, `1e3`)
	f.Add("/customer/~1~0", `null`, `{}`)
	f.Add("/custom/a/b/c", `null`, `[null]`)
	f.Add("//", `0`, `"x"`)
	r := newRoom(f, nil)
	one := r.partner(f, "par_one")
	d, err := one.register(gtx())
	require.NoError(f, err)
	_, err = r.vendor().approve(d.ID, contract.Approval{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, pointer, before, after string) {
		var from, to any
		if !decodes(before, &from) || !decodes(after, &to) {
			t.Skip()
		}
		err := one.do(func(ctx context.Context) error {
			_, err := r.RequestAmendment(ctx, d.ID, &contract.AmendmentRequest{Reason: "x", Changes: []contract.AmendmentChange{{Pointer: pointer, From: from, To: to}}})
			if err != nil {
				return err
			}
			return &partnerportal.Error{Code: "it_works"} // undone
		})
		require.True(t, isProblem(err), "%v", err)
	})
}
