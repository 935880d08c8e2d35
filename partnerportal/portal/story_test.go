package portal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// story is two partners and a vendor at work, each through the SDK, behind the checkpoint.
type story struct {
	t       *testing.T
	ctx     context.Context
	p       *portal.Portal
	lms     *learningSystem
	checked *checked

	acmeID, globexID     string
	acme, globex, vendor side
}

// side is what one of them calls.
type side struct {
	deals   *deals.Client
	leads   *leads.Client
	mdf     *mdf.Client
	assets  *assets.Client
	catalog *catalog.Client
	quotes  *quotes.Client
	orders  *orders.Client
	program *program.Client
	account *account.Client
	events  *events.Client
	files   *files.Client
	sandbox *sandbox.Client

	training    *training.Client
	credentials *credentials.Client
	client      *partnerportal.Client
}

func newStory(t *testing.T, dsn string) *story {
	t.Helper()
	lms := &learningSystem{}
	p := openAt(t, dsn, portal.WithSandbox(), portal.WithFileDir(t.TempDir()), portal.WithLoopbackWebhooks(), portal.WithLMS(lms))
	s := &story{t: t, ctx: t.Context(), p: p, lms: lms, checked: newChecked(t, p), acmeID: partner(t, p, "Acme"), globexID: partner(t, p, "Globex")}
	s.acme, s.globex, s.vendor = s.join(s.acmeID), s.join(s.globexID), s.join("")
	return s
}

func (s *story) join(partnerID string) side {
	s.t.Helper()
	c, err := s.p.Admin().CreateClient(s.ctx, portal.ClientSpec{PartnerID: partnerID, Name: "Story"})
	require.NoError(s.t, err)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(s.checked), partnerportal.WithClientCredentials(c.ClientID, c.ClientSecret))
	require.NoError(s.t, err)
	return side{deals: deals.New(pp), leads: leads.New(pp), mdf: mdf.New(pp), assets: assets.New(pp), catalog: catalog.New(pp), quotes: quotes.New(pp), orders: orders.New(pp), program: program.New(pp), account: account.New(pp), events: events.New(pp), files: files.New(pp), sandbox: sandbox.New(pp), training: training.New(pp), credentials: credentials.New(pp), client: pp}
}

// did returns what a call returned, which must have succeeded.
func did[T any](s *story) func(v *T, err error) *T {
	return func(v *T, err error) *T {
		s.t.Helper()
		require.NoError(s.t, err)
		return v
	}
}

func (s *story) ok(err error) {
	s.t.Helper()
	require.NoError(s.t, err)
}

func (s *story) refused(code string, err error) {
	s.t.Helper()
	require.ErrorIs(s.t, err, partnerportal.ErrorCode(code))
}

func (s *story) registration(domain string) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: domain, Country: "US", Domain: domain},
		Amount:          partnerportal.MustMoney("125000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(s.p.Now().AddDate(0, 3, 0)),
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
	}
}

// approved registers a deal and approves it.
func (s *story) approved(domain string) *deals.Deal {
	s.t.Helper()
	deal := did[deals.Deal](s)(s.acme.deals.Register(s.ctx, s.registration(domain)))
	return did[deals.Deal](s)(s.vendor.deals.Approve(s.ctx, deal.ID, deals.Approval{Comment: "Go ahead."}))
}

func (s *story) deals() {
	s.undecidedDeals()
	s.decidedDeals()
	s.protectedDeals()
}

func (s *story) undecidedDeals() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.deals, s.vendor.deals
	deal := did[deals.Deal](s)

	draft := deal(acme.Create(ctx, deals.Registration{Customer: partnerportal.Organization{Name: "Hooli"}}))
	s.ok(acme.Delete(ctx, draft.ID, partnerportal.IfMatch(draft)))
	_, err := acme.Get(ctx, draft.ID)
	s.refused("not_found", err)

	did[deals.PreCheck](s)(acme.PreCheck(ctx, deals.PreCheckParams{Customer: partnerportal.Organization{Domain: "initech.com", Country: "US"}}))
	d := deal(acme.Upsert(ctx, "salesforce", "006A", s.registration("initech.com")))
	d = deal(acme.Upsert(ctx, "salesforce", "006A", s.registration("initech.com"), partnerportal.IfMatch(d)))
	assert.Equal(t, d.ID, deal(acme.GetByRef(ctx, "salesforce", "006A")).ID)
	d = deal(acme.Update(ctx, d.ID, deals.Patch{Name: partnerportal.Set("Initech FY27"), BusinessProblem: partnerportal.Null[string]()}, partnerportal.IfMatch(d)))
	_, err = acme.Update(ctx, d.ID, deals.Patch{Name: partnerportal.Set("Late")}, partnerportal.IfMatchRevision(1))
	s.refused("revision_mismatch", err)
	d = deal(acme.Submit(ctx, d.ID, deals.Submission{TermsAccepted: true}, partnerportal.IfMatch(d)))
	d = deal(acme.Recall(ctx, d.ID))
	d = deal(acme.Submit(ctx, d.ID, deals.Submission{}))
	d = deal(vendor.StartReview(ctx, d.ID, deals.ReviewStart{}))
	d = deal(vendor.RequestChanges(ctx, d.ID, deals.ChangeRequest{Message: "Which site?", Changes: []deals.RequestedChange{{Pointer: "/name", Message: "Name the site."}}}))
	d = deal(acme.Update(ctx, d.ID, deals.Patch{Name: partnerportal.Set("Initech Austin")}, partnerportal.IfMatch(d)))
	d = deal(acme.Resubmit(ctx, d.ID))

	did[partnerportal.Note](s)(acme.AddNote(ctx, d.ID, partnerportal.NewNote{Text: "Budget confirmed."}))
	did[partnerportal.Note](s)(vendor.AddNote(ctx, d.ID, partnerportal.NewNote{Text: "Watch this one.", Internal: true}))
	assert.Len(t, did[partnerportal.NotePage](s)(acme.ListNotes(ctx, d.ID, deals.ListNotesParams{})).Items, 1)
	file := did[deals.Attachment](s)(acme.Attach(ctx, d.ID, deals.NewAttachment{Kind: deals.AttachmentKindRFP, FileName: "rfp.pdf", URL: "https://files.initech.com/rfp.pdf"}))
	assert.Len(t, did[deals.AttachmentPage](s)(vendor.ListAttachments(ctx, d.ID, deals.ListAttachmentsParams{})).Items, 1)
	s.ok(acme.Detach(ctx, d.ID, file.ID))

	deal(acme.Withdraw(ctx, d.ID, deals.Closing{Reason: "The project is off."}))
	deal(acme.Clone(ctx, d.ID))
	_, err = vendor.Approve(ctx, d.ID, deals.Approval{})
	s.refused("invalid_state", err)
	activity := did[partnerportal.ActivityPage](s)(acme.ListActivity(ctx, d.ID, deals.ListActivityParams{Limit: 5}))
	assert.Len(t, activity.Items, 5)
	assert.NotEmpty(t, activity.Page.NextCursor)
	page := did[deals.Page](s)(acme.List(ctx, deals.ListParams{Status: []deals.Status{deals.StatusWithdrawn, deals.StatusDraft}, Sort: partnerportal.SortOldestFirst}))
	assert.Len(t, page.Items, 2)
}

func (s *story) decidedDeals() {
	ctx, acme, vendor := s.ctx, s.acme.deals, s.vendor.deals
	deal := did[deals.Deal](s)

	d := deal(acme.Register(ctx, s.registration("umbrella.com")))
	deal(vendor.Reject(ctx, d.ID, deals.Rejection{Code: deals.RejectionCodeIncomplete, Text: "Who buys?"}))
	deal(acme.Appeal(ctx, d.ID, deals.Appeal{Text: "The buyer is named now.", Evidence: []deals.NewEvidence{{Kind: deals.EvidenceKindEmail, Text: "Mail of the buyer."}}}))

	won := s.approved("wonka.com")
	deal(vendor.Convert(ctx, won.ID, deals.ConversionReport{OpportunityRef: partnerportal.ExternalRef{System: "vendor-crm", ID: "OPP-1"}}))
	deal(acme.Win(ctx, won.ID, deals.Win{ActualAmount: partnerportal.MustMoney("120000", "USD"), OrderRef: partnerportal.ExternalRef{System: "erp", ID: "SO-1"}}))
	deal(acme.Lose(ctx, s.approved("stark.com").ID, deals.Loss{Code: deals.LossCodePrice}))
	deal(acme.Cancel(ctx, s.approved("wayne.com").ID, deals.Closing{Reason: "Double entry."}))
}

func (s *story) protectedDeals() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.deals, s.vendor.deals
	amendment, extension := did[deals.Amendment](s), did[deals.Extension](s)

	d := s.approved("tyrell.com")
	ask := deals.AmendmentRequest{Reason: "They take more.", Changes: []deals.AmendmentChange{{
		Pointer: "/amount", From: partnerportal.MustMoney("125000", "USD"), To: partnerportal.MustMoney("200000", "USD"),
	}}}

	a := amendment(acme.RequestAmendment(ctx, d.ID, ask))
	amendment(acme.WithdrawAmendment(ctx, d.ID, a.ID))
	a = amendment(acme.RequestAmendment(ctx, d.ID, ask))
	amendment(vendor.RejectAmendment(ctx, d.ID, a.ID, deals.Decision{Reason: "Not yet."}))
	a = amendment(acme.RequestAmendment(ctx, d.ID, ask))
	amendment(vendor.ApproveAmendment(ctx, d.ID, a.ID, deals.AmendmentApproval{}))
	assert.Len(t, did[deals.AmendmentPage](s)(acme.ListAmendments(ctx, d.ID, deals.ListAmendmentsParams{})).Items, 3)

	_, err := acme.RequestExtension(ctx, d.ID, deals.ExtensionRequest{Reason: "Too early."})
	s.refused("extension_not_open_yet", err)
	s.advance(70 * 24 * time.Hour)
	e := extension(acme.RequestExtension(ctx, d.ID, deals.ExtensionRequest{Reason: "Their fiscal year ends later."}))
	_, err = acme.RequestExtension(ctx, d.ID, deals.ExtensionRequest{Reason: "Again."})
	s.refused("extension_pending", err)
	extension(acme.WithdrawExtension(ctx, d.ID, e.ID))
	e = extension(acme.RequestExtension(ctx, d.ID, deals.ExtensionRequest{Reason: "Once more."}))
	extension(vendor.RejectExtension(ctx, d.ID, e.ID, deals.Decision{Reason: "Show progress."}))
	e = extension(acme.RequestExtension(ctx, d.ID, deals.ExtensionRequest{Reason: "The pilot runs."}))
	extension(vendor.ApproveExtension(ctx, d.ID, e.ID, deals.ExtensionApproval{}))
	assert.Len(t, did[deals.ExtensionPage](s)(acme.ListExtensions(ctx, d.ID, deals.ListExtensionsParams{})).Items, 3)

	s.advance(300 * 24 * time.Hour)
	expired := did[deals.Deal](s)(acme.Get(ctx, d.ID))
	assert.Equal(t, deals.StatusExpired, expired.Status)
	did[deals.Deal](s)(vendor.Reinstate(ctx, d.ID, deals.Reinstatement{Reason: "The order is on its way."}))
}

func (s *story) advance(d time.Duration) {
	s.t.Helper()
	_, err := s.p.Advance(s.ctx, d)
	s.ok(err)
}

// conflicts: Acme holds a customer, and Globex comes for it four times.
func (s *story) conflicts() {
	t, ctx, vendor := s.t, s.ctx, s.vendor.deals
	conflict := did[deals.Conflict](s)
	rule := map[string]func(id string){
		"cyberdyne.com": func(id string) {
			conflict(s.globex.deals.AddEvidence(ctx, id, deals.NewEvidence{Kind: deals.EvidenceKindMeeting, Text: "Met in June."}))
			conflict(vendor.EscalateConflict(ctx, id, deals.ConflictRuling{Rationale: "For the channel chief."}))
			conflict(vendor.DismissConflict(ctx, id, deals.ConflictRuling{Rationale: "Another site."}))
		},
		"soylent.com": func(id string) {
			conflict(vendor.ShareConflict(ctx, id, deals.ConflictRuling{Rationale: "Both were there.", Outcome: deals.ConflictOutcomeCoSell}))
		},
		"oscorp.com": func(id string) {
			conflict(vendor.UpholdConflict(ctx, id, deals.ConflictRuling{Rationale: "Acme came first.", Outcome: deals.ConflictOutcomeFirstWins}))
		},
	}
	for domain := range rule {
		s.approved(domain)
		_, err := s.globex.deals.Register(ctx, s.registration(domain))
		s.refused("conflict_blocked", err)
	}
	rules, err := s.p.Admin().Program(ctx, portal.DefaultProgramID)
	s.ok(err)
	rules.Deal.SubmitOnConflict = "allow_review"
	s.ok(s.p.Admin().PutProgram(ctx, *rules))
	for domain, decide := range rule {
		d := did[deals.Deal](s)(s.globex.deals.Register(ctx, s.registration(domain)))
		page := did[deals.ConflictPage](s)(s.globex.deals.ListDealConflicts(ctx, d.ID, deals.ListDealConflictsParams{}))
		require.Len(t, page.Items, 1, domain)
		assert.Equal(t, page.Items[0].ID, conflict(vendor.GetConflict(ctx, page.Items[0].ID)).ID)
		decide(page.Items[0].ID)
	}
	assert.Len(t, did[deals.ConflictPage](s)(vendor.ListConflicts(ctx, deals.ListConflictsParams{})).Items, 3)
}

func (s *story) leads() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.leads, s.vendor.leads
	lead := did[leads.Lead](s)
	fresh := func(title string) leads.NewLead {
		return leads.NewLead{
			Title: title, Organization: leads.Organization{Name: "Initrode", Domain: "initrode.com", Country: "US"},
			Contact: leads.Contact{GivenName: "Ada", Email: "ada@initrode.com"}, Consent: leads.Consent{MayContact: true},
		}
	}
	offered := func(title string) *leads.Lead {
		l := lead(vendor.Create(ctx, fresh(title)))
		return lead(vendor.Distribute(ctx, l.ID, leads.Distribution{Mode: leads.OfferModeExclusive, PartnerIDs: []string{s.acmeID}}))
	}

	l := lead(vendor.Upsert(ctx, "marketo", "1", fresh("Upserted")))
	l = lead(vendor.Upsert(ctx, "marketo", "1", fresh("Upserted again"), partnerportal.IfMatch(l)))
	assert.Equal(t, l.ID, lead(vendor.GetByRef(ctx, "marketo", "1")).ID)
	lead(vendor.Update(ctx, l.ID, leads.Patch{Rating: partnerportal.Set(leads.RatingHot)}, partnerportal.IfMatch(l)))

	l = offered("To be declined")
	lead(acme.Decline(ctx, l.ID, leads.Declining{Reason: leads.DeclineReasonCapacity}))
	did[leads.OfferPage](s)(vendor.ListOffers(ctx, l.ID, leads.ListOffersParams{}))
	l = offered("To be recalled")
	lead(vendor.Recall(ctx, l.ID, leads.Recalling{Reason: "A mistake."}))

	l = offered("To be won")
	assert.True(t, lead(acme.Get(ctx, l.ID)).Contact.Masked, "masked until accepted")
	_, err := s.globex.leads.Accept(ctx, l.ID)
	s.refused("not_found", err)
	lead(acme.Accept(ctx, l.ID))
	lead(acme.LogContact(ctx, l.ID, leads.ContactLog{Channel: leads.ContactChannelPhone}))
	converted := lead(acme.Convert(ctx, l.ID, leads.Conversion{Name: "Initrode storage"}))
	draft := did[deals.Deal](s)(s.acme.deals.Get(ctx, converted.ConvertedDealID))
	assert.Equal(t, l.ID, draft.LeadID)
	did[partnerportal.ActivityPage](s)(acme.ListActivity(ctx, l.ID, leads.ListActivityParams{}))

	l = offered("To be returned")
	lead(acme.Accept(ctx, l.ID))
	lead(acme.Return(ctx, l.ID, leads.Returning{Reason: leads.DeclineReasonTerritory}))
	l = offered("To be closed")
	lead(acme.Accept(ctx, l.ID))
	lead(acme.Close(ctx, l.ID, leads.Closing{Reason: leads.CloseReasonNoBudget}))

	referral := lead(acme.Create(ctx, fresh("A referral")))
	lead(vendor.StartReview(ctx, referral.ID))
	lead(vendor.Accept(ctx, referral.ID))
	referral = lead(acme.Create(ctx, fresh("Another referral")))
	lead(vendor.Reject(ctx, referral.ID, leads.Rejection{Text: "We know them."}))
	assert.NotEmpty(t, did[leads.Page](s)(acme.List(ctx, leads.ListParams{})).Items)
}

func (s *story) sandbox() {
	t, ctx, sb := s.t, s.ctx, s.acme.sandbox
	did[sandbox.ClockState](s)(sb.Clock(ctx))
	outcome := did[sandbox.Outcome](s)
	l := outcome(sb.CreateLead(ctx, sandbox.NewLead{Title: "Invented"}))
	assert.Equal(t, "recalled", outcome(sb.SimulateLead(ctx, l.ID, sandbox.LeadSimulation{Action: sandbox.LeadActionRecall})).Status)
	did[sandbox.ClockState](s)(sb.Advance(ctx, sandbox.Days(1)))

	d := did[deals.Deal](s)(s.acme.deals.Register(ctx, s.registration("aperture.com")))
	_, err := s.globex.sandbox.SimulateDeal(ctx, d.ID, sandbox.DealSimulation{Action: sandbox.DealActionApprove})
	s.refused("not_found", err)
	for _, step := range []struct {
		action sandbox.DealAction
		status deals.Status
		before func()
	}{
		{sandbox.DealActionStartReview, deals.StatusInReview, nil},
		{sandbox.DealActionRequestChanges, deals.StatusChangesRequested, nil},
		{sandbox.DealActionReject, deals.StatusRejected, func() { did[deals.Deal](s)(s.acme.deals.Resubmit(ctx, d.ID)) }},
		{sandbox.DealActionApprove, deals.StatusApproved, func() {
			did[deals.Deal](s)(s.acme.deals.Appeal(ctx, d.ID, deals.Appeal{Text: "Look again.", Evidence: []deals.NewEvidence{{Kind: deals.EvidenceKindNote, Text: "See."}}}))
		}},
		{sandbox.DealActionRejectAmendment, deals.StatusApproved, func() { s.amend(d.ID) }},
		{sandbox.DealActionApproveAmendment, deals.StatusApproved, func() { s.amend(d.ID) }},
		{sandbox.DealActionRejectExtension, deals.StatusApproved, func() { s.advance(65 * 24 * time.Hour); s.extend(d.ID) }},
		{sandbox.DealActionApproveExtension, deals.StatusApproved, func() { s.extend(d.ID) }},
		{sandbox.DealActionReinstate, deals.StatusApproved, func() { s.advance(200 * 24 * time.Hour) }},
		{sandbox.DealActionCancel, deals.StatusCanceled, nil},
	} {
		if step.before != nil {
			step.before()
		}
		out := outcome(sb.SimulateDeal(ctx, d.ID, sandbox.DealSimulation{Action: step.action}))
		assert.EqualValues(t, step.status, out.Status, step.action)
	}
	for _, action := range []sandbox.DealAction{sandbox.DealActionApproveExtension, sandbox.DealActionApproveAmendment} {
		_, err = sb.SimulateDeal(ctx, d.ID, sandbox.DealSimulation{Action: action})
		s.refused("invalid_state", err)
	}

	referral := did[leads.Lead](s)(s.acme.leads.Create(ctx, leads.NewLead{Title: "Refer", Organization: leads.Organization{Name: "X"}, Consent: leads.Consent{MayContact: true}}))
	for action, status := range map[sandbox.LeadAction]string{sandbox.LeadActionStartReview: "in_review"} {
		assert.Equal(t, status, outcome(sb.SimulateLead(ctx, referral.ID, sandbox.LeadSimulation{Action: action})).Status)
	}
	outcome(sb.SimulateLead(ctx, referral.ID, sandbox.LeadSimulation{Action: sandbox.LeadActionReject}))
	referral = did[leads.Lead](s)(s.acme.leads.Create(ctx, leads.NewLead{Title: "Refer", Organization: leads.Organization{Name: "Y"}, Consent: leads.Consent{MayContact: true}}))
	outcome(sb.SimulateLead(ctx, referral.ID, sandbox.LeadSimulation{Action: sandbox.LeadActionAccept}))
}

func (s *story) amend(dealID string) {
	d := did[deals.Deal](s)(s.acme.deals.Get(s.ctx, dealID))
	did[deals.Amendment](s)(s.acme.deals.RequestAmendment(s.ctx, dealID, deals.AmendmentRequest{
		Reason: "More.", Changes: []deals.AmendmentChange{{Pointer: "/expected_close_on", From: d.ExpectedCloseOn, To: d.ExpectedCloseOn.AddDays(7)}},
	}))
}

func (s *story) extend(dealID string) {
	did[deals.Extension](s)(s.acme.deals.RequestExtension(s.ctx, dealID, deals.ExtensionRequest{Reason: "Longer."}))
}
