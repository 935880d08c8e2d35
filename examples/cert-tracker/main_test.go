package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out))
	return out.String()
}

func TestDemo(t *testing.T) {
	t.Parallel()
	screen := printed(t)
	for _, row := range []string{
		`in 21 days +Ada Lovelace +Certified Engineer +can be renewed until \d`,
		`in 40 days +Radia Perlman +Launch Partner +has to be earned anew`,
		`in 75 days +Grace Hopper +Certified Engineer +can be renewed from \d`,
		`Tier Gold is at risk; it is reviewed on \d{4}-\d\d-\d\d:`,
		`Certified engineers: 3 of 2, 1 of 2 on \d{4}-\d\d-\d\d\n`,
	} {
		assert.Regexp(t, row, screen)
	}
	assert.NotContains(t, screen, "Dijkstra", "whose certification lasts")
	assert.Regexp(t, `Ada Lovelace +Certified Engineer +renewal asked for on`, printed(t, "-renew"))
	short := printed(t, "-days", "30")
	assert.NotContains(t, short, "Grace")
	assert.Contains(t, printed(t, "-days", "0"), "None.")
}

func TestDemoJSON(t *testing.T) {
	t.Parallel()
	var o outlook
	require.NoError(t, json.Unmarshal([]byte(printed(t, "-json", "-renew")), &o))
	require.Len(t, o.Endings, 3)
	assert.Equal(t, []renewal{requested, earnedAnew, notYet}, []renewal{o.Endings[0].Renewal, o.Endings[1].Renewal, o.Endings[2].Renewal})
	assert.Equal(t, 1, o.Tiers[0].Gap[0].Left)
}

// world is the demo in a sandbox whose clock can be turned.
func world(t *testing.T) (*portaltest.Portal, *demo) {
	t.Helper()
	p := portaltest.New(t)
	d := &demo{partnerID: p.Partner(portal.Partner{Name: "Globetrotters", Country: "CH"})}
	d.acme = p.Client(portal.ClientSpec{PartnerID: d.partnerID, Name: "partner"})
	d.vendor = p.Client(portal.ClientSpec{Name: "vendor"})
	require.NoError(t, d.play(t.Context()))
	return p, d
}

// What was asked for becomes training, and that the renewal; what nobody renewed ends, and can be renewed for a while.
func TestTheYearOfAda(t *testing.T) {
	t.Parallel()
	p, d := world(t)
	see := func() *outlook {
		o, err := look(t.Context(), d.acme, "", 90)
		require.NoError(t, err)
		return o
	}
	o := see()
	require.NoError(t, o.renew(t.Context(), d.acme))
	require.NoError(t, see().renew(t.Context(), d.acme), "again asks for nothing")
	ada := o.Endings[0]
	var enrolled []training.Enrolment
	for e, err := range training.New(d.acme).All(t.Context(), training.ListParams{LearnerID: []string{ada.LearnerID}}) {
		require.NoError(t, err)
		enrolled = append(enrolled, e)
	}
	require.Len(t, enrolled, 1, "the renewal is by training")
	_, err := training.New(d.vendor).RecordResult(t.Context(), enrolled[0].ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "Attended."})
	require.NoError(t, err)
	_, err = credentials.New(d.vendor).Renew(t.Context(), ada.CredentialID, credentials.Renewal{})
	require.NoError(t, err)
	assert.Equal(t, "Radia Perlman", see().Endings[0].Person, "Ada goes on")

	p.Advance(76 * day) // Grace did nothing
	o = see()
	require.Equal(t, "Grace Hopper", o.Endings[0].Person)
	assert.True(t, o.Endings[0].Ended)
	assert.Equal(t, possible, o.Endings[0].Renewal, "people may be late")
	var out bytes.Buffer
	require.NoError(t, o.print(&out))
	assert.Regexp(t, `ended +Grace Hopper +Certified Engineer +can be renewed until`, out.String())
	assert.Contains(t, out.String(), "Tier Gold is safe.", "two are left")
	p.Advance(31 * day)
	for _, e := range see().Endings {
		assert.NotEqual(t, "Grace Hopper", e.Person, "now it has to be earned anew")
	}
}

// The vendor looks at one partner, and whoever may only read sees the same; and a refusal stops none of the others.
func TestRefusal(t *testing.T) {
	t.Parallel()
	p, d := world(t)
	reader := p.Client(portal.ClientSpec{PartnerID: d.partnerID, Name: "reader", Scopes: []string{"credentials:read", "training:read", "program:read", "account:read"}})
	seen, err := look(t.Context(), reader, "", 90)
	require.NoError(t, err)
	assert.Equal(t, possible, seen.Endings[0].Renewal)
	require.ErrorIs(t, seen.renew(t.Context(), reader), partnerportal.ErrForbidden)
	o, err := look(t.Context(), d.vendor, d.partnerID, 90)
	require.NoError(t, err)
	require.Len(t, o.Endings, 3)
	assert.Equal(t, []any{d.partnerID, possible}, []any{o.PartnerID, o.Endings[0].Renewal}, "for the partner")

	o, err = look(t.Context(), d.acme, "", 90)
	require.NoError(t, err)
	o.Endings = append([]ending{{Person: "Nobody", CredentialID: "crd_01m81xtgffe9gs2v3mcvxxj1j3", Renewal: possible}}, o.Endings...)
	err = o.renew(t.Context(), d.acme)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.NotEmpty(t, o.Endings[0].Refused)
	assert.Equal(t, requested, o.Endings[1].Renewal)
	var out bytes.Buffer
	require.NoError(t, o.print(&out))
	assert.Contains(t, out.String(), "refused: ")
}

// A programme warns 30 days ahead, and somebody asks about 90: what lapses in between is no secret. Who has left is nobody's to renew, and who
// was certified anew has lost nothing.
func TestBeyondTheWarning(t *testing.T) {
	t.Parallel()
	p, d := world(t)
	ctx := t.Context()
	see := func(days int) *outlook {
		o, err := look(ctx, d.acme, "", days)
		require.NoError(t, err)
		return o
	}
	rules, err := program.New(d.vendor).Get(ctx, program.DefaultID)
	require.NoError(t, err)
	rules.Membership.AtRiskDays = 30
	_, err = program.New(d.vendor).Put(ctx, rules.ID, *rules)
	require.NoError(t, err)
	assert.Empty(t, see(30).Tiers[0].Gap)
	o := see(90)
	require.Len(t, o.Tiers[0].Gap, 1)
	ada, grace := o.Endings[0], o.Endings[2]

	_, err = training.New(d.acme).Offboard(ctx, ada.LearnerID)
	require.NoError(t, err)
	assert.Equal(t, []ending{o.Endings[1], grace}, see(90).Endings)
	p.Advance(grace.EndsAt.Sub(o.AsOf) + day)
	assert.Equal(t, grace.CredentialID, see(90).Endings[0].CredentialID, "she may be late")
	_, err = credentials.New(d.vendor).Issue(ctx, credentials.NewCredential{DefinitionID: "engineer", LearnerID: grace.LearnerID})
	require.NoError(t, err)
	for _, e := range see(90).Endings {
		assert.NotEqual(t, grace.LearnerID, e.LearnerID)
	}
}

// What a tier lacks is said in its own words, also in the grace period.
func TestTiers(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]tier{
		"\nTier Gold of emea is safe.\n": {Name: "Gold", ProgramID: "emea"},
		"\nTier Gold is at risk; it has grace until 2027-01-31:\n  revenue: 5.00 USD of 100000.00 USD\n": {
			Name: "Gold", ProgramID: program.DefaultID, InGrace: true, ReviewOn: partnerportal.Date{Year: 2027, Month: 1, Day: 31},
			Gap: []program.Progress{{Kind: program.RequirementKindRevenue, CurrentAmount: partnerportal.MustMoney("5", "USD"), Amount: partnerportal.MustMoney("100000", "USD")}},
		},
		"\nTier Gold is at risk; it is reviewed on 2027-01-31:\n  CSAT: unknown of 80\n": {
			Name: "Gold", ProgramID: program.DefaultID, ReviewOn: partnerportal.Date{Year: 2027, Month: 1, Day: 31},
			Gap: []program.Progress{{Name: "CSAT", Threshold: 80, Source: partnerportal.SourceStamp{Error: "Nobody has reported a value yet."}}},
		},
	} {
		var out bytes.Buffer
		given.print(&out)
		assert.Equal(t, want, out.String())
	}
}

// A name neither commands the terminal nor moves the columns.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := outlook{Endings: []ending{{Person: "Eve\x1b[2J", Title: "Chief\tEngineer\n"}}, Tiers: []tier{{Name: "\x07Gold", ProgramID: program.DefaultID}}}
	require.NoError(t, o.print(&out))
	assert.Contains(t, out.String(), "Eve\uFFFD[2J  Chief\uFFFDEngineer\uFFFD  ")
	assert.Contains(t, out.String(), "Tier \uFFFDGold is safe.")
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-days", "-1"}, {"-days", "4000"}, {"extra"}, {"-portal", "::"}} {
		require.Error(t, run(t.Context(), args, &bytes.Buffer{}))
	}
}
