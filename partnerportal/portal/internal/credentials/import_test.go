package credentials_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// academy is another issuer, with a key and a status list.
type academy struct {
	t    testing.TB
	key  badge.SigningKey
	bits *badge.Bitstring
}

const (
	academyID   = "https://academy.example/issuer"
	academyList = "https://academy.example/status/1"
	networks    = "https://academy.example/achievements/networks"
)

func newAcademy(t testing.TB) *academy {
	t.Helper()
	key, err := badge.GenerateKey(badge.EdDSA)
	require.NoError(t, err)
	bits, err := badge.NewBitstring(1 << 17)
	require.NoError(t, err)
	return &academy{t, key, bits}
}

// issues makes a badge for an address, valid since a year and for another.
func (a *academy) issues(id, email string, change func(*badge.Credential)) string {
	a.t.Helper()
	c := &badge.Credential{
		ID: "https://academy.example/badges/" + id, Issuer: badge.Profile{ID: academyID, Type: badge.Set[string]{"Profile"}, Name: "Not what the vendor calls it"},
		ValidFrom: noon.AddDate(-1, 0, 0), ValidUntil: noon.AddDate(1, 0, 0), CredentialStatus: badge.Statuses{badge.Status(academyList, 7, badge.Revocation)},
		CredentialSubject: badge.Subject{
			Identifier:  []badge.Identity{badge.EmailIdentity(email, "salt")},
			Achievement: badge.Achievement{ID: networks, Name: "Networks", Description: "Networks.", Criteria: badge.Criteria{Narrative: "Passed."}},
		},
	}
	if change != nil {
		change(c)
	}
	jwt, err := badge.Sign(c, a.key)
	require.NoError(a.t, err)
	return jwt
}

// trust is the academy as the vendor knows it, with its list or without.
func (a *academy) trust(now time.Time, withList bool) credentials.TrustedIssuer {
	a.t.Helper()
	text, err := json.Marshal(badge.JWKS{Keys: []badge.PublicKey{a.key.Public()}})
	require.NoError(a.t, err)
	t := credentials.TrustedIssuer{Name: "The Academy", Issuer: academyID}
	require.NoError(a.t, json.Unmarshal(text, &t.JWKS))
	if withList {
		list, err := badge.SignStatusList(badge.StatusList{ID: academyList, Issuer: academyID, Purpose: badge.Revocation, ValidFrom: now.Truncate(time.Second), Bits: a.bits}, a.key)
		require.NoError(a.t, err)
		t.StatusLists = []credentials.StatusSnapshot{{URL: academyList, Badge: list}}
	}
	return t
}

// accepting is a definition as which badges of the academy count.
func accepting() credentials.Definition {
	d := engineer()
	d.Accepts = []credentials.Equivalent{{Issuer: academyID, Achievement: networks}}
	return d
}

func results(checks []credentials.Check) map[credentials.CheckName]credentials.CheckResult {
	m := map[credentials.CheckName]credentials.CheckResult{}
	for _, c := range checks {
		m[c.Name] = c.Result
	}
	return m
}

// TestABadgeOfOthersIsBroughtIn: what passes every check counts at once, under the end that its issuer gave it.
func TestABadgeOfOthersIsBroughtIn(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		ada := d.learns(d.Acme, "Ada")
		text := other.issues("1", ada.Email, nil)
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: text}))(t)
		assert.Equal(t, []any{credentials.StatusIssued, credentials.OriginImported, "networks", noon.AddDate(1, 0, 0), credentials.ForeignIssuer{ID: academyID, Name: "The Academy"}},
			[]any{k.Status, k.Origin, k.DefinitionID, k.ValidUntil, k.ForeignIssuer})
		for _, c := range k.Verification.Checks {
			assert.Equal(t, credentials.CheckResultPassed, c.Result, c.Name)
		}
		doc := got(d.acme.OpenBadge(ctx, k.ID))(t)
		assert.Equal(t, text, doc.Badge, "as it came")
		assert.True(t, got(d.acme.Verify(ctx, k.ID))(t).OK)
		_, page := d.fetches("/verify/" + k.ID)
		assert.Contains(t, page, "The Academy")
		assert.NotContains(t, page, "Not what the vendor calls it")
		assert.Equal(t, []string{"credential.imported"}, d.happened(k.ID))

		_, err := d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: text})
		require.ErrorIs(t, err, credentials.ErrDuplicate)
		assert.Equal(t, k.ID, credentials.ExistingID(err))
		_, err = d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("2", ada.Email, nil)})
		require.ErrorIs(t, err, credentials.ErrAlreadyHeld)
		theirs := d.learns(d.Globex, "Ada")
		_, err = d.globex.Import(ctx, credentials.ImportRequest{LearnerID: theirs.ID, Badge: text})
		require.ErrorIs(t, err, credentials.ErrDuplicate)
		assert.Empty(t, credentials.ExistingID(err), "nobody else's business")
		_, err = d.vendor.Renew(ctx, k.ID, credentials.Renewal{})
		require.ErrorIs(t, err, credentials.ErrNotRenewable)
		d.Advance(k.ValidUntil.Sub(d.Now()))
		assert.Equal(t, credentials.StatusExpired, d.reads(k.ID).Status)
	})
}

// TestNothingBecomesValidSilently: each way in which a badge may not be believed, with the code and the check that say so.
func TestNothingBecomesValidSilently(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other, stranger := t.Context(), newAcademy(t), newAcademy(t)
		d.defines("networks", accepting())
		require.NoError(t, other.bits.Set(13, true))
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		ada := d.learns(d.Acme, "Ada")
		good := other.issues("1", ada.Email, nil)
		for name, test := range map[string]struct {
			badge string
			code  partnerportal.ErrorCode
			check credentials.CheckName
		}{
			"no badge":            {"Hello", credentials.ErrUnsupported, credentials.CheckNameSchema},
			"a changed signature": {good[:len(good)-8] + strings.Repeat("A", 8), credentials.ErrSignature, credentials.CheckNameSignature},
			"another's key":       {stranger.issues("2", ada.Email, nil), credentials.ErrSignature, credentials.CheckNameSignature},
			"another issuer":      {other.issues("3", ada.Email, func(c *badge.Credential) { c.Issuer.ID = "https://elsewhere.example" }), credentials.ErrIssuerUntrusted, credentials.CheckNameIssuer},
			"revoked": {other.issues("4", ada.Email, func(c *badge.Credential) {
				c.CredentialStatus = badge.Statuses{badge.Status(academyList, 13, badge.Revocation)}
			}), credentials.ErrRevoked, credentials.CheckNameStatus},
			"expired":         {other.issues("5", ada.Email, func(c *badge.Credential) { c.ValidUntil = noon }), credentials.ErrExpired, credentials.CheckNameValidity},
			"not begun":       {other.issues("6", ada.Email, func(c *badge.Credential) { c.ValidFrom = noon.Add(time.Second) }), credentials.ErrExpired, credentials.CheckNameValidity},
			"somebody else's": {other.issues("7", "grace@company.example", nil), credentials.ErrHolderMismatch, credentials.CheckNameHolder},
		} {
			_, err := d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: test.badge})
			require.ErrorIs(t, err, test.code, name)
			assert.NotEqual(t, credentials.CheckResultPassed, results(credentials.ChecksOf(err))[test.check], name)
		}
		_, err := d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("8", ada.Email, func(c *badge.Credential) {
			c.CredentialSubject.Achievement.ID = "https://academy.example/achievements/cooking"
		})})
		require.ErrorIs(t, err, credentials.ErrUnsupported, "an achievement that counts as nothing")
		for _, ask := range []credentials.ImportRequest{{LearnerID: ada.ID}, {LearnerID: ada.ID, Badge: good, FileID: "file_1"}} {
			_, err = d.acme.Import(ctx, ask)
			assert.Equal(t, []string{"/badge required"}, faults(t, err))
		}
		assert.Empty(t, got(d.acme.List(ctx, credentials.ListParams{}))(t).Items, "nothing was kept")
	})
}

// TestWhatCouldNotBeCheckedWaits for the vendor, and counts for nothing until then.
func TestWhatCouldNotBeCheckedWaits(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, false)))(t)
		import1 := func(name, id string) *credentials.Credential {
			t.Helper()
			person := d.learns(d.Acme, name)
			k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: person.ID, Badge: other.issues(id, person.Email, func(c *badge.Credential) {
				c.CredentialStatus = badge.Statuses{badge.Status(academyList, map[string]int{"1": 1, "2": 2, "3": 3}[id], badge.Revocation)}
			})}))(t)
			assert.Equal(t, credentials.StatusPending, k.Status)
			assert.Equal(t, credentials.CheckResultUnknown, results(k.Verification.Checks)[credentials.CheckNameStatus])
			return k
		}
		accepted, revoked, passed := import1("Ada", "1"), import1("Grace", "2"), import1("Edith", "3")
		resp, _ := d.fetches("/verify/" + accepted.ID)
		assert.Equal(t, 404, resp.StatusCode, "it is nothing yet")
		_, err := d.acme.OpenPNG(ctx, accepted.ID)
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		_, err = d.acme.Accept(ctx, accepted.ID, credentials.Ruling{Reason: "I know it."})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
		_, err = d.vendor.Accept(ctx, accepted.ID, credentials.Ruling{Reason: " "})
		assert.Equal(t, []string{"/reason required"}, faults(t, err))
		k := got(d.vendor.Accept(ctx, accepted.ID, credentials.Ruling{Reason: "Confirmed by mail."}))(t)
		assert.Equal(t, []any{credentials.StatusIssued, "Confirmed by mail."}, []any{k.Status, k.Verification.AcceptedBecause})
		assert.Equal(t, credentials.CheckResultUnknown, results(k.Verification.Checks)[credentials.CheckNameStatus], "the check stays what it was")
		assert.Equal(t, []string{"credential.imported", "credential.issued"}, d.happened(k.ID))

		// The list comes: one was revoked, the others are fine.
		require.NoError(t, other.bits.Set(2, true))
		trusted := got(d.acme.GetTrustedIssuer(ctx, "academy"))(t)
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(d.Now(), true), partnerportal.IfMatch(trusted)))(t)
		k = d.reads(revoked.ID)
		assert.Equal(t, []any{credentials.StatusRevoked, credentials.RevocationCodeRevokedByIssuer}, []any{k.Status, k.Revocation.Code})
		assert.Equal(t, credentials.StatusIssued, d.reads(passed.ID).Status)
		assert.Equal(t, credentials.CheckResultPassed, results(d.reads(accepted.ID).Verification.Checks)[credentials.CheckNameStatus])

		// And later: even what counts is revoked when its issuer does so.
		require.NoError(t, other.bits.Set(1, true))
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(d.Now(), true)))(t)
		assert.Equal(t, credentials.StatusRevoked, d.reads(accepted.ID).Status)
	})
}

func TestABadgeInAPicture(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		ada := d.learns(d.Acme, "Ada")
		upload := func(picture []byte) string {
			t.Helper()
			return got(files.New(d.Acme).Upload(ctx, files.Upload{Purpose: files.PurposeAttachment, File: files.Content{Name: "badge.png", Reader: bytes.NewReader(picture)}}))(t).ID
		}
		_, err := d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, FileID: upload(dot(t, 8))})
		assert.Equal(t, []string{"/file_id invalid_value"}, faults(t, err))
		_, err = d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, FileID: "file_none"})
		assert.Equal(t, []string{"/file_id invalid_value"}, faults(t, err))
		baked, err := badge.Bake(dot(t, 8), other.issues("1", ada.Email, nil))
		require.NoError(t, err)
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, FileID: upload(baked)}))(t)
		assert.Equal(t, credentials.StatusIssued, k.Status)
	})
}

func TestTrustedIssuers(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		for name, test := range map[string]struct {
			change func(*credentials.TrustedIssuer)
			fault  string
		}{
			"no keys": {func(i *credentials.TrustedIssuer) { i.JWKS = map[string]any{} }, "/jwks invalid_format"},
			"secret keys": {func(i *credentials.TrustedIssuer) {
				i.JWKS = map[string]any{"keys": []any{map[string]any{"kty": "oct", "k": "c2VjcmV0"}}}
			}, "/jwks invalid_value"},
			"no address":  {func(i *credentials.TrustedIssuer) { i.Issuer = "academy" }, "/issuer invalid_value"},
			"of tomorrow": {func(i *credentials.TrustedIssuer) { i.AsOf = noon.Add(time.Hour) }, "/as_of out_of_range"},
			"a list of then": {func(i *credentials.TrustedIssuer) {
				i.StatusLists = []credentials.StatusSnapshot{{URL: academyList, Badge: "x", AsOf: noon.Add(time.Hour)}}
			}, "/status_lists/0/as_of out_of_range"},
		} {
			i := other.trust(noon, false)
			test.change(&i)
			_, err := d.vendor.PutTrustedIssuer(ctx, "academy", i)
			assert.Equal(t, []string{test.fault}, faults(t, err), name)
		}
		kept := got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, false)))(t)
		_, err := d.vendor.PutTrustedIssuer(ctx, "twice", other.trust(noon, false))
		assert.Equal(t, []string{"/issuer duplicate"}, faults(t, err))
		_, err = d.acme.PutTrustedIssuer(ctx, "mine", other.trust(noon, false))
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
		assert.Len(t, got(d.acme.ListTrustedIssuers(ctx, credentials.ListTrustedIssuersParams{}))(t).Items, 1)
		require.ErrorIs(t, d.vendor.DeleteTrustedIssuer(ctx, "academy", partnerportal.IfMatchRevision(9)), partnerportal.ErrorCode("revision_mismatch"))
		require.NoError(t, d.vendor.DeleteTrustedIssuer(ctx, "academy", partnerportal.IfMatch(kept)))
		_, err = d.vendor.GetTrustedIssuer(ctx, "academy")
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
	})
}

// TestWhatWaitsEnds: a badge that nobody has accepted in time is over, and stands in nobody's way.
func TestWhatWaitsEnds(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.opens()
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, false)))(t)
		ada := d.learns(d.Acme, "Ada")
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("1", ada.Email, nil)}))(t)
		_, err := d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "networks", LearnerID: ada.ID})
		require.ErrorIs(t, err, credentials.ErrAlreadyHeld)
		d.Advance(k.ValidUntil.Sub(d.Now()))
		assert.Equal(t, []string{"credential.imported", "credential.expired"}, d.happened(k.ID))
		_, err = d.vendor.Accept(ctx, k.ID, credentials.Ruling{Reason: "Too late."})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "networks", LearnerID: ada.ID}))(t)
	})
}

// TestTakenAwayHere: what the vendor took away does not verify, although its issuer knows nothing of it; and only what the issuer has changed
// makes a new revision.
func TestTakenAwayHere(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		ada := d.learns(d.Acme, "Ada")
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("1", ada.Email, nil)}))(t)
		d.Advance(day)
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(d.Now(), true)))(t)
		assert.Equal(t, k.Revision, d.reads(k.ID).Revision, "nothing new")
		got(d.vendor.Revoke(ctx, k.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		v := got(d.acme.Verify(ctx, k.ID))(t)
		assert.False(t, v.OK)
		assert.Equal(t, credentials.CheckResultFailed, v.Check(credentials.CheckNameStatus).Result)
		_, page := d.fetches("/verify/" + k.ID)
		assert.Contains(t, page, "taken away")
		assert.Contains(t, page, "✗ failed")
	})
}

// TestOthersBadgesAreNotPublished: they may hold the address as it is. The public sees the picture, and the checks.
func TestOthersBadgesAreNotPublished(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		ada := d.learns(d.Acme, "Ada")
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("1", ada.Email, func(c *badge.Credential) {
			c.CredentialSubject.Identifier = []badge.Identity{{Type: "IdentityObject", IdentityType: "emailAddress", IdentityHash: ada.Email}}
		})}))(t)
		for _, file := range []string{"/badge.png", "/badge.svg"} {
			resp, body := d.fetches("/verify/" + k.ID + file)
			assert.Equal(t, 200, resp.StatusCode)
			_, err := badge.Extract([]byte(body))
			require.Error(t, err, file)
		}
		c, err := d.acme.OpenPNG(ctx, k.ID)
		_, err = badge.Extract(content(t, c, err))
		require.NoError(t, err, "the partner has it")
		assert.Empty(t, got(d.vendor.ListTrustedIssuers(ctx, credentials.ListTrustedIssuersParams{}))(t).Items[0].StatusLists, "a page of lists would be huge")
		assert.Len(t, got(d.vendor.GetTrustedIssuer(ctx, "academy"))(t).StatusLists, 1)
	})
}
