package deals_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// approved is a room with one protected deal.
func approved(t *testing.T, change func(p *policy.Program)) (r *room, one who, d *contract.Deal) {
	t.Helper()
	r = roomFor(t, change)
	one = r.partner(t, "par_one")
	d, err := one.register(gtx(func(r *contract.Registration) { r.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "1"}} }))
	require.NoError(t, err)
	d, err = r.vendor().approve(d.ID, contract.Approval{Comment: "Good luck.", InternalNote: "INTERNAL"})
	require.NoError(t, err)
	return r, one, d
}

func TestChangesKeepThePriority(t *testing.T) {
	t.Parallel()
	r := roomFor(t, allowReview)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	first, err := one.register(gtx())
	require.NoError(t, err)
	r.advance(t, 8*time.Hour)
	_, err = r.vendor().requestChanges(first.ID, "/nonsense")
	assert.Equal(t, "/changes/0/pointer", problem(t, err).Fields[0].Pointer)
	d, err := r.vendor().requestChanges(first.ID, "/amount", "/customer/duns")
	require.NoError(t, err)
	assert.Equal(t, "INTERNAL", d.Review.Reason.InternalNote)
	d, err = one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, []string{"/amount", "/customer/duns"}, d.EditableFields)
	assert.Equal(t, time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC), d.Review.ChangesDueAt)
	assert.True(t, d.Review.SLADueAt.IsZero(), "the vendor's clock stands still")
	assert.Empty(t, d.Review.Reason.InternalNote)
	_, err = one.update(d.ID, contract.Patch{Name: partnerportal.Set("x"), Amount: partnerportal.Set(partnerportal.MustMoney("1", "USD"))})
	assert.Equal(t, []partnerportal.FieldError{{Pointer: "/name", Code: "not_permitted", Message: "This field cannot be changed while the deal is changes requested."}}, problem(t, err).Fields)
	_, err = one.update(d.ID, contract.Patch{Amount: partnerportal.Set(partnerportal.MustMoney("99000", "USD")), Customer: partnerportal.OrganizationPatch{DUNS: partnerportal.Set("123456789")}})
	require.NoError(t, err)
	second, err := two.register(gtx())
	require.NoError(t, err)
	r.advance(t, 10*day)
	d, err = one.resubmit(d.ID)
	require.NoError(t, err)
	assert.Equal(t, first.Priority, d.Priority)
	assert.Equal(t, first.RegisteredAt, d.RegisteredAt)
	assert.Equal(t, r.now.Add(40*time.Hour), d.Review.SLADueAt)
	assert.Zero(t, d.Conflicts.Open)
	second, err = two.get(second.ID)
	require.NoError(t, err)
	assert.Equal(t, 1, second.Conflicts.Blocking)
	assert.Equal(t, []string{"deal.created", "deal.submitted", "deal.changes_requested", "deal.updated", "deal.resubmitted"}, r.events(t, partnerportal.SidePartner, d.ID, "par_one"))
}

func TestLateChangesLoseThePriority(t *testing.T) {
	t.Parallel()
	r := roomFor(t, allowReview)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	first, err := one.register(gtx())
	require.NoError(t, err)
	second, err := two.register(gtx())
	require.NoError(t, err)
	_, err = r.vendor().requestChanges(first.ID, "/amount")
	require.NoError(t, err)
	r.skip(16 * day) // the portal was down when the deadline passed
	d, err := one.resubmit(first.ID)
	require.NoError(t, err)
	assert.Greater(t, d.Priority, second.Priority)
	assert.Equal(t, 1, d.Conflicts.Blocking)
	second, err = two.get(second.ID)
	require.NoError(t, err)
	assert.Zero(t, second.Conflicts.Blocking)
	r.advance(t, time.Hour)
	d, err = one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusSubmitted, d.Status, "the old deadline is stale")
}

func TestOverdueChangesWithdraw(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one := r.partner(t, "par_one")
	d, err := one.register(gtx())
	require.NoError(t, err)
	_, err = r.vendor().requestChanges(d.ID, "/amount")
	require.NoError(t, err)
	r.advance(t, 15*day)
	d, err = one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusWithdrawn, d.Status)
	assert.Equal(t, "changes_overdue", d.Close.ReasonCode)
	assert.Equal(t, contract.OutcomeNone, d.Outcome)
	assert.Equal(t, []contract.Action{contract.ActionClone}, d.AllowedActions)
	assert.Equal(t, []string{"deal.created", "deal.submitted", "deal.changes_requested", "deal.changes_requested", "deal.changes_requested", "deal.withdrawn"},
		r.events(t, partnerportal.SidePartner, d.ID, "par_one"), "with two reminders")
}

func TestGrowingIntoAnothersClaimIsNotAhead(t *testing.T) {
	t.Parallel()
	for _, onConflict := range []string{"block", "allow_review"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			r := roomFor(t, func(p *policy.Program) { p.Deal.SubmitOnConflict = program.SubmitPolicy(onConflict) })
			one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
			first, err := one.register(gtx())
			require.NoError(t, err)
			_, err = two.register(gtx(families("MG")))
			require.NoError(t, err)
			_, err = r.vendor().requestChanges(first.ID, "/products")
			require.NoError(t, err)
			_, err = one.update(first.ID, contract.Patch{Products: partnerportal.Set([]contract.Product{{Family: "GTX"}, {Family: "MG"}})})
			require.NoError(t, err)
			_, err = two.register(gtx())
			if onConflict == "block" {
				require.ErrorIs(t, err, contract.ErrConflict, "the place is held while changes are asked for")
			}
			d, err := one.resubmit(first.ID)
			if onConflict == "block" {
				require.ErrorIs(t, err, contract.ErrConflict)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, first.Priority, d.Priority)
			assert.Equal(t, 1, d.Conflicts.Blocking, "with the deal that was there for MG, not with the later one for GTX")
		})
	}
}

func TestRecallGivesThePlaceUp(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	first, err := one.register(gtx())
	require.NoError(t, err)
	d, err := one.recall(first.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusDraft, d.Status)
	assert.Zero(t, d.Priority)
	assert.True(t, d.RegisteredAt.IsZero())
	_, err = two.register(gtx())
	require.NoError(t, err)
	_, err = one.submit(first.ID)
	require.ErrorIs(t, err, contract.ErrConflict)
	d, err = one.update(first.ID, contract.Patch{Products: partnerportal.Set([]contract.Product{{Family: "MG"}})})
	require.NoError(t, err)
	assert.Empty(t, d.Name, "what the portal made of the former product is made anew")
	d, err = one.submit(first.ID)
	require.NoError(t, err)
	assert.Equal(t, int64(3), d.Priority)
	assert.Equal(t, "Acme Corporation – MG", d.Name)
}

func TestProtectionWindow(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, func(p *policy.Program) { p.TimeZone = "America/New_York" })
	two := r.partner(t, "par_two")
	assert.Equal(t, time.Date(2027, 2, 21, 5, 0, 0, 0, time.UTC), d.Protection.ExpiresAt, "24:00 of the 90th day in New York")
	assert.Equal(t, "domain:acme.com", d.Protection.CustomerKey)
	r.advance(t, d.Protection.ExpiresAt.Sub(r.now)-time.Microsecond)
	_, err := two.register(gtx())
	require.ErrorIs(t, err, contract.ErrConflict)
	r.skip(time.Microsecond)
	_, err = two.register(gtx())
	require.NoError(t, err, "an expired deal never blocks, even before its timer is served")
	r.advance(t, 0)
	d, err = one.get(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusExpired, d.Status)
	assert.Equal(t, contract.ProtectionStatusExpired, d.Protection.Status)
	assert.Equal(t, []string{"deal.created", "deal.submitted", "deal.approved", "deal.protection_started", "deal.expiring", "deal.expiring", "deal.expiring", "deal.expiring", "deal.expired"},
		r.events(t, partnerportal.SidePartner, d.ID, "par_one"))
	page, err := ask(one, func(ctx context.Context) (*partnerportal.ActivityPage, error) {
		return r.ListActivity(ctx, d.ID, &contract.ListActivityParams{})
	})
	require.NoError(t, err)
	assert.Equal(t, "Your protection has ended.", page.Items[0].Text)
	assert.Equal(t, "Your protection is about to end. 1 days are left.", page.Items[1].Text)
	for _, a := range page.Items {
		assert.NotEmpty(t, a.Text, a.Type)
	}
}

func TestReinstate(t *testing.T) {
	t.Parallel()
	r, _, d := approved(t, nil)
	two, vendor := r.partner(t, "par_two"), r.vendor()
	reinstate := func() (*contract.Deal, error) {
		return ask(vendor, func(ctx context.Context) (*contract.Deal, error) {
			return r.Reinstate(ctx, d.ID, "", &contract.Reinstatement{Reason: "Postponed.", ProtectionDays: 30})
		})
	}
	_, err := reinstate()
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	r.advance(t, 92*day)
	other, err := two.register(gtx(func(r *contract.Registration) { r.ExpectedCloseOn = partnerportal.Date{Year: 2027, Month: 12, Day: 1} }))
	require.NoError(t, err)
	_, err = vendor.approve(other.ID, contract.Approval{})
	require.NoError(t, err)
	_, err = reinstate()
	require.ErrorIs(t, err, contract.ErrProtectionTaken)
	_, err = ask(two, func(ctx context.Context) (*contract.Deal, error) {
		return r.Lose(ctx, other.ID, "", &contract.Loss{Code: contract.LossCodePrice})
	})
	require.NoError(t, err)
	back, err := reinstate()
	require.NoError(t, err)
	assert.Equal(t, contract.StatusApproved, back.Status)
	assert.Equal(t, contract.OutcomeOpen, back.Outcome)
	assert.Equal(t, 31, back.Protection.DaysRemaining)
}

func TestEnds(t *testing.T) {
	t.Parallel()
	win := func(r *room, w who, id string) (*contract.Deal, error) {
		return ask(w, func(ctx context.Context) (*contract.Deal, error) {
			return r.Win(ctx, id, "", &contract.Win{ActualAmount: partnerportal.MustMoney("118000", "USD"), Evidence: []contract.NewEvidence{{Kind: "file", Ref: "https://x.example", Text: strings.Repeat("é", 1500)}}})
		})
	}
	cancel := func(r *room, w who, id, reason string) (*contract.Deal, error) {
		return ask(w, func(ctx context.Context) (*contract.Deal, error) {
			return r.Cancel(ctx, id, "", &contract.Closing{Reason: reason})
		})
	}
	t.Run("won", func(t *testing.T) {
		t.Parallel()
		r, one, d := approved(t, nil)
		_, err := ask(one, func(ctx context.Context) (*contract.Deal, error) {
			return r.Win(ctx, d.ID, "", &contract.Win{ClosedOn: partnerportal.Date{Year: 2026, Month: 11, Day: 23}})
		})
		assert.Len(t, problem(t, err).Fields, 3)
		d, err = win(r, one, d.ID)
		require.NoError(t, err)
		assert.Equal(t, contract.OutcomeWon, d.Outcome)
		assert.Equal(t, contract.ProtectionStatusReleased, d.Protection.Status)
		attached, err := ask(one, func(ctx context.Context) (*contract.AttachmentPage, error) {
			return r.ListAttachments(ctx, d.ID, &contract.ListAttachmentsParams{})
		})
		require.NoError(t, err)
		assert.Equal(t, "https://x.example", attached.Items[0].URL)
		noted, err := ask(one, func(ctx context.Context) (*partnerportal.NotePage, error) {
			return r.ListNotes(ctx, d.ID, &contract.ListNotesParams{})
		})
		require.NoError(t, err)
		assert.Len(t, []rune(noted.Items[0].Text), 1500, "nothing is lost")
		_, err = win(r, one, d.ID)
		e := problem(t, err)
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		assert.Equal(t, "won", e.CurrentState)
		assert.Equal(t, []string{"clone"}, e.AllowedActions)
		copied, err := ask(one, func(ctx context.Context) (*contract.Deal, error) { return r.Clone(ctx, d.ID) })
		require.NoError(t, err)
		assert.Equal(t, d.ID, copied.RenewalOf)
		assert.Equal(t, contract.StatusDraft, copied.Status)
		assert.Empty(t, copied.ExternalRefs)
		_, err = one.submit(copied.ID)
		require.NoError(t, err)
	})
	t.Run("canceled", func(t *testing.T) {
		t.Parallel()
		r, one, d := approved(t, nil)
		_, err := cancel(r, r.vendor(), d.ID, "")
		assert.Equal(t, "/reason", problem(t, err).Fields[0].Pointer)
		_, err = cancel(r, r.partner(t, "par_two"), d.ID, "x")
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		d, err = cancel(r, r.vendor(), d.ID, "Breach.")
		require.NoError(t, err)
		assert.Equal(t, contract.ProtectionStatusRevoked, d.Protection.Status)
		_, err = one.register(gtx())
		require.NoError(t, err, "nothing blocks any more")
	})
}

func TestAppeal(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two, vendor := r.partner(t, "par_one"), r.partner(t, "par_two"), r.vendor()
	d, err := one.register(gtx())
	require.NoError(t, err)
	d, err = vendor.reject(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeNone, d.Outcome)
	mine, err := one.get(d.ID)
	require.NoError(t, err)
	assert.Contains(t, mine.AllowedActions, contract.ActionAppeal)
	assert.Empty(t, mine.Review.Reason.InternalNote)
	other, err := two.register(gtx())
	require.NoError(t, err)
	appeal := func(body contract.Appeal) (*contract.Deal, error) {
		return ask(one, func(ctx context.Context) (*contract.Deal, error) { return r.Appeal(ctx, d.ID, "", &body) })
	}
	_, err = appeal(contract.Appeal{})
	assert.Len(t, problem(t, err).Fields, 2)
	full := contract.Appeal{Text: "We met them first.", Evidence: []contract.NewEvidence{{Kind: "note", Text: "Minutes."}}}
	back, err := appeal(full)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusInReview, back.Status)
	assert.Equal(t, int64(1), back.Priority)
	assert.Equal(t, 1, back.Conflicts.Blocking, "those who came meanwhile are to be settled with")
	_, err = vendor.approve(other.ID, contract.Approval{})
	require.NoError(t, err)
	_, err = vendor.reject(d.ID)
	require.NoError(t, err)
	_, err = appeal(full)
	require.ErrorIs(t, err, contract.ErrAppealClosed)

	late, err := one.register(gtx(families("MG")))
	require.NoError(t, err)
	_, err = vendor.reject(late.ID)
	require.NoError(t, err)
	r.advance(t, 20*day)
	d = late
	_, err = appeal(full)
	require.ErrorIs(t, err, contract.ErrAppealClosed)
}

func TestConvert(t *testing.T) {
	t.Parallel()
	r, one, d := approved(t, nil)
	vendor := r.vendor()
	convert := func(body contract.ConversionReport) (*contract.Deal, error) {
		return ask(vendor, func(ctx context.Context) (*contract.Deal, error) { return r.Convert(ctx, d.ID, "", &body) })
	}
	_, err := convert(contract.ConversionReport{})
	assert.Equal(t, "/opportunity_ref", problem(t, err).Fields[0].Pointer)
	failed, err := convert(contract.ConversionReport{Error: "No such account."})
	require.NoError(t, err)
	assert.Equal(t, "No such account.", failed.Conversion.Error)
	linked, err := convert(contract.ConversionReport{OpportunityRef: partnerportal.ExternalRef{System: "crm", ID: "1"}})
	require.NoError(t, err)
	assert.Equal(t, "auto", linked.Conversion.Method)
	found, err := ask(vendor, func(ctx context.Context) (*contract.Deal, error) { return r.GetByRef(ctx, "crm", "1") })
	require.NoError(t, err)
	assert.Equal(t, d.ID, found.ID)
	other, err := one.register(gtx(families("MG")))
	require.NoError(t, err)
	_, err = vendor.approve(other.ID, contract.Approval{})
	require.NoError(t, err)
	d = other
	_, err = convert(contract.ConversionReport{OpportunityRef: partnerportal.ExternalRef{System: "crm", ID: "1"}})
	assert.Equal(t, "duplicate_key", problem(t, err).Fields[0].Code)
}
