package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// refusedFields are the fields of a refusal as "pointer code".
func refusedFields(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var found []string
	for _, f := range e.Fields {
		assert.NotEmpty(t, f.Message)
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}

func TestPartners(t *testing.T) {
	t.Parallel()
	admin, ctx := open(t).Admin(), t.Context()
	created, err := admin.CreatePartner(ctx, portal.Partner{
		Name: "Acme Partners", Country: "us", Domains: []string{"https://www.AcmePartners.com/about"},
		Territories: []string{"us-ca", "MX"}, Families: []string{"GTX"}, Tier: "gold", TierRank: 3,
	})
	require.NoError(t, err)
	assert.EqualValues(t, "active", created.Status)
	assert.Equal(t, portal.DefaultProgramID, created.ProgramID)
	assert.Equal(t, "US", created.Country)
	assert.Equal(t, []string{"US-CA", "MX"}, created.Territories)
	assert.True(t, strings.HasPrefix(created.ID, "par_"))
	assert.WithinDuration(t, time.Now(), created.CreatedAt, time.Minute)

	read, err := admin.Partner(ctx, created.ID)
	require.NoError(t, err)
	assert.Equal(t, created, read)

	changed := *read
	changed.Name, changed.CreatedAt = "Acme Global", time.Time{}
	_, err = admin.UpdatePartner(ctx, changed)
	require.NoError(t, err)
	all, err := admin.Partners(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, "Acme Global", all[0].Name)
	assert.Equal(t, created.CreatedAt, all[0].CreatedAt, "the day it joined does not change")

	own, err := admin.CreatePartner(ctx, portal.Partner{ID: "crm-4711", Name: "Own id"})
	require.NoError(t, err)
	assert.Equal(t, "crm-4711", own.ID)
	_, err = admin.CreatePartner(ctx, portal.Partner{ID: "crm-4711", Name: "Again"})
	assert.Equal(t, []string{"/id duplicate_key"}, refusedFields(t, err))

	_, err = admin.Partner(ctx, "par_nobody")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = admin.UpdatePartner(ctx, portal.Partner{ID: "par_nobody", Name: "Nobody"})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

func TestPartnersAreChecked(t *testing.T) {
	t.Parallel()
	admin, ctx := open(t).Admin(), t.Context()
	_, err := admin.CreatePartner(ctx, portal.Partner{
		ID: "a/b", Name: " ", Status: "gone", Country: "UK", Domains: []string{"acme.com", "no domain"},
		Territories: []string{"Bavaria"}, Families: []string{strings.Repeat("x", 121)}, TierRank: -1,
	})
	assert.Equal(t, []string{
		"/id invalid_format", "/name required", "/status invalid_enum", "/country invalid_format", "/domains/1 invalid_format",
		"/territories/0 invalid_format", "/families/0 out_of_range", "/tier_rank out_of_range",
	}, refusedFields(t, err))
	_, err = admin.CreatePartner(ctx, portal.Partner{Name: "Acme", ProgramID: "nowhere"})
	assert.Equal(t, []string{"/program_id invalid_value"}, refusedFields(t, err))
	all, err := admin.Partners(ctx)
	require.NoError(t, err)
	assert.Empty(t, all)
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	admin, ctx := open(t).Admin(), t.Context()
	rules, err := admin.Program(ctx, portal.DefaultProgramID)
	require.NoError(t, err)
	assert.Equal(t, 90, rules.Deal.ProtectionDays)
	require.NoError(t, admin.PutProgram(ctx, *rules), "the defaults are good")

	rules.ID, rules.Name, rules.TimeZone, rules.Deal.ProtectionDays = "emea", "EMEA", "Europe/Berlin", 120
	rules.Deal.AutoApprove = []portal.AutoApproval{{ID: "small", MaxAmount: partnerportal.MustMoney("5000", "USD"), Territories: []string{"de"}}}
	require.NoError(t, admin.PutProgram(ctx, *rules))
	read, err := admin.Program(ctx, "emea")
	require.NoError(t, err)
	assert.Equal(t, 120, read.Deal.ProtectionDays)
	assert.Equal(t, []string{"DE"}, read.Deal.AutoApprove[0].Territories)
	_, err = admin.CreatePartner(ctx, portal.Partner{Name: "Globex", ProgramID: "emea"})
	require.NoError(t, err)

	_, err = admin.Program(ctx, "nowhere")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

func TestProgramsAreChecked(t *testing.T) {
	t.Parallel()
	admin, ctx := open(t).Admin(), t.Context()
	for fault, change := range map[string]func(p *portal.Program){
		"/id invalid_format":                         func(p *portal.Program) { p.ID = "" },
		"/name required":                             func(p *portal.Program) { p.Name = "" },
		"/time_zone invalid_value":                   func(p *portal.Program) { p.TimeZone = "Middle/Earth" },
		"/currency invalid_format":                   func(p *portal.Program) { p.Currency = "usd" },
		"/deal/protection_days out_of_range":         func(p *portal.Program) { p.Deal.ProtectionDays = 0 },
		"/deal/expiring_notice_days/1 out_of_range":  func(p *portal.Program) { p.Deal.ExpiringNoticeDays = []int{30, 0} },
		"/deal/max_extensions out_of_range":          func(p *portal.Program) { p.Deal.MaxExtensions = -1 },
		"/deal/extension_days out_of_range":          func(p *portal.Program) { p.Deal.ExtensionDays = 0 },
		"/deal/exclusivity invalid_enum":             func(p *portal.Program) { p.Deal.Exclusivity = "total" },
		"/deal/match_keys/0 invalid_enum":            func(p *portal.Program) { p.Deal.MatchKeys = []string{"colour"} },
		"/deal/match_keys too_few":                   func(p *portal.Program) { p.Deal.MatchKeys = nil },
		"/deal/overlap_scope/0 invalid_enum":         func(p *portal.Program) { p.Deal.OverlapScope = []string{"planet"} },
		"/deal/conflict_policy invalid_enum":         func(p *portal.Program) { p.Deal.ConflictPolicy = "" },
		"/deal/submit_on_conflict invalid_enum":      func(p *portal.Program) { p.Deal.SubmitOnConflict = "shrug" },
		"/deal/disclosure invalid_enum":              func(p *portal.Program) { p.Deal.Disclosure = "everything" },
		"/deal/changes_due_days out_of_range":        func(p *portal.Program) { p.Deal.ChangesDueDays = 366 },
		"/deal/max_close_months out_of_range":        func(p *portal.Program) { p.Deal.MaxCloseMonths = 0 },
		"/deal/minimum_value out_of_range":           func(p *portal.Program) { p.Deal.MinimumValue = partnerportal.MustMoney("-1", "USD") },
		"/deal/minimum_value/currency invalid_value": func(p *portal.Program) { p.Deal.MinimumValue = partnerportal.MustMoney("1", "EUR") },
		"/deal/discount_percent invalid_format":      func(p *portal.Program) { p.Deal.DiscountPercent = "100.01" },
		"/deal/auto_approve/0/id required":           func(p *portal.Program) { p.Deal.AutoApprove = []portal.AutoApproval{{}} },
		"/deal/auto_approve/0/types/0 invalid_enum": func(p *portal.Program) {
			p.Deal.AutoApprove = []portal.AutoApproval{{ID: "x", Types: []string{"gift"}}}
		},
		"/lead/accept_within_hours out_of_range":        func(p *portal.Program) { p.Lead.AcceptWithinHours = 0 },
		"/lead/max_rounds out_of_range":                 func(p *portal.Program) { p.Lead.MaxRounds = 0 },
		"/lead/update_every_days out_of_range":          func(p *portal.Program) { p.Lead.UpdateEveryDays = 0 },
		"/lead/max_open_per_partner out_of_range":       func(p *portal.Program) { p.Lead.MaxOpenPerPartner = 0 },
		"/lead/first_contact_within_hours out_of_range": func(p *portal.Program) { p.Lead.FirstContactWithinHours = 9000 },
	} {
		rules, err := admin.Program(ctx, portal.DefaultProgramID)
		require.NoError(t, err)
		change(rules)
		assert.Equal(t, []string{fault}, refusedFields(t, admin.PutProgram(ctx, *rules)), fault)
	}
	for percent, good := range map[string]bool{"0": true, "5.00": true, "99.99": true, "100": true, "100.00": true, "100.5": false, "5.": false, ".5": false, "-1": false, "1.234": false, "abc": false} {
		rules, err := admin.Program(ctx, portal.DefaultProgramID)
		require.NoError(t, err)
		rules.Deal.DiscountPercent = percent
		assert.Equal(t, good, admin.PutProgram(ctx, *rules) == nil, percent)
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	p := open(t)
	admin, ctx := p.Admin(), t.Context()
	clients, err := admin.Clients(ctx)
	require.NoError(t, err)
	assert.Empty(t, clients, "first start")

	acme := partner(t, p, "Acme")
	c, err := admin.CreateClient(ctx, portal.ClientSpec{PartnerID: acme, Name: "Acme CRM"})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(c.ClientID, "cli_"))
	assert.True(t, strings.HasPrefix(c.ClientSecret, "pps_"))
	_, err = admin.CreateClient(ctx, portal.ClientSpec{Name: "Vendor desk"})
	require.NoError(t, err)
	key, err := admin.CreateAPIKey(ctx, portal.ClientSpec{PartnerID: acme, Name: "Script", Scopes: []string{"deals:write", "deals:read", "deals:read"}})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(key, "ppk_"))

	clients, err = admin.Clients(ctx)
	require.NoError(t, err)
	require.Len(t, clients, 3)
	assert.Subset(t, clients[0].Scopes, []string{"deals:read", "deals:write", "events:read", "leads:read", "leads:write"}, "a partner's default")
	assert.Subset(t, clients[1].Scopes, []string{"deals:read", "deals:review", "events:read", "files:write", "leads:read", "leads:review"}, "the vendor's default")
	for _, scope := range clients[0].Scopes {
		assert.False(t, strings.HasSuffix(scope, ":review") || scope == "sandbox:manage", "%s is not for a partner", scope)
	}
	for _, scope := range []string{"deals:write", "leads:write", "sandbox:manage"} {
		assert.NotContains(t, clients[1].Scopes, scope, "the vendor decides on what partners write")
	}
	assert.Equal(t, []string{"deals:read", "deals:write"}, clients[2].Scopes)
	assert.Equal(t, acme, clients[2].PartnerID)
	assert.Zero(t, clients[2].RevokedAt)

	require.NoError(t, admin.RevokeClient(ctx, clients[2].ID))
	clients, err = admin.Clients(ctx)
	require.NoError(t, err)
	assert.NotZero(t, clients[2].RevokedAt)
	require.ErrorIs(t, admin.RevokeClient(ctx, "cli_nobody"), partnerportal.ErrNotFound)
}

func TestClientsAreChecked(t *testing.T) {
	t.Parallel()
	p := open(t)
	admin, ctx := p.Admin(), t.Context()
	_, err := admin.CreateClient(ctx, portal.ClientSpec{PartnerID: partner(t, p, "Acme"), Scopes: []string{"deals:read", "deals:review", "world:rule"}})
	assert.Equal(t, []string{"/name required", "/scopes/1 not_permitted", "/scopes/2 invalid_enum"}, refusedFields(t, err))
	_, err = admin.CreateAPIKey(ctx, portal.ClientSpec{PartnerID: "par_nobody", Name: "Nobody"})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

func TestReservations(t *testing.T) {
	t.Parallel()
	admin, ctx := open(t).Admin(), t.Context()
	require.NoError(t, admin.ReserveAccount(ctx, portal.Reservation{Holder: "Key accounts", Customer: partnerportal.Organization{Name: "Umbrella", Website: "https://umbrella.com"}}))
	require.NoError(t, admin.ReserveAccount(ctx, portal.Reservation{Holder: "Key accounts", Customer: partnerportal.Organization{
		Name: "Hooli", ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: "001"}},
	}}))
	err := admin.ReserveAccount(ctx, portal.Reservation{Customer: partnerportal.Organization{Name: "Hooli", Domain: "gmail.com"}})
	assert.Equal(t, []string{"/holder required", "/customer required"}, refusedFields(t, err))
}
