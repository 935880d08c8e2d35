package program_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestPartnerIsInvitedAndApproved(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		p, err := d.vendor.InvitePartner(ctx, program.Invitation{
			Name: "Initech", Country: "US", Domains: []string{"https://www.Initech.com/"}, Territories: []string{"us-tx"},
			ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: "001"}},
		})
		require.NoError(t, err)
		assert.Equal(t, program.PartnerStatusInvited, p.Status)
		assert.Equal(t, []string{"initech.com"}, p.Domains)
		assert.Equal(t, []string{"US-TX"}, p.Territories)
		assert.Equal(t, []program.PartnerAction{program.PartnerActionApprove, program.PartnerActionTerminate, program.PartnerActionUpdate}, p.AllowedActions)

		initech := d.Client(portal.ClientSpec{PartnerID: p.ID, Name: "Initech CRM"})
		_, err = deals.New(initech).List(ctx, deals.ListParams{})
		require.ErrorIs(t, err, partnerportal.ErrorCode("partner_suspended"), "it is not in yet")

		p, err = d.vendor.ApprovePartner(ctx, p.ID, program.PartnerApproval{TierID: "silver"}, partnerportal.IfMatch(p))
		require.NoError(t, err)
		assert.Equal(t, program.PartnerStatusActive, p.Status)
		assert.Equal(t, []any{"silver", 2, true}, []any{p.Tier, p.TierRank, p.Productive})

		seen, err := program.New(initech).GetPartner(ctx, p.ID)
		require.NoError(t, err)
		assert.Empty(t, seen.ExternalRefs, "the vendor's are the vendor's")
		assert.Empty(t, seen.AllowedActions)
		_, err = program.New(initech).GetPartner(ctx, d.AcmeID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		own, err := program.New(initech).ListPartners(ctx, program.ListPartnersParams{})
		require.NoError(t, err)
		require.Len(t, own.Items, 1)

		members, err := program.New(initech).ListMemberships(ctx, program.ListMembershipsParams{})
		require.NoError(t, err)
		require.Len(t, members.Items, 1)
		assert.Equal(t, program.MembershipStatusActive, members.Items[0].Status)
		assert.Equal(t, "Silver", members.Items[0].TierName)

		found, err := d.vendor.ListPartners(ctx, program.ListPartnersParams{ExternalRef: "salesforce:001"})
		require.NoError(t, err)
		require.Len(t, found.Items, 1)
		assert.Equal(t, p.ID, found.Items[0].ID)
	})
}

func TestApplicationGoesThroughReview(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		p, err := d.vendor.InvitePartner(ctx, program.Invitation{Name: "Hooli", Applied: true})
		require.NoError(t, err)
		for _, step := range []struct {
			do   func() (*program.Partner, error)
			want program.PartnerStatus
		}{
			{func() (*program.Partner, error) { return d.vendor.StartPartnerReview(ctx, p.ID) }, program.PartnerStatusInReview},
			{func() (*program.Partner, error) {
				return d.vendor.RequestPartnerChanges(ctx, p.ID, program.Ruling{Reason: "Which countries?"})
			}, program.PartnerStatusChangesRequested},
			{func() (*program.Partner, error) { return d.vendor.StartPartnerReview(ctx, p.ID) }, program.PartnerStatusInReview},
			{func() (*program.Partner, error) {
				return d.vendor.RejectPartner(ctx, p.ID, program.Ruling{Reason: "No engineers."})
			}, program.PartnerStatusRejected},
		} {
			after, err := step.do()
			require.NoError(t, err)
			assert.Equal(t, step.want, after.Status)
		}
		_, err = d.vendor.ApprovePartner(ctx, p.ID, program.PartnerApproval{})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		var refusal *partnerportal.Error
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, "rejected", refusal.CurrentState)
		assert.Empty(t, refusal.AllowedActions)
		assert.Equal(t, []string{"partner.applied", "partner.review_started", "partner.changes_requested", "partner.review_started", "partner.rejected"},
			d.happened("partner", p.ID))
	})
}

// happened are the types of a resource's events, as the vendor reads them.
func (d *desk) happened(kind, id string) []string {
	d.t.Helper()
	var types []string
	page, err := events.New(d.Vendor).List(d.t.Context(), events.ListParams{ResourceType: []string{kind}, ResourceID: id, Limit: 1000})
	require.NoError(d.t, err)
	for _, e := range page.Items {
		types = append(types, e.Type)
	}
	return types
}

func TestSuspendedPartnerIsOut(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		deal := d.registers(d.Acme, "initech", time.Time{}, partnerportal.Timing{})
		p, err := d.vendor.SuspendPartner(ctx, d.AcmeID, program.Ruling{Reason: "The invoice of March is overdue."})
		require.NoError(t, err)
		assert.Equal(t, []program.PartnerAction{program.PartnerActionReinstate, program.PartnerActionTerminate, program.PartnerActionUpdate}, p.AllowedActions)
		_, err = deals.New(d.Acme).Get(ctx, deal.ID)
		require.ErrorIs(t, err, partnerportal.ErrorCode("partner_suspended"), "at once, though its token is good for an hour")
		_, err = deals.New(d.Globex).List(ctx, deals.ListParams{})
		require.NoError(t, err)
		_, err = deals.New(d.Vendor).Get(ctx, deal.ID)
		require.NoError(t, err, "its deals stay")

		_, err = d.vendor.ReinstatePartner(ctx, d.AcmeID, program.Ruling{Reason: "It is paid."})
		require.NoError(t, err)
		_, err = deals.New(d.Acme).Get(ctx, deal.ID)
		require.NoError(t, err)

		d.enrol(d.AcmeID, "")
		p, err = d.vendor.TerminatePartner(ctx, d.AcmeID, program.Ruling{Reason: "It left the business."})
		require.NoError(t, err)
		assert.Empty(t, p.AllowedActions)
		members, err := d.vendor.ListMemberships(ctx, program.ListMembershipsParams{PartnerID: []string{d.AcmeID}})
		require.NoError(t, err)
		require.Len(t, members.Items, 1)
		assert.Equal(t, program.MembershipStatusTerminated, members.Items[0].Status)
	})
}

func TestHostSaysWhatItDoesToPartners(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		acme, err := d.Admin().Partner(t.Context(), d.AcmeID)
		require.NoError(t, err)
		for _, status := range []program.PartnerStatus{program.PartnerStatusSuspended, program.PartnerStatusSuspended, program.PartnerStatusActive} {
			acme.Status = status
			_, err = d.Admin().UpdatePartner(t.Context(), *acme)
			require.NoError(t, err)
			_, err = d.acme.GetPartner(t.Context(), d.AcmeID)
			assert.Equal(t, status == program.PartnerStatusActive, err == nil)
		}
		assert.Equal(t, []string{"partner.suspended", "partner.updated", "partner.reinstated"}, d.happened("partner", d.AcmeID))
		rules, err := d.Admin().Program(t.Context(), program.DefaultID)
		require.NoError(t, err)
		require.NoError(t, d.Admin().PutProgram(t.Context(), *rules))
		assert.Equal(t, []string{"program.updated"}, d.happened("program", program.DefaultID))
	})
}

func TestOneCompanyIsOnePartner(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		ref := []partnerportal.ExternalRef{{System: "salesforce", ID: "001"}}
		first, err := d.vendor.InvitePartner(ctx, program.Invitation{Name: "Initech", Domains: []string{"initech.com"}, ExternalRefs: ref})
		require.NoError(t, err)
		_, err = d.vendor.InvitePartner(ctx, program.Invitation{Name: "Initech Inc.", Domains: []string{"initech.de", "INITECH.com"}})
		require.ErrorIs(t, err, program.ErrDuplicatePartner)
		assert.Equal(t, first.ID, program.ExistingID(err))
		_, err = d.vendor.InvitePartner(ctx, program.Invitation{Name: "Other", ExternalRefs: ref})
		require.ErrorIs(t, err, program.ErrDuplicateRef)
		assert.Equal(t, first.ID, program.ExistingID(err))
		acme, err := d.vendor.GetPartner(ctx, d.AcmeID)
		require.NoError(t, err)
		_, err = d.vendor.UpdatePartner(ctx, d.AcmeID, program.PartnerPatch{Domains: partnerportal.Set([]string{"initech.com"})}, partnerportal.IfMatch(acme))
		require.ErrorIs(t, err, program.ErrDuplicatePartner)

		_, err = d.vendor.TerminatePartner(ctx, first.ID, program.Ruling{Reason: "A mistake."})
		require.NoError(t, err)
		_, err = d.vendor.InvitePartner(ctx, program.Invitation{Name: "Initech again", Domains: []string{"initech.com"}})
		require.NoError(t, err, "the domain is free again")

		const callers = 8
		results := make([]error, callers)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				_, results[i] = d.vendor.InvitePartner(ctx, program.Invitation{Name: "Vandelay", Domains: []string{"vandelay.com"}})
			})
		}
		group.Wait()
		invited := 0
		for _, err := range results {
			if err == nil {
				invited++
			} else {
				assert.ErrorIs(t, err, program.ErrDuplicatePartner)
			}
		}
		assert.Equal(t, 1, invited, "of those who invite at once, one does")
	})
}

func TestPartnerIsChanged(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		acme, err := d.vendor.GetPartner(ctx, d.AcmeID)
		require.NoError(t, err)
		after, err := d.vendor.UpdatePartner(ctx, d.AcmeID, program.PartnerPatch{
			Name: partnerportal.Set("Acme Global"), Territories: partnerportal.Set([]string{"us", "mx"}), Country: partnerportal.Null[string](),
		}, partnerportal.IfMatch(acme))
		require.NoError(t, err)
		assert.Equal(t, []any{"Acme Global", "", []string{"US", "MX"}, acme.Domains, acme.Revision + 1},
			[]any{after.Name, after.Country, after.Territories, after.Domains, after.Revision})
		_, err = d.vendor.UpdatePartner(ctx, d.AcmeID, program.PartnerPatch{Name: partnerportal.Set("Late")}, partnerportal.IfMatch(acme))
		require.ErrorIs(t, err, partnerportal.ErrStale)
		_, err = d.vendor.UpdatePartner(ctx, d.AcmeID, program.PartnerPatch{Name: partnerportal.Null[string]()}, partnerportal.IfMatch(after))
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		page, err := events.New(d.Acme).List(ctx, events.ListParams{Type: []string{program.EventPartnerUpdated}})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, []string{"/country", "/name", "/territories"}, page.Items[0].Data.ChangedFields)
		assert.Equal(t, "/v1/partners/"+d.AcmeID, page.Items[0].Subject.URL)
	})
}
