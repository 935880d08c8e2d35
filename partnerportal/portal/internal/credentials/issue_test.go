package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// TestAThirdPartyVerifies: what the portal issues verifies with what it publishes, and says whose it is only to who knows the address.
func TestAThirdPartyVerifies(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		_, err := d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: d.defines("gtx", engineer()).ID, LearnerID: d.learns(d.Acme, "Ada").ID})
		require.ErrorIs(t, err, credentials.ErrIssuerMissing)
		d.opens()
		k := d.certifies("gtx", "Grace")
		assert.Equal(t, credentials.StatusIssued, k.Status)
		assert.Equal(t, noon.AddDate(2, 0, 0), k.ValidUntil)
		assert.Equal(t, k.ValidUntil.AddDate(0, 0, -90), k.RenewalOpensAt)
		assert.Equal(t, k.ValidUntil.AddDate(0, 0, 30), k.RenewalClosesAt)

		v := d.judges(k.ID, badge.WithHolder("Grace@company.example"))
		require.NoError(t, v.Err())
		assert.Equal(t, badge.Failed, d.judges(k.ID, badge.WithHolder("ada@company.example")).Holder.Result)
		assert.Equal(t, []any{"GTX Engineer", "gtx", public + "/verify/" + k.ID}, []any{
			v.Credential.CredentialSubject.Achievement.Name, v.Credential.CredentialSubject.Achievement.HumanCode, v.Credential.ID,
		})
		doc := got(d.acme.OpenBadge(ctx, k.ID))(t)
		assert.Equal(t, "GTX Engineer", doc.Credential["name"])
		assert.NotContains(t, string(v.Payload), "grace", "nothing personal but the hash")
		assert.NotContains(t, string(v.Payload), "Grace")
		assert.True(t, got(d.acme.Verify(ctx, k.ID))(t).OK)
		assert.Equal(t, []string{"credential.issued"}, d.happened(k.ID))
	})
}

// TestWhoIsCertified: each rule of issuing, with the field or code that names it.
func TestWhoIsCertified(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		retired := engineer()
		retired.Status = credentials.DefinitionStatusRetired
		d.defines("old", retired)
		ada, gone := d.learns(d.Acme, "Ada"), d.learns(d.Acme, "Gone")
		got(training.New(d.Acme).Offboard(ctx, gone.ID))(t)
		for name, test := range map[string]struct {
			ask   credentials.NewCredential
			fault string
		}{
			"no such definition": {credentials.NewCredential{DefinitionID: "none", LearnerID: ada.ID}, "/definition_id invalid_value"},
			"no such learner":    {credentials.NewCredential{DefinitionID: "gtx", LearnerID: "lrn_none"}, "/learner_id invalid_value"},
			"who has left":       {credentials.NewCredential{DefinitionID: "gtx", LearnerID: gone.ID}, "/learner_id not_permitted"},
			"what is to come":    {credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, AwardedAt: noon.Add(time.Hour)}, "/awarded_at out_of_range"},
			"what has ended":     {credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, AwardedAt: noon.AddDate(-2, 0, 0)}, "/awarded_at out_of_range"},
			"an end too late":    {credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, ValidUntil: noon.AddDate(2, 0, 1)}, "/valid_until out_of_range"},
			"an end too early":   {credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, ValidUntil: noon}, "/valid_until out_of_range"},
		} {
			_, err := d.vendor.Issue(ctx, test.ask)
			assert.Equal(t, []string{test.fault}, faults(t, err), name)
		}
		elsewhere := []credentials.Evidence{{Name: "Exam", URL: "https://exams.example/1"}, {Name: "Exam", URL: "javascript:alert(1)"}}
		_, err := d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, Evidence: elsewhere})
		assert.Equal(t, []string{"/evidence/1/url invalid_format"}, faults(t, err))
		_, err = d.vendor.Renew(ctx, "crd_none", credentials.Renewal{Evidence: elsewhere})
		assert.Equal(t, []string{"/evidence/1/url invalid_format"}, faults(t, err))
		_, err = d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "old", LearnerID: ada.ID})
		require.ErrorIs(t, err, credentials.ErrDefinitionRetired)
		_, err = d.acme.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)

		k := got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID, AwardedAt: noon.AddDate(-1, 0, 0), ValidUntil: noon.AddDate(0, 1, 0), Score: "87"}))(t)
		assert.Equal(t, []time.Time{noon.AddDate(-1, 0, 0), noon.AddDate(0, 1, 0)}, []time.Time{k.ValidFrom, k.ValidUntil})
		_, err = d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada.ID})
		require.ErrorIs(t, err, credentials.ErrAlreadyHeld)
		assert.Equal(t, k.ID, credentials.ExistingID(err))
	})
}

// TestMonthsEndWithTheMonth: what is valid for a month from the 31st on ends on the last day of the next month, at the same time.
func TestMonthsEndWithTheMonth(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal = 3, credentials.RenewalRules{}
		d.defines("short", def)
		person := d.learns(d.Acme, "Ada")
		at := time.Date(2026, 10, 31, 23, 30, 0, 5000, time.UTC)
		d.Advance(30 * day)
		k := got(d.vendor.Issue(t.Context(), credentials.NewCredential{DefinitionID: "short", LearnerID: person.ID, AwardedAt: at.AddDate(0, 1, -1)}))(t) // 30 November
		assert.Equal(t, time.Date(2027, 2, 28, 23, 30, 0, 0, time.UTC), k.ValidUntil, "in whole seconds, as badges have it")
	})
}

func TestDefinitions(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		for name, test := range map[string]struct {
			change func(*credentials.Definition)
			fault  string
		}{
			"no name":             {func(d *credentials.Definition) { d.Name = " " }, "/name required"},
			"no words":            {func(d *credentials.Definition) { d.Description = " " }, "/description required"},
			"no criteria":         {func(d *credentials.Definition) { d.Criteria.Narrative = " " }, "/criteria/narrative required"},
			"a page elsewhere":    {func(d *credentials.Definition) { d.Criteria.URL = "javascript:alert(1)" }, "/criteria/url invalid_format"},
			"nothing leads to it": {func(d *credentials.Definition) { d.AutoIssue = true }, "/auto_issue not_permitted"},
			"for ever, renewed":   {func(d *credentials.Definition) { d.ValidityMonths = 0 }, "/renewal not_permitted"},
			"a window too long":   {func(d *credentials.Definition) { d.ValidityMonths = 3 }, "/renewal/window_days out_of_range"},
			"a notice twice":      {func(d *credentials.Definition) { d.Renewal.NoticeDays = []int{7, 7} }, "/renewal/notice_days/1 duplicate"},
			"a course twice":      {func(d *credentials.Definition) { d.CourseIDs = []string{"a", "a"} }, "/course_ids/1 duplicate"},
			"no such picture":     {func(d *credentials.Definition) { d.ImageFileID = "file_none" }, "/image_file_id invalid_value"},
		} {
			def := engineer()
			test.change(&def)
			_, err := d.vendor.PutDefinition(ctx, "gtx", def)
			assert.Equal(t, []string{test.fault}, faults(t, err), name)
		}
		def := d.defines("gtx", engineer())
		assert.Equal(t, []credentials.DefinitionAction{credentials.DefinitionActionUpdate, credentials.DefinitionActionIssue}, def.AllowedActions)
		_, err := d.vendor.PutDefinition(ctx, "gtx", *def, partnerportal.IfMatchRevision(7))
		require.ErrorIs(t, err, partnerportal.ErrorCode("revision_mismatch"))
		def = got(d.vendor.PutDefinition(ctx, "gtx", *def, partnerportal.IfMatch(def)))(t)
		assert.EqualValues(t, 2, def.Revision)
		assert.Empty(t, got(d.acme.GetDefinition(ctx, "gtx"))(t).AllowedActions)
		assert.Len(t, got(d.acme.ListDefinitions(ctx, credentials.ListDefinitionsParams{Status: []credentials.DefinitionStatus{credentials.DefinitionStatusActive}}))(t).Items, 1)
		_, err = d.acme.PutDefinition(ctx, "gtx", *def)
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}

// TestOthersSeeNothing: a partner's credentials are nobody else's, by any way in.
func TestOthersSeeNothing(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		k := d.certifies("gtx", "Ada")
		assert.Empty(t, got(d.globex.List(ctx, credentials.ListParams{}))(t).Items)
		_, err := d.globex.List(ctx, credentials.ListParams{PartnerID: []string{d.AcmeID}})
		assert.Equal(t, []string{"?partner_id not_permitted"}, faults(t, err))
		for name, err := range map[string]error{
			"get": last(d.globex.Get(ctx, k.ID)), "badge": last(d.globex.OpenBadge(ctx, k.ID)), "verify": last(d.globex.Verify(ctx, k.ID)),
			"png": last(d.globex.OpenPNG(ctx, k.ID)), "svg": last(d.globex.OpenSVG(ctx, k.ID)), "renewal": last(d.globex.RequestRenewal(ctx, k.ID)),
		} {
			require.ErrorIs(t, err, partnerportal.ErrNotFound, name)
		}
		_, err = d.globex.Import(ctx, credentials.ImportRequest{LearnerID: k.Holder.LearnerID, Badge: "x"})
		assert.Equal(t, []string{"/learner_id invalid_value"}, faults(t, err), "as if there were no such learner")
		assert.Len(t, got(d.vendor.List(ctx, credentials.ListParams{PartnerID: []string{d.AcmeID}, DefinitionID: []string{"gtx"}, LearnerID: []string{k.Holder.LearnerID}}))(t).Items, 1)
		assert.Empty(t, got(d.vendor.List(ctx, credentials.ListParams{ExpiresBefore: k.ValidUntil}))(t).Items)
		assert.Len(t, got(d.vendor.List(ctx, credentials.ListParams{ExpiresAfter: k.ValidUntil}))(t).Items, 1)
	})
}

func last[T any](_ T, err error) error { return err }

// TestReplaced: the new credential takes the place of the old, which everybody can see is revoked.
func TestReplaced(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		d.defines("gtx-2", engineer())
		old := d.certifies("gtx", "Ada")
		d.Advance(10 * day)
		fresh := got(d.vendor.Supersede(ctx, old.ID, credentials.Replacement{Reason: "The name was wrong."}, partnerportal.IfMatch(old)))(t)
		assert.Equal(t, old.ValidUntil, fresh.ValidUntil, "nobody gains time by it")
		assert.Equal(t, old.ID, fresh.Supersedes)
		was := d.reads(old.ID)
		assert.Equal(t, []any{credentials.StatusSuperseded, fresh.ID, credentials.RevocationCodeReplaced}, []any{was.Status, was.SupersededBy, was.Revocation.Code})
		assert.Equal(t, badge.ReasonRevoked, d.judges(old.ID).Status.Reason)
		require.NoError(t, d.judges(fresh.ID).Err())
		assert.Equal(t, []string{"credential.issued", "credential.superseded"}, d.happened(old.ID))

		other := got(d.vendor.Supersede(ctx, fresh.ID, credentials.Replacement{DefinitionID: "gtx-2"}))(t)
		assert.Equal(t, d.Now().AddDate(2, 0, 0), other.ValidUntil)
		_, err := d.vendor.Supersede(ctx, fresh.ID, credentials.Replacement{})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		again := got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: old.Holder.LearnerID}))(t)
		assert.NotEqual(t, fresh.ID, again.ID, "the one of before was replaced")
	})
}

// TestReplacedAfterARenewal: the new credential goes on with the term of the old, however long that has become.
func TestReplacedAfterARenewal(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		old := d.certifies("gtx", "Ada")
		d.Advance(old.RenewalOpensAt.Sub(d.Now()))
		old = got(d.vendor.Renew(ctx, old.ID, credentials.Renewal{}))(t)
		d.Advance(day)
		fresh := got(d.vendor.Supersede(ctx, old.ID, credentials.Replacement{}))(t)
		assert.Equal(t, []time.Time{old.AwardedAt, old.ValidFrom, old.ValidUntil, old.RenewalOpensAt, old.RenewalClosesAt},
			[]time.Time{fresh.AwardedAt, fresh.ValidFrom, fresh.ValidUntil, fresh.RenewalOpensAt, fresh.RenewalClosesAt})
		require.NoError(t, d.judges(fresh.ID).Err())
	})
}
