package deals_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func TestRegisterInOneCall(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one := r.partner(t, "par_one")
	d, err := one.register(gtx(func(r *contract.Registration) {
		r.Started = start.Add(-62 * time.Second)
		r.Timing = partnerportal.Timing{ActiveSeconds: 45, FieldsTyped: 4}
		r.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "1"}}
		r.Parties = []partnerportal.Party{{Role: partnerportal.PartyRoleReseller, PartnerID: "par_one"}, {Role: partnerportal.PartyRoleInfluencer, PartnerID: "par_other", IsRegistrant: true}}
	}))
	require.NoError(t, err)
	assert.Equal(t, contract.StatusSubmitted, d.Status)
	assert.Equal(t, "D-000001", d.Number)
	assert.Equal(t, int64(1), d.Priority)
	assert.Equal(t, start, d.RegisteredAt)
	assert.Equal(t, "Acme Corporation – GTX", d.Name)
	assert.Equal(t, "US", d.Territory)
	assert.Equal(t, 62, d.Telemetry.ElapsedSeconds)
	assert.Equal(t, 45, d.Telemetry.ActiveSeconds)
	assert.Equal(t, start.Add(48*time.Hour), d.Review.SLADueAt)
	assert.True(t, d.Parties[0].IsRegistrant)
	assert.False(t, d.Parties[1].IsRegistrant, "the portal says who the registrant is")
	assert.Equal(t, []contract.Action{contract.ActionRecall, contract.ActionWithdraw, contract.ActionUpdate}, d.AllowedActions)
	assert.Contains(t, d.EditableFields, "/probability")
	assert.NotContains(t, d.EditableFields, "/customer")
	assert.Equal(t, []string{"deal.created", "deal.submitted"}, r.events(t, partnerportal.SideVendor, d.ID, ""))

	same, err := ask(one, func(ctx context.Context) (*contract.Deal, error) { return r.GetByRef(ctx, "crm", "1") })
	require.NoError(t, err)
	assert.Equal(t, d, same)
}

func TestTheLastDayToCloseIsTheSameDayOfItsMonth(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	r.skip(39 * 24 * time.Hour) // to 31 December: the shorter months on the way to the next one do not matter
	_, err := r.partner(t, "par_one").register(gtx(func(r *contract.Registration) { r.ExpectedCloseOn = partnerportal.Date{Year: 2028, Month: 12, Day: 31} }))
	require.NoError(t, err)
}

func TestRegistrationTellsOfAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	r := roomFor(t, func(p *policy.Program) {
		p.Deal.RequireTerms = true
		p.Deal.MinimumValue = partnerportal.MustMoney("1000", "USD")
	})
	one := r.partner(t, "par_one", func(p *policy.Partner) { p.Families, p.Territories = []string{"GTX"}, []string{"US"} })
	accepted := func(r *contract.Registration) { r.TermsAccepted = true }
	for name, test := range map[string]struct {
		change func(r *contract.Registration)
		code   partnerportal.ErrorCode
		fields []string
	}{
		"nothing":    {func(r *contract.Registration) { *r = contract.Registration{} }, partnerportal.ErrValidation, []string{"/customer/name", "/customer/country", "/customer/domain", "/products", "/amount", "/expected_close_on", "/terms_accepted"}},
		"free mail":  {func(r *contract.Registration) { r.Customer.Domain = "gmail.com" }, partnerportal.ErrValidation, []string{"/customer/domain"}},
		"no domain":  {func(r *contract.Registration) { r.Customer.Domain = "a b" }, partnerportal.ErrValidation, []string{"/customer/domain"}},
		"no country": {func(r *contract.Registration) { r.Customer.Country = "UK" }, partnerportal.ErrValidation, []string{"/customer/country"}},
		"past":       {func(r *contract.Registration) { r.ExpectedCloseOn = partnerportal.Date{Year: 2026, Month: 11, Day: 21} }, contract.ErrCloseDateOutOfRange, []string{"/expected_close_on"}},
		"too far":    {func(r *contract.Registration) { r.ExpectedCloseOn = partnerportal.Date{Year: 2028, Month: 11, Day: 23} }, contract.ErrCloseDateOutOfRange, []string{"/expected_close_on"}},
		"small":      {func(r *contract.Registration) { r.Amount = partnerportal.MustMoney("999.99", "USD") }, contract.ErrBelowMinimum, []string{"/amount"}},
		"small and past": {func(r *contract.Registration) {
			r.Amount, r.ExpectedCloseOn = partnerportal.MustMoney("1", "USD"), partnerportal.Date{Year: 2020, Month: 1, Day: 1}
		}, partnerportal.ErrValidation, []string{"/amount", "/expected_close_on"}},
		"nothing to win": {func(r *contract.Registration) { r.Amount = partnerportal.MustMoney("0", "USD") }, partnerportal.ErrValidation, []string{"/amount"}},
		"two tier":       {func(r *contract.Registration) { r.Route = contract.RouteTwoTier }, partnerportal.ErrValidation, []string{"/parties"}},
		"customer party": {func(r *contract.Registration) { r.Parties = []partnerportal.Party{{Role: "end_customer"}} }, partnerportal.ErrValidation, []string{"/parties/0/role"}},
		"shares": {func(r *contract.Registration) {
			r.Parties = []partnerportal.Party{{Role: "reseller", SharePercent: "60"}, {Role: "influencer", SharePercent: "40.01"}}
		}, partnerportal.ErrValidation, []string{"/parties"}},
		"same refs": {func(r *contract.Registration) {
			r.ExternalRefs = []partnerportal.ExternalRef{{System: "a", ID: "1"}, {System: "a", ID: "1"}}
		}, partnerportal.ErrValidation, []string{"/external_refs/1"}},
		"other programme": {func(r *contract.Registration) { r.ProgramID = "gold" }, partnerportal.ErrValidation, []string{"/program_id"}},
		"product":         {families("MG", "GTX"), contract.ErrProductNotAuthorised, []string{"/products/0/family"}},
		"territory":       {func(r *contract.Registration) { r.Territory = "DE" }, contract.ErrTerritoryNotAuthorised, []string{"/territory"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := one.register(gtx(accepted, test.change))
			e := problem(t, err)
			assert.Equal(t, test.code, e.Code)
			pointers := []string{}
			for _, f := range e.Fields {
				pointers = append(pointers, f.Pointer)
			}
			assert.Equal(t, test.fields, pointers)
		})
	}
	page, err := one.list(contract.ListParams{})
	require.NoError(t, err)
	assert.Empty(t, page.Items, "a refused registration leaves nothing")
	_, err = one.register(gtx(accepted, func(r *contract.Registration) { r.Customer.Domain, r.Customer.Address.City = "", "Springfield" }))
	require.NoError(t, err, "an address with a city identifies")
}

func TestProgramNotActive(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	gone := r.partner(t, "par_gone", func(p *policy.Partner) { p.Status = "suspended" })
	_, err := gone.register(gtx())
	require.ErrorIs(t, err, contract.ErrProgramNotActive)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	_, err = r.vendor().register(gtx())
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestPrefillFromOwnDealsOnly(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	known, err := one.register(gtx(func(r *contract.Registration) { r.Customer.Industry = "Anvils" }))
	require.NoError(t, err)
	bare := gtx(families("MG"), func(r *contract.Registration) { r.Customer = partnerportal.Organization{Domain: "www.acme.com"} })
	d, err := one.register(bare)
	require.NoError(t, err)
	assert.Equal(t, "Acme Corporation", d.Customer.Name)
	assert.Equal(t, "US", d.Customer.Country)
	assert.Equal(t, "Anvils", d.Customer.Industry)
	require.NotEmpty(t, d.Prefilled)
	assert.Equal(t, "/customer/name", d.Prefilled[0].Pointer)
	assert.Equal(t, known.ID, d.Prefilled[0].Source.RecordID)
	assert.Equal(t, len(d.Prefilled), d.Telemetry.FieldsPrefilled)
	_, err = two.register(bare)
	assert.Len(t, problem(t, err).Fields, 2, "what another partner knows is theirs")
}

func TestReferencesAreUniquePerPartner(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	ref := func(r *contract.Registration) { r.ExternalRefs = []partnerportal.ExternalRef{{System: "crm", ID: "7"}} }
	d, err := one.create(gtx(ref))
	require.NoError(t, err)
	_, err = one.create(gtx(ref, families("MG")))
	require.ErrorIs(t, err, contract.ErrDuplicateRef)
	assert.Equal(t, d.ID, contract.ExistingID(err))
	_, err = two.create(gtx(ref))
	require.NoError(t, err)

	upsert := func(w who, reg contract.Registration) (*contract.Deal, error) {
		return ask(w, func(ctx context.Context) (*contract.Deal, error) { return r.Upsert(ctx, "crm", "7", "", &reg) })
	}
	same, err := upsert(one, gtx())
	require.NoError(t, err)
	assert.Equal(t, d.Revision, same.Revision, "repeating changes nothing")
	changed, err := upsert(one, gtx(func(r *contract.Registration) { r.Probability = 60 }))
	require.NoError(t, err)
	assert.Equal(t, d.ID, changed.ID)
	assert.Equal(t, d.Revision+1, changed.Revision)
	submitted, err := one.submit(d.ID)
	require.NoError(t, err)
	again, err := upsert(one, gtx(func(r *contract.Registration) { r.Probability = 60 }))
	require.NoError(t, err, "and stays so when the deal has gone on")
	assert.Equal(t, submitted.Revision, again.Revision)
	_, err = upsert(one, gtx(families("MG")))
	assert.Equal(t, "/products", problem(t, err).Fields[0].Pointer)
	_, err = one.withdraw(d.ID)
	require.NoError(t, err)
	_, err = upsert(one, gtx(func(r *contract.Registration) { r.Probability = 60 }))
	require.NoError(t, err)
	_, err = upsert(one, gtx(func(r *contract.Registration) { r.Probability = 90 }))
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)

	fresh, err := ask(one, func(ctx context.Context) (*contract.Deal, error) {
		reg := gtx(families("NEW"))
		return r.Upsert(ctx, "crm", "8", "", &reg)
	})
	require.NoError(t, err)
	assert.Equal(t, contract.StatusDraft, fresh.Status)
	assert.Equal(t, "8", fresh.ExternalRefs[0].ID)
}

func TestDraftsAreFree(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one := r.partner(t, "par_one")
	d, err := one.create(contract.Registration{Customer: partnerportal.Organization{Name: "Acme"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"*"}, d.EditableFields)
	d, err = one.update(d.ID, contract.Patch{
		Customer: partnerportal.OrganizationPatch{Country: partnerportal.Set("US"), Domain: partnerportal.Set("acme.com")},
		Products: partnerportal.Set([]contract.Product{{Family: "GTX"}}), Amount: partnerportal.Set(partnerportal.MustMoney("10", "USD")),
		ExpectedCloseOn: partnerportal.Set(partnerportal.Date{Year: 2027, Month: 1, Day: 1}), Probability: partnerportal.Set(40),
	})
	require.NoError(t, err)
	assert.Equal(t, "acme.com", d.Customer.Domain)
	assert.Equal(t, "Acme", d.Customer.Name)
	d, err = one.update(d.ID, contract.Patch{Probability: partnerportal.Null[int]()})
	require.NoError(t, err)
	assert.Zero(t, d.Probability)
	_, err = one.update(d.ID, contract.Patch{Customer: partnerportal.OrganizationPatch{Name: partnerportal.Null[string]()}})
	assert.Equal(t, "/customer/name", problem(t, err).Fields[0].Pointer)

	_, err = ask(one, func(ctx context.Context) (*contract.Deal, error) {
		return r.Update(ctx, d.ID, `"r1"`, &contract.Patch{Name: partnerportal.Set("x")})
	})
	e := problem(t, err)
	assert.Equal(t, 412, e.Status)
	assert.JSONEq(t, "3", string(e.Extensions["current_revision"]))
	var changed []string
	_, err = e.Extension("changed_fields", &changed)
	require.NoError(t, err)
	assert.Contains(t, changed, "/amount")
	assert.Contains(t, changed, "/customer/domain")

	d, err = one.submit(d.ID)
	require.NoError(t, err)
	require.ErrorIs(t, one.do(func(ctx context.Context) error { return r.Delete(ctx, d.ID, d.ETag()) }), partnerportal.ErrInvalidState)
	other, err := one.create(gtx(families("MG")))
	require.NoError(t, err)
	require.NoError(t, one.do(func(ctx context.Context) error { return r.Delete(ctx, other.ID, other.ETag()) }))
	_, err = one.get(other.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

func TestAutoApproval(t *testing.T) {
	t.Parallel()
	r := roomFor(t, func(p *policy.Program) {
		allowReview(p)
		p.Deal.AutoApprove = []policy.AutoApproval{{ID: "small", MaxAmount: partnerportal.MustMoney("50000", "USD"), Families: []string{"GTX"}}}
		p.Deal.DiscountPercent = "5.00"
	})
	one, two := r.partner(t, "par_one"), r.partner(t, "par_two")
	small := func(r *contract.Registration) { r.Amount = partnerportal.MustMoney("50000", "USD") }
	d, err := one.register(gtx(small))
	require.NoError(t, err)
	assert.Equal(t, contract.StatusApproved, d.Status)
	assert.Equal(t, "5.00", d.Benefits.DiscountPercent)
	assert.Equal(t, "small", d.Review.Approvals[0].RuleID)
	assert.Equal(t, time.Date(2027, 2, 21, 0, 0, 0, 0, time.UTC), d.Protection.ExpiresAt)
	assert.Equal(t, 91, d.Protection.DaysRemaining)
	assert.Equal(t, []string{"deal.created", "deal.submitted", "deal.approved", "deal.protection_started"}, r.events(t, partnerportal.SidePartner, d.ID, "par_one"))
	d, err = two.register(gtx(small))
	require.NoError(t, err)
	assert.Equal(t, contract.StatusSubmitted, d.Status, "a disputed deal waits for a person")
	d, err = two.register(gtx(families("GTX"), func(r *contract.Registration) {
		r.Customer = partnerportal.Organization{Name: "Bolt", Country: "US", Domain: "bolt.com"}
	}))
	require.NoError(t, err)
	assert.Equal(t, contract.StatusSubmitted, d.Status, "and so does a large one")
}

func TestLeadBecomesDraft(t *testing.T) {
	t.Parallel()
	r := roomFor(t, nil)
	one := r.partner(t, "par_one")
	raw, err := json.Marshal(gtx(func(r *contract.Registration) { r.Origin = contract.OriginVendorLead }))
	require.NoError(t, err)
	crm := partnerportal.SourceStamp{System: "salesforce", Kind: "crm", RecordID: "00Q1"}
	require.NoError(t, one.do(func(ctx context.Context) error {
		return call.From(ctx).Emit(ctx, feed.Event{Type: "lead.converted", ResourceType: "lead", ResourceID: "lead_1", PartnerID: "par_one",
			Audience: feed.Both, Payload: feed.LeadConversion{DealID: "deal_fromlead", Registration: raw, Source: crm, Prefilled: []string{"/customer/name"}}})
	}))
	d, err := one.get("deal_fromlead")
	require.NoError(t, err)
	assert.Equal(t, contract.StatusDraft, d.Status)
	assert.Equal(t, contract.OriginVendorLead, d.Origin)
	assert.Equal(t, "lead_1", d.LeadID)
	assert.Equal(t, gtx().Customer, d.Customer)
	assert.Equal(t, []contract.Prefill{{Pointer: "/customer/name", Source: crm}}, d.Prefilled)
	d, err = one.submit(d.ID)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusSubmitted, d.Status)
}
