package deals_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// world is a portal in which three partners and the vendor do anything that they may try, in any order.
type world struct {
	*room
	partners []who
	boss     who
	loose    map[string]bool // reinstated or amended in spite of others: their conflicts are with the next approval
}

func newWorld(t *rapid.T) *world {
	w := &world{loose: map[string]bool{}}
	onConflict := rapid.SampledFrom([]program.SubmitPolicy{"allow_review", "block", "allow_review"}).Draw(t, "policy")
	auto := rapid.Bool().Draw(t, "auto")
	w.room = newRoom(t, func(p *policy.Program) {
		p.Deal.SubmitOnConflict, p.Deal.MaxExtensions, p.Deal.ProtectionDays, p.Deal.MaxCloseMonths = onConflict, 2, 30, 1000
		if auto {
			p.Deal.AutoApprove = []policy.AutoApproval{{ID: "auto", MaxAmount: partnerportal.MustMoney("100", "USD")}}
		}
	})
	for i := range 3 {
		w.partners = append(w.partners, w.partner(t, fmt.Sprintf("par_%d", i)))
	}
	w.boss = w.vendor()
	return w
}

// registration is of one of two customers and some of three families.
func registration(t *rapid.T) contract.Registration {
	n := rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "customer")
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"GTX", "MG"}), 1, 2, rapid.ID[string]).Draw(t, "families")
	return gtx(families(names...), func(r *contract.Registration) {
		r.Customer = partnerportal.Organization{Name: fmt.Sprintf("Customer%d", n), Country: "US", Domain: fmt.Sprintf("customer%d.com", n)}
		r.ExpectedCloseOn = partnerportal.Date{Year: 2090, Month: 1, Day: 1}
		r.Amount = partnerportal.MustMoney(rapid.SampledFrom([]string{"100", "1000"}).Draw(t, "amount"), "USD")
		r.Type = rapid.SampledFrom([]contract.Type{"", "", "", "", "", contract.TypeServices}).Draw(t, "type")
	})
}

func (w *world) all(t fataler) []contract.Deal {
	page, err := w.boss.list(contract.ListParams{Limit: 1000, Sort: partnerportal.SortOldestFirst})
	require.NoError(t, err)
	return page.Items
}

// any picks a deal and its partner, most often one in a state in which the action means something.
func (w *world) any(t *rapid.T, likely ...contract.Status) (string, who) {
	deals := w.all(t)
	fitting := slices.DeleteFunc(slices.Clone(deals), func(d contract.Deal) bool { return !slices.Contains(likely, d.Status) })
	if len(fitting) > 0 && rapid.IntRange(0, 9).Draw(t, "fits") > 0 {
		deals = fitting
	}
	if len(deals) == 0 {
		t.Skip("no deals yet")
	}
	d := deals[rapid.IntRange(0, len(deals)-1).Draw(t, "deal")]
	return d.ID, w.partners[slices.IndexFunc(w.partners, func(p who) bool { return p.caller.PartnerID == d.PartnerID })]
}

// refusedOr takes an answer as it comes, as long as it is an answer.
func refusedOr(t fataler, err error) bool {
	if err != nil {
		require.True(t, isProblem(err), "%v", err)
	}
	return err == nil
}

func (w *world) top(t fataler) (priority int64) {
	for _, d := range w.all(t) {
		priority = max(priority, d.Priority)
	}
	return priority
}

func TestHistories(t *testing.T) {
	if raceDetector {
		t.Skip("nothing runs side by side here")
	}
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		defer w.store.Close()
		actions := map[string]func(*rapid.T){
			"register": func(t *rapid.T) {
				top := w.top(t)
				p, r := rapid.SampledFrom(w.partners).Draw(t, "partner"), registration(t)
				d, err := p.register(r)
				if refusedOr(t, err) {
					assert.Greater(t, d.Priority, top)
				} else {
					w.somebodyHolds(t, p, r)
				}
			},
			"draft": func(t *rapid.T) {
				_, err := rapid.SampledFrom(w.partners).Draw(t, "partner").create(registration(t))
				require.NoError(t, err)
			},
			"submit": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusDraft)
				top := w.top(t)
				if d, err := p.submit(id); refusedOr(t, err) {
					assert.Greater(t, d.Priority, top, "a recalled deal never comes back ahead")
				}
			},
			"recall": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusSubmitted, contract.StatusInReview)
				_, err := p.recall(id)
				refusedOr(t, err)
			},
			"withdraw": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusSubmitted)
				_, err := p.withdraw(id)
				refusedOr(t, err)
			},
			"send back": func(t *rapid.T) {
				id, _ := w.any(t, contract.StatusSubmitted, contract.StatusInReview)
				_, err := w.boss.requestChanges(id, "/products", "/customer", "/name")
				refusedOr(t, err)
			},
			"change": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusChangesRequested, contract.StatusDraft)
				r := registration(t)
				_, err := p.update(id, contract.Patch{Products: partnerportal.Set(r.Products), Customer: partnerportal.OrganizationPatch{
					Name: partnerportal.Set(r.Customer.Name), Domain: partnerportal.Set(r.Customer.Domain)}})
				refusedOr(t, err)
			},
			"resubmit": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusChangesRequested)
				before, err := w.boss.get(id)
				require.NoError(t, err)
				top := w.top(t)
				if d, err := p.resubmit(id); refusedOr(t, err) {
					if w.now.After(before.Review.ChangesDueAt) {
						assert.Greater(t, d.Priority, top)
					} else {
						assert.Equal(t, before.Priority, d.Priority)
					}
				}
			},
			"approve": func(t *rapid.T) {
				id, _ := w.any(t, contract.StatusSubmitted, contract.StatusInReview)
				reason := rapid.SampledFrom([]string{"", "because"}).Draw(t, "override")
				_, err := w.boss.approve(id, contract.Approval{OverrideReason: reason, Exclusivity: rapid.SampledFrom([]contract.Exclusivity{"", "exclusive", "shared"}).Draw(t, "exclusivity")})
				refusedOr(t, err)
			},
			"reject": func(t *rapid.T) {
				id, _ := w.any(t, contract.StatusSubmitted)
				_, err := w.boss.reject(id)
				refusedOr(t, err)
			},
			"appeal": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusRejected)
				_, err := ask(p, func(ctx context.Context) (*contract.Deal, error) {
					return w.Appeal(ctx, id, "", &contract.Appeal{Text: "x", Evidence: []contract.NewEvidence{{Kind: "note", Text: "x"}}})
				})
				refusedOr(t, err)
			},
			"rule": func(t *rapid.T) {
				id, _ := w.any(t, contract.StatusSubmitted, contract.StatusInReview)
				conflicts, err := w.boss.conflicts(id)
				require.NoError(t, err)
				if len(conflicts) == 0 {
					t.Skip("no conflicts")
				}
				cf := rapid.SampledFrom(conflicts).Draw(t, "conflict")
				operation := []func(context.Context, string, string, *contract.ConflictRuling) (*contract.Conflict, error){w.DismissConflict, w.UpholdConflict, w.ShareConflict, w.EscalateConflict}[rapid.IntRange(0, 3).Draw(t, "ruling")]
				_, err = ask(w.boss, func(ctx context.Context) (*contract.Conflict, error) {
					return operation(ctx, cf.ID, "", &contract.ConflictRuling{Rationale: "x"})
				})
				refusedOr(t, err)
			},
			"amend": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusApproved)
				d, err := w.boss.get(id)
				require.NoError(t, err)
				r := registration(t)
				a, err := ask(p, func(ctx context.Context) (*contract.Amendment, error) {
					return w.RequestAmendment(ctx, id, &contract.AmendmentRequest{Reason: "x", Changes: []contract.AmendmentChange{
						{Pointer: "/products", From: d.Products, To: r.Products}, {Pointer: "/customer", From: d.Customer, To: r.Customer}}})
				})
				if !refusedOr(t, err) {
					return
				}
				reason := rapid.SampledFrom([]string{"", "because"}).Draw(t, "override")
				_, err = ask(w.boss, func(ctx context.Context) (*contract.Amendment, error) {
					return w.ApproveAmendment(ctx, id, a.ID, &contract.AmendmentApproval{OverrideReason: reason})
				})
				if !refusedOr(t, err) {
					_, err = ask(p, func(ctx context.Context) (*contract.Amendment, error) { return w.WithdrawAmendment(ctx, id, a.ID) })
					refusedOr(t, err)
					return
				}
				w.loose[id] = true
			},
			"extend": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusApproved)
				x, err := ask(p, func(ctx context.Context) (*contract.Extension, error) {
					return w.RequestExtension(ctx, id, &contract.ExtensionRequest{Reason: "x"})
				})
				if refusedOr(t, err) {
					_, err = ask(w.boss, func(ctx context.Context) (*contract.Extension, error) {
						return w.ApproveExtension(ctx, id, x.ID, &contract.ExtensionApproval{})
					})
					require.NoError(t, err)
				}
			},
			"reinstate": func(t *rapid.T) {
				id, _ := w.any(t, contract.StatusExpired)
				_, err := ask(w.boss, func(ctx context.Context) (*contract.Deal, error) {
					return w.Reinstate(ctx, id, "", &contract.Reinstatement{})
				})
				if refusedOr(t, err) {
					w.loose[id] = true
				}
			},
			"lose": func(t *rapid.T) {
				id, p := w.any(t, contract.StatusApproved)
				_, err := ask(p, func(ctx context.Context) (*contract.Deal, error) {
					return w.Lose(ctx, id, "", &contract.Loss{Code: contract.LossCodePrice})
				})
				refusedOr(t, err)
			},
			"wait": func(t *rapid.T) {
				w.advance(t, time.Duration(rapid.IntRange(1, 12).Draw(t, "days"))*day)
			},
			"sleep through": func(t *rapid.T) { // the timers are served late
				w.skip(time.Duration(rapid.IntRange(1, 12).Draw(t, "days")) * day)
			},
			"": func(t *rapid.T) { w.check(t) },
		}
		for _, often := range []string{"register", "approve"} { // or nobody gets far
			for i := range 5 {
				actions[fmt.Sprint(often, i)] = actions[often]
			}
		}
		t.Repeat(actions)
	})
}

// somebodyHolds says that a refusal has its reason in a deal that stands: an expired one never blocks.
func (w *world) somebodyHolds(t *rapid.T, p who, r contract.Registration) {
	wanted := contract.Deal{Products: r.Products}
	require.True(t, slices.ContainsFunc(w.all(t), func(d contract.Deal) bool {
		return stands(d) && !served(d, w.now) && (d.Status == contract.StatusChangesRequested || d.Customer.Domain == r.Customer.Domain && overlap(d, wanted))
	}), "%s was refused for nothing", p.caller.PartnerID)
}

// check holds the invariants, by what the vendor reads and nothing else.
func (w *world) check(t *rapid.T) {
	deals := w.all(t)
	conflicts := map[string][]contract.Conflict{}
	byID := map[string]contract.Deal{}
	page, err := ask(w.boss, func(ctx context.Context) (*contract.ConflictPage, error) {
		return w.ListConflicts(ctx, &contract.ListConflictsParams{Limit: 1000})
	})
	require.NoError(t, err)
	for _, cf := range page.Items {
		conflicts[cf.DealID] = append(conflicts[cf.DealID], cf)
	}
	for _, d := range deals {
		byID[d.ID] = d
	}
	for i, a := range deals {
		open, blocking := 0, 0
		for _, cf := range conflicts[a.ID] {
			unsettled := cf.Status == contract.ConflictStatusOpen || cf.Status == contract.ConflictStatusEscalated
			if unsettled {
				open++
			}
			if (unsettled || cf.Status == contract.ConflictStatusUpheld) && cf.Severity == contract.ConflictSeverityBlocking {
				blocking++
				against := byID[cf.Against.DealID]
				assert.True(t, served(against, w.now) || stands(against), "%s blocks %s in vain", against.Status, a.Status)
			}
		}
		for _, cf := range conflicts[a.ID] {
			if cf.Status == contract.ConflictStatusShared {
				require.False(t, exclusive(a, w.now) && stands(byID[cf.Against.DealID]), "%s shares, and is protected exclusively", a.ID)
				require.False(t, exclusive(byID[cf.Against.DealID], w.now) && stands(a) && !w.loose[cf.Against.DealID], "%s shares, and is protected exclusively", cf.Against.DealID)
			}
		}
		assert.Equal(t, open, a.Conflicts.Open)
		assert.Equal(t, blocking, a.Conflicts.Blocking)
		for _, b := range deals[i+1:] {
			w.checkPair(t, a, b, conflicts)
		}
	}
}

func (w *world) checkPair(t *rapid.T, a, b contract.Deal, conflicts map[string][]contract.Conflict) {
	if a.Priority > 0 && b.Priority > 0 {
		require.NotEqual(t, a.Priority, b.Priority)
		first, second := a, b
		if b.Priority < a.Priority {
			first, second = b, a
		}
		require.False(t, first.RegisteredAt.After(second.RegisteredAt), "the lower priority was registered no later")
	}
	if a.Customer.Domain != b.Customer.Domain || !overlap(a, b) {
		return
	}
	require.False(t, exclusive(a, w.now) && exclusive(b, w.now), "%s and %s are both protected exclusively", a.ID, b.ID)
	judged := func(d contract.Deal) bool {
		return stands(d) && !served(d, w.now) && d.Status != contract.StatusChangesRequested && d.Type != contract.TypeServices && !w.loose[d.ID]
	}
	if a.PartnerID != b.PartnerID && judged(a) && judged(b) {
		known := func(x, y contract.Deal) bool {
			return slices.ContainsFunc(conflicts[x.ID], func(cf contract.Conflict) bool { return cf.Against.DealID == y.ID })
		}
		require.True(t, known(a, b) || known(b, a), "nobody has noticed that %s and %s are for the same business", a.ID, b.ID)
	}
}

func stands(d contract.Deal) bool {
	return slices.Contains([]contract.Status{contract.StatusSubmitted, contract.StatusInReview, contract.StatusChangesRequested, contract.StatusApproved}, d.Status)
}

// served says that a deal has expired, though perhaps nobody has noticed yet.
func served(d contract.Deal, now time.Time) bool {
	return d.Status == contract.StatusApproved && !now.Before(d.Protection.ExpiresAt)
}

func exclusive(d contract.Deal, now time.Time) bool {
	return d.Status == contract.StatusApproved && !served(d, now) && d.Protection.Exclusivity == contract.ExclusivityExclusive
}

func overlap(a, b contract.Deal) bool {
	return slices.ContainsFunc(a.Products, func(p contract.Product) bool {
		return slices.ContainsFunc(b.Products, func(q contract.Product) bool { return p.Family == q.Family })
	})
}
