package credentials_test

import (
	"cmp"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// TestWhatCountsIsWhatIsInForce: whatever is done with credentials, and however time passes, a third party finds in force exactly what the portal
// says is, nobody has two of a kind, and the tier counts the people who are there and hold one.
func TestWhatCountsIsWhatIsInForce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite::memory:")
	d.opens()
	var runs atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(d, rt, fmt.Sprintf("run-%d", runs.Add(1)))
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			w.step()
			w.audit()
		}
	})
}

// world is a partner with three people, a definition, and a membership that depends on both.
type world struct {
	*desk

	rt         *rapid.T
	acme       *partnerportal.Client
	people     []*training.Learner
	definition string
	membership string
}

func newWorld(d *desk, rt *rapid.T, id string) *world {
	ctx, office := d.t.Context(), program.New(d.Vendor)
	partnerID := d.Partner(portal.Partner{Name: "Partner " + id})
	w := &world{desk: d, rt: rt, definition: id, acme: d.Client(portal.ClientSpec{PartnerID: partnerID, Name: id})}
	def := engineer()
	def.ValidityMonths, def.Renewal = rapid.SampledFrom([]int{0, 3, 6}).Draw(rt, "months"), credentials.RenewalRules{}
	if def.ValidityMonths > 0 && rapid.Bool().Draw(rt, "renewed") {
		def.Renewal = credentials.RenewalRules{
			Method:     rapid.SampledFrom([]credentials.RenewalMethod{credentials.RenewalMethodExam, credentials.RenewalMethodAutomatic}).Draw(rt, "method"),
			WindowDays: rapid.IntRange(1, 60).Draw(rt, "window"), LateDays: rapid.IntRange(0, 60).Draw(rt, "late"), NoticeDays: []int{14},
		}
	}
	d.defines(id, def)
	p := got(office.Get(ctx, program.DefaultID))(d.t)
	p.ID, p.Membership.TermMonths = id, 120
	p.Tiers = []program.Tier{{ID: "tier", Name: "Tier", Rank: 1, Requirements: []program.Requirement{
		{ID: "people", Kind: program.RequirementKindCertifiedPeople, Threshold: 2, CredentialDefinitionIDs: []string{id}},
	}}}
	got(office.Put(ctx, id, *p))(d.t)
	w.membership = got(office.Enrol(ctx, program.Enrolment{PartnerID: partnerID, ProgramID: id, TierID: "tier"}))(d.t).ID
	for _, name := range []string{"ada", "grace", "edith"} {
		w.people = append(w.people, got(training.New(w.acme).AddLearner(ctx, training.NewLearner{Name: name, Email: name + id + "@company.example"}))(d.t))
	}
	return w
}

func (w *world) all() []credentials.Credential {
	return got(credentials.New(w.acme).List(w.t.Context(), credentials.ListParams{Limit: 1000}))(w.t).Items
}

// step does something, which may be refused.
func (w *world) step() {
	ctx, rt := w.t.Context(), w.rt
	person := rapid.SampledFrom(w.people).Draw(rt, "person")
	held := w.all()
	var k credentials.Credential
	k.ID = "none"
	if len(held) > 0 {
		k = rapid.SampledFrom(held).Draw(rt, "credential")
	}
	var err error
	switch action := rapid.SampledFrom([]string{"issue", "issue", "wait", "wait", "renew", "ask", "revoke", "supersede", "rotate", "leave", "return"}).Draw(rt, "action"); action {
	case "issue":
		_, err = w.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: w.definition, LearnerID: person.ID})
	case "wait":
		w.Advance(time.Duration(rapid.IntRange(1, 100*24).Draw(rt, "hours")) * time.Hour)
	case "renew":
		_, err = w.vendor.Renew(ctx, k.ID, credentials.Renewal{})
	case "ask":
		_, err = credentials.New(w.acme).RequestRenewal(ctx, k.ID)
	case "revoke":
		_, err = w.vendor.Revoke(ctx, k.ID, credentials.Revocation{Code: credentials.RevocationCodeOther})
	case "supersede":
		_, err = w.vendor.Supersede(ctx, k.ID, credentials.Replacement{})
		if there := got(training.New(w.acme).GetLearner(ctx, cmp.Or(k.Holder.LearnerID, person.ID)))(w.t).Status; k.InForceAt(w.Now()) && k.Status != credentials.StatusExpired && there == training.LearnerStatusActive {
			require.NoError(rt, err, "it is in force, and so is its definition")
		}
	case "rotate":
		_, err = w.vendor.RotateKey(ctx, credentials.KeyRotation{RevokeOld: rapid.Bool().Draw(rt, "revoked")})
	case "leave":
		_, err = training.New(w.acme).Offboard(ctx, person.ID)
	case "return":
		_, err = training.New(w.acme).Return(ctx, person.ID)
	}
	if e, ok := errors.AsType[*partnerportal.Error](err); err != nil && (!ok || e.Status >= 500) {
		rt.Fatalf("not refused but failed: %v", err)
	}
}

// audit holds what is said in one place against what is said in the others.
func (w *world) audit() {
	ctx := w.t.Context()
	there, counted := map[string]bool{}, map[string]bool{}
	for _, person := range w.people {
		there[person.ID] = got(training.New(w.acme).GetLearner(ctx, person.ID))(w.t).Status == training.LearnerStatusActive
	}
	inForce := map[string]int{}
	for _, k := range w.all() {
		force := k.InForceAt(w.Now()) && k.Status != credentials.StatusExpired
		doc := got(credentials.New(w.acme).OpenBadge(ctx, k.ID))(w.t)
		v := w.verifies([]byte(doc.Badge))
		require.Equal(w.rt, force, v.OK(), "%s is %s: %v", k.ID, k.Status, v.Err())
		require.Equal(w.rt, k.Status == credentials.StatusRevoked || k.Status == credentials.StatusSuperseded, v.Status.Result == badge.Failed, k.Status)
		require.Equal(w.rt, badge.Passed, v.Signature.Result)
		if force {
			inForce[k.Holder.LearnerID]++
			if there[k.Holder.LearnerID] {
				counted[k.Holder.LearnerID] = true
			}
		}
	}
	for person, n := range inForce {
		require.Equal(w.rt, 1, n, "%s has two of a kind", person)
	}
	m := got(program.New(w.acme).GetMembership(ctx, w.membership))(w.t)
	require.Len(w.rt, m.Progress, 1)
	require.Equal(w.rt, len(counted), m.Progress[0].Current)
	require.Equal(w.rt, len(counted) >= 2, m.Progress[0].Met)
}
