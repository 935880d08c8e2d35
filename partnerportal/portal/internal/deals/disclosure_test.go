package deals_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestDisclosure(t *testing.T) {
	t.Parallel()
	question := contract.PreCheckParams{Customer: acme, ProductFamilies: []string{"GTX"}}
	for disclosure, want := range map[string]struct {
		result  contract.PreCheckResult
		matches int
		until   bool
	}{
		"none":                 {contract.PreCheckResultPossible, 0, false},
		"existence":            {contract.PreCheckResultBlocked, 1, false},
		"existence_and_expiry": {contract.PreCheckResultBlocked, 1, true},
	} {
		t.Run(disclosure, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, func(p *policy.Program) { p.Deal.Disclosure = program.Disclosure(disclosure) })
			one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
			before, err := two.preCheck(question)
			require.NoError(t, err)
			d, err := one.register(gtx())
			require.NoError(t, err)
			_, err = r.vendor().approve(d.ID, contract.Approval{})
			require.NoError(t, err)
			got, err := two.preCheck(question)
			require.NoError(t, err)
			assert.Equal(t, want.result, got.Result)
			require.Len(t, got.Matches, want.matches)
			if disclosure == "none" {
				assert.Equal(t, before.Result, got.Result, "the answer does not tell whether there is anybody")
			}
			for _, m := range got.Matches {
				assert.Equal(t, want.until, !m.ProtectedUntil.IsZero())
				assert.Equal(t, want.until, slices.Contains(m.Options, contract.WayOutWaitUntil))
			}
			own, err := one.preCheck(question)
			require.NoError(t, err)
			assert.Equal(t, contract.PreCheckResultOwnDuplicate, own.Result)
			assert.Equal(t, d.ID, own.Matches[0].ExistingDealID)
			_, err = two.register(gtx())
			require.ErrorIs(t, err, contract.ErrConflict)
			assert.Len(t, contract.MatchesOf(err), want.matches)
		})
	}
}

func TestPreCheckAsksForOneCustomerAndIsCounted(t *testing.T) {
	t.Parallel()
	r := roomFor(t, func(p *policy.Program) { p.Deal.PreChecksPerDay = 2 })
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	_, err := one.preCheck(contract.PreCheckParams{Customer: partnerportal.Organization{Name: "Acme"}})
	assert.Len(t, problem(t, err).Fields, 2)
	for range 2 {
		got, err := one.preCheck(contract.PreCheckParams{Customer: acme})
		require.NoError(t, err)
		assert.Equal(t, contract.PreCheckResultClear, got.Result)
		assert.True(t, got.Advisory)
	}
	_, err = one.preCheck(contract.PreCheckParams{Customer: acme})
	require.ErrorIs(t, err, contract.ErrPreCheckQuota)
	assert.Equal(t, 16*time.Hour, problem(t, err).RetryAfter)
	_, err = two.preCheck(contract.PreCheckParams{Customer: acme})
	require.NoError(t, err)
	r.skip(16 * time.Hour)
	_, err = one.preCheck(contract.PreCheckParams{Customer: acme})
	require.NoError(t, err)
}

func TestSimilarNamesAreHints(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	named := func(name, domain string) contract.Registration {
		return gtx(func(r *contract.Registration) {
			r.Customer = partnerportal.Organization{Name: name, Country: "US", Domain: domain}
		})
	}
	_, err := one.register(named("Acme Rocket Works", "acmerocket.com"))
	require.NoError(t, err)
	d, err := two.register(named("Acme Rocket Work", "arw.com"))
	require.NoError(t, err)
	assert.Equal(t, contract.ConflictSummary{Open: 1, IDs: d.Conflicts.IDs}, d.Conflicts)
	mine, err := two.conflicts(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.ConflictSeverityAdvisory, mine[0].Severity)
	assert.Empty(t, mine[0].Score, "a score would let a partner feel its way to the name")
	_, err = r.vendor().approve(d.ID, contract.Approval{})
	require.NoError(t, err)
}

// TestPartnerLearnsNothing walks everything that a partner can read or provoke, and looks for what is another's.
func TestPartnerLearnsNothing(t *testing.T) {
	t.Parallel()
	for _, disclosure := range []string{"none", "existence", "existence_and_expiry"} {
		t.Run(disclosure, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, func(p *policy.Program) { allowReview(p); p.Deal.Disclosure = program.Disclosure(disclosure) })
			one, two, vendor := r.partner(t, "par_CANARY"), r.partner(t, "par_two"), r.vendor()
			secret, err := one.register(gtx(families("GTX", "CANARY-FAMILY"), func(r *contract.Registration) {
				r.Name, r.Customer.LegalName, r.BusinessProblem = "CANARY name", "CANARY legal", "CANARY problem"
				r.Amount = partnerportal.MustMoney("777777.77", "USD")
				r.Contacts = []partnerportal.Contact{{GivenName: "CANARY", Email: "canary@acme.com"}}
				r.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "CANARY"}}
			}))
			require.NoError(t, err)
			_, err = vendor.approve(secret.ID, contract.Approval{InternalNote: "CANARY"})
			require.NoError(t, err)

			var heard []any
			hear := func(v any, err error) {
				heard = append(heard, v)
				if err != nil {
					require.True(t, isProblem(err), "%v", err)
					heard = append(heard, err)
				}
			}
			d, err := two.register(gtx())
			require.NoError(t, err)
			hear(d, nil)
			conflicts, err := vendor.conflicts(d.ID)
			require.NoError(t, err)
			_, err = ask(vendor, func(ctx context.Context) (*contract.Conflict, error) {
				return r.AddEvidence(ctx, conflicts[0].ID, &contract.NewEvidence{Kind: "note", Text: "CANARY evidence"})
			})
			require.NoError(t, err)
			_, err = vendor.requestChanges(d.ID, "/amount")
			require.NoError(t, err)
			hear(two.resubmit(d.ID))
			hear(two.get(secret.ID))
			hear(two.withdraw(secret.ID))
			hear(two.update(secret.ID, contract.Patch{Name: partnerportal.Set("x")}))
			hear(two.conflicts(secret.ID))
			hear(two.conflicts(d.ID))
			hear(two.list(contract.ListParams{}))
			hear(two.list(contract.ListParams{PartnerID: []string{"par_CANARY"}}))
			hear(two.list(contract.ListParams{ExternalRef: "crm:CANARY"}))
			hear(two.list(contract.ListParams{CustomerDomain: "acme.com"}))
			hear(two.preCheck(contract.PreCheckParams{Customer: acme}))
			hear(ask(two, func(ctx context.Context) (*contract.Deal, error) { return r.GetByRef(ctx, "crm", "CANARY") }))
			hear(ask(two, func(ctx context.Context) (*contract.ConflictPage, error) {
				return r.ListConflicts(ctx, &contract.ListConflictsParams{})
			}))
			hear(ask(two, func(ctx context.Context) (*contract.Conflict, error) { return r.GetConflict(ctx, conflicts[0].ID) }))
			hear(ask(two, func(ctx context.Context) (*partnerportal.ActivityPage, error) {
				return r.ListActivity(ctx, secret.ID, &contract.ListActivityParams{})
			}))
			hear(ask(two, func(ctx context.Context) (*contract.AttachmentPage, error) {
				return r.ListAttachments(ctx, secret.ID, &contract.ListAttachmentsParams{})
			}))
			_, err = vendor.approve(d.ID, contract.Approval{OverrideReason: "CANARY override", Exclusivity: contract.ExclusivityShared, InternalNote: "CANARY"})
			require.NoError(t, err)
			hear(two.get(d.ID))
			hear(two.conflicts(d.ID))
			hear(ask(two, func(ctx context.Context) (*partnerportal.ActivityPage, error) {
				return r.ListActivity(ctx, d.ID, &contract.ListActivityParams{})
			}))
			r.advance(t, 92*day)
			hear(two.get(d.ID))
			hear(two.register(gtx(families("GTX"))))
			text, err := json.Marshal(heard)
			require.NoError(t, err)
			for _, canary := range []string{"CANARY", "canary", "777777.77", secret.ID, secret.Number, "Dana", "cli_vendor", "INTERNAL"} {
				assert.NotContains(t, string(text), canary)
			}
			if disclosure == "none" {
				assert.NotContains(t, string(text), "conflict_opened")
				assert.NotContains(t, string(text), conflicts[0].ID)
			}
		})
	}
}
