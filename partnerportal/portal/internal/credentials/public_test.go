package credentials_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// TestWhatIsPublished: what a badge names is there, for anybody, and says what the badge says.
func TestWhatIsPublished(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		resp, _ := d.fetches("/credentials/issuer")
		assert.Equal(t, http.StatusNotFound, resp.StatusCode, "nobody issues yet")
		resp, body := d.fetches("/.well-known/credentials/jwks.json")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.JSONEq(t, `{"keys":[]}`, body)

		issuer := d.opens()
		d.defines("gtx", engineer())
		k := d.certifies("gtx", "Ada")
		said := d.judges(k.ID).Credential
		for url, want := range map[string]struct{ media, member, value string }{
			issuer.ProfileURL:                                {"application/ld+json", "name", "Vendor"},
			said.CredentialSubject.Achievement.ID:            {"application/ld+json", "name", "GTX Engineer"},
			got(d.acme.ListKeys(t.Context()))(t).Items[0].ID: {"application/jwk+json", "kty", "OKP"},
		} {
			resp, body := d.fetches(strings.TrimPrefix(url, public))
			assert.Equal(t, []any{http.StatusOK, want.media, want.value}, []any{resp.StatusCode, resp.Header.Get("Content-Type"), asMap(t, body)[want.member]}, url)
		}
		resp, body = d.fetches(strings.TrimPrefix(said.CredentialSubject.Achievement.Image.ID, public))
		assert.Equal(t, "image/png", resp.Header.Get("Content-Type"))
		_, err := png.Decode(strings.NewReader(body))
		require.NoError(t, err)
		resp, body = d.fetches(strings.TrimPrefix(k.Verification.StatusListURL, public))
		assert.Equal(t, []any{"application/vc+jwt", "*"}, []any{resp.Header.Get("Content-Type"), resp.Header.Get("Access-Control-Allow-Origin")})
		tag := resp.Header.Get("ETag")
		_, again := d.fetches("/credentials/status/1")
		assert.Equal(t, body, again, "signed once")
		got(d.vendor.Revoke(t.Context(), k.ID, credentials.Revocation{Code: credentials.RevocationCodeOther}))(t)
		resp, _ = d.fetches("/credentials/status/1")
		assert.NotEqual(t, tag, resp.Header.Get("ETag"))

		for _, path := range []string{"/credentials/status/2", "/credentials/status/x", "/credentials/status/-1", "/credentials/achievements/none", "/credentials/achievements/none/image.png",
			"/.well-known/credentials/keys/none", "/verify/none", "/verify/none/badge.png"} {
			resp, body := d.fetches(path)
			assert.Equal(t, http.StatusNotFound, resp.StatusCode, path)
			assert.Equal(t, "not_found", asMap(t, body)["code"], path)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, public+"/credentials/issuer", http.NoBody)
		require.NoError(t, err)
		resp, err = d.visitor().Do(r)
		require.NoError(t, err)
		assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
	})
}

// TestThePageForPeople says every check, runs nothing, and shows no address.
func TestThePageForPeople(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		def := engineer()
		def.Name = `<script>alert("GTX")</script>`
		d.defines("gtx", def)
		person := got(training.New(d.Acme).AddLearner(ctx, training.NewLearner{Name: `Ada "the first" <b>`, Email: "ada@company.example"}))(t)
		k := got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: person.ID}))(t)
		page := func() string {
			t.Helper()
			resp, body := d.fetches("/verify/" + k.ID)
			assert.Equal(t, []any{http.StatusOK, "text/html; charset=utf-8"}, []any{resp.StatusCode, resp.Header.Get("Content-Type")})
			assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
			for _, never := range []string{"<script", "company.example", "<b>", "lrn_", k.Holder.Salt} {
				assert.NotContains(t, body, never)
			}
			assert.Contains(t, body, "Ada &#34;the first&#34;")
			for _, check := range []string{"It was signed by its issuer", "The issuer is known", "It is valid today", "It was not taken away", "It has the form of Open Badges"} {
				assert.Contains(t, body, check)
			}
			return body
		}
		assert.Contains(t, page(), "genuine, and in force")
		assert.Equal(t, 5, strings.Count(page(), "✓ passed"))
		d.Advance(k.ValidUntil.Sub(d.Now()))
		assert.Contains(t, page(), "ended on 22 November 2028")
		got(d.vendor.Revoke(ctx, k.ID, credentials.Revocation{Code: credentials.RevocationCodeOther}))(t)
		assert.Contains(t, page(), "was taken away on 22 November 2028")
		assert.Contains(t, page(), "✗ failed")
	})
}

// TestKeysRotate: what was handed out before a rotation verifies on; after a revocation it has to be fetched again.
func TestKeysRotate(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		_, err := d.vendor.RotateKey(ctx, credentials.KeyRotation{})
		require.ErrorIs(t, err, credentials.ErrIssuerMissing)
		d.opens()
		d.defines("gtx", engineer())
		k := d.certifies("gtx", "Ada")
		handedOut := []byte(got(d.acme.OpenBadge(ctx, k.ID))(t).Badge)
		d.Advance(day)
		key := got(d.vendor.RotateKey(ctx, credentials.KeyRotation{Algorithm: credentials.AlgorithmES256}))(t)
		assert.Equal(t, []any{credentials.AlgorithmES256, credentials.KeyStatusCurrent}, []any{key.Algorithm, key.Status})
		require.NoError(t, d.verifies(handedOut).Err(), "by the key before, which stays published")
		require.NoError(t, d.judges(k.ID).Err(), "by the new one")
		later := d.certifies("gtx", "Grace")
		require.NoError(t, d.judges(later.ID).Err())

		d.Advance(day)
		key = got(d.vendor.RotateKey(ctx, credentials.KeyRotation{RevokeOld: true}))(t)
		assert.Equal(t, credentials.AlgorithmES256, key.Algorithm, "as the one before")
		v := d.verifies(handedOut)
		assert.Equal(t, []any{badge.Unknown, badge.ReasonKeyMissing}, []any{v.Signature.Result, v.Signature.Reason}, "a thief's signature convinces nobody, whatever verifier they have")
		_, set := d.fetches("/.well-known/credentials/jwks.json")
		assert.Len(t, asMap(t, set)["keys"], 1)
		require.NoError(t, d.judges(k.ID).Err())
		var states []credentials.KeyStatus
		for _, each := range got(d.acme.ListKeys(ctx))(t).Items {
			states = append(states, each.Status)
		}
		assert.Equal(t, []credentials.KeyStatus{"current", "revoked", "revoked"}, states)
		gone := got(d.acme.ListKeys(ctx))(t).Items[1].ID
		resp, _ := d.fetches(strings.TrimPrefix(gone, public))
		assert.Equal(t, http.StatusNotFound, resp.StatusCode)
		_, err = d.acme.RotateKey(ctx, credentials.KeyRotation{})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}

// TestTheIssuerMoves: badges keep the address that they were given, and new ones have the new one, with a status list of their own.
func TestTheIssuerMoves(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		for url, fault := range map[string]string{
			"http://portal.test": "/url invalid_format", "portal.test": "/url invalid_format", "https://portal.test/?a=b": "/url invalid_format", "https://u:p@portal.test": "/url invalid_format",
		} {
			_, err := d.vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: url})
			assert.Equal(t, []string{fault}, faults(t, err), url)
		}
		_, err := d.vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: public, Email: "badges at vendor"})
		assert.Equal(t, []string{"/email invalid_format"}, faults(t, err))
		first := d.opens()
		d.defines("gtx", engineer())
		old := d.certifies("gtx", "Ada")
		_, err = d.vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: public}, partnerportal.IfMatchRevision(9))
		require.ErrorIs(t, err, partnerportal.ErrorCode("revision_mismatch"))
		moved := got(d.vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: public + "/partners/"}, partnerportal.IfMatch(first)))(t)
		assert.Equal(t, public+"/partners/credentials/issuer", moved.ProfileURL)
		assert.Equal(t, moved, got(d.acme.GetIssuer(ctx))(t))
		fresh := d.certifies("gtx", "Grace")
		assert.Equal(t, []string{public + "/credentials/status/1", public + "/partners/credentials/status/2"}, []string{old.Verification.StatusListURL, fresh.Verification.StatusListURL})
		for _, k := range []*credentials.Credential{old, fresh} {
			assert.True(t, got(d.acme.Verify(ctx, k.ID))(t).OK)
		}

		// What is renewed moves along; the badge of before, which is out there, is revoked with it.
		handedOut := []byte(got(d.acme.OpenBadge(ctx, old.ID))(t).Badge)
		d.Advance(old.RenewalOpensAt.Sub(d.Now()))
		renewed := got(d.vendor.Renew(ctx, old.ID, credentials.Renewal{}))(t)
		assert.Equal(t, []string{public + "/partners/credentials/status/2", public + "/partners/verify/" + old.ID}, []string{renewed.Verification.StatusListURL, renewed.Verification.URL})
		assert.True(t, got(d.acme.Verify(ctx, old.ID))(t).OK)
		require.NoError(t, d.verifies(handedOut).Err())
		got(d.vendor.Revoke(ctx, old.ID, credentials.Revocation{Code: credentials.RevocationCodeOther}))(t)
		assert.False(t, got(d.acme.Verify(ctx, old.ID))(t).OK)
		assert.Equal(t, badge.ReasonRevoked, d.verifies(handedOut).Status.Reason)
	})
}

// TestPicturesCarryTheBadge: a PNG and an SVG from which anybody gets the badge out, drawn by the portal or the vendor's own.
func TestPicturesCarryTheBadge(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		def := d.defines("gtx", engineer())
		k := d.certifies("gtx", "Ada")
		jwt := got(d.acme.OpenBadge(ctx, k.ID))(t).Badge
		carries := func(picture []byte) {
			t.Helper()
			text, err := badge.Extract(picture)
			require.NoError(t, err)
			assert.Equal(t, jwt, string(text))
			require.NoError(t, d.verifies(picture).Err())
		}
		pixels := func() []byte { c, err := d.acme.OpenPNG(ctx, k.ID); return content(t, c, err) }
		drawing := func() []byte { c, err := d.acme.OpenSVG(ctx, k.ID); return content(t, c, err) }
		carries(pixels())
		carries(drawing())
		assert.Contains(t, string(drawing()), "GTX Engineer")
		_, body := d.fetches("/verify/" + k.ID + "/badge.png")
		assert.Equal(t, pixels(), []byte(body))
		seal, err := png.Decode(bytes.NewReader(pixels()))
		require.NoError(t, err)
		assert.Equal(t, 512, seal.Bounds().Dx())

		file := got(files.New(d.Vendor).Upload(ctx, files.Upload{Purpose: files.PurposeAsset, File: files.Content{Name: "own.png", Reader: bytes.NewReader(dot(t, 64))}}))(t)
		def.ImageFileID = file.ID
		d.defines("gtx", *def)
		own, err := png.Decode(bytes.NewReader(pixels()))
		require.NoError(t, err)
		assert.Equal(t, 64, own.Bounds().Dx(), "the vendor's own")
		carries(drawing())
		assert.Contains(t, string(drawing()), "data:image/png;base64,")

		large := got(files.New(d.Vendor).Upload(ctx, files.Upload{Purpose: files.PurposeAsset, File: files.Content{Name: "large.png", Reader: bytes.NewReader(dot(t, 3000))}}))(t)
		def.ImageFileID = large.ID
		_, err = d.vendor.PutDefinition(ctx, "gtx", *def)
		assert.Equal(t, []string{"/image_file_id invalid_value"}, faults(t, err))
		whole := dot(t, 64)
		damaged := got(files.New(d.Vendor).Upload(ctx, files.Upload{Purpose: files.PurposeAsset, File: files.Content{Name: "cut.png", Reader: bytes.NewReader(whole[:len(whole)-20])}}))(t)
		def.ImageFileID = damaged.ID
		_, err = d.vendor.PutDefinition(ctx, "gtx", *def)
		assert.Equal(t, []string{"/image_file_id invalid_value"}, faults(t, err))

		def.ImageFileID, def.Name = "", "GTX\x01 Engineer\ufffe"
		d.defines("gtx", *def)
		assert.Contains(t, string(drawing()), "GTX Engineer")
		carries(drawing())
	})
}
