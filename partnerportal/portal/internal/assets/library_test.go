package assets_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestAssetIsPublishedAndDownloaded(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		content := brochure(t, 2)
		a := d.adds("gtx.pdf", content, func(a *assets.NewAsset, _ string) { a.Products, a.Locales = []string{"GTX"}, []string{"en", "de"} })
		assert.Equal(t, assets.StatusDraft, a.Status)
		assert.Equal(t, "application/pdf", a.Files[0].MediaType)
		_, err := d.acme.Get(ctx, a.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound, "a draft is the vendor's")

		a, err = d.vendor.Publish(ctx, a.ID, assets.Publication{}, partnerportal.IfMatch(a))
		require.NoError(t, err)
		assert.Equal(t, assets.StatusPublished, a.Status)
		assert.Equal(t, noon, a.PublishedAt)

		for _, params := range []assets.ListParams{{}, {Product: []string{"GTX", "RTX"}}, {Locale: []string{"de"}}, {Status: []assets.Status{assets.StatusPublished}}} {
			page, err := d.acme.List(ctx, params)
			require.NoError(t, err)
			require.Len(t, page.Items, 1, "%+v", params)
			assert.Equal(t, []assets.Action{assets.ActionDownload}, page.Items[0].AllowedActions)
			assert.Empty(t, page.Items[0].EditableFields)
		}
		for _, params := range []assets.ListParams{{Product: []string{"RTX"}}, {Locale: []string{"fr"}}, {Kind: []assets.Kind{assets.KindVideo}}} {
			page, err := d.acme.List(ctx, params)
			require.NoError(t, err)
			assert.Empty(t, page.Items, "%+v", params)
		}

		assert.Equal(t, content, d.downloads(d.acme, a.ID, assets.LinkRequest{DealID: "deal_1"}))
		assert.Equal(t, content, d.downloads(d.vendor, a.ID, assets.LinkRequest{}))
		log, err := d.acme.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{})
		require.NoError(t, err)
		require.Len(t, log.Items, 1, "the vendor's own is not Acme's to see")
		assert.Equal(t, []any{d.AcmeID, "deal_1", a.Files[0].FileID, 1, noon},
			[]any{log.Items[0].PartnerID, log.Items[0].DealID, log.Items[0].FileID, log.Items[0].Version, log.Items[0].CreatedAt})
		log, err = d.vendor.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{})
		require.NoError(t, err)
		assert.Len(t, log.Items, 2)
		log, err = d.globex.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{})
		require.NoError(t, err)
		assert.Empty(t, log.Items)
		_, err = d.globex.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{PartnerID: []string{d.AcmeID}})
		require.ErrorIs(t, err, partnerportal.ErrValidation)

		counted, err := d.vendor.Get(ctx, a.ID)
		require.NoError(t, err)
		assert.EqualValues(t, 1, counted.Downloads, "by partners")
		seen, err := d.acme.Get(ctx, a.ID)
		require.NoError(t, err)
		assert.Zero(t, seen.Downloads, "what others do is not Acme's to know")
		assert.Equal(t, []string{"asset.downloaded"}, d.heard(d.Acme, a.ID))
		assert.Equal(t, []string{"asset.created", "asset.published", "asset.downloaded"}, d.heard(d.Vendor, a.ID))
		assert.Empty(t, d.heard(d.Globex, a.ID))
	})
}

// browse follows a link as a browser does: without credentials.
func (d *desk) browse(url string, header ...string) *http.Response {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, url, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

func TestLinkIsForWhoeverHasIt(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		link, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.NoError(t, err)
		assert.Equal(t, noon.Add(15*time.Minute), link.ExpiresAt)

		resp := d.browse(link.URL)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, "application/pdf", resp.Header.Get("Content-Type"))
		assert.Equal(t, `attachment; filename=gtx.pdf`, resp.Header.Get("Content-Disposition"))
		assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
		assert.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"))
		assert.Equal(t, http.StatusPartialContent, d.browse(link.URL, "Range", "bytes=0-9").StatusCode)
		for _, made := range []string{"/downloads/x", link.URL + "A", link.URL[:len(link.URL)-2]} {
			assert.Equal(t, http.StatusNotFound, d.browse(made).StatusCode, made)
		}

		d.Advance(14 * time.Minute)
		assert.Equal(t, http.StatusOK, d.browse(link.URL).StatusCode)
		d.Advance(time.Minute)
		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode)
		_, err = d.acme.Open(ctx, link.Token)
		require.ErrorIs(t, err, assets.ErrLinkExpired)
	})
}

func TestLinkEndsWithItsPartner(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		link, err := d.acme.CreateLink(t.Context(), a.ID, assets.LinkRequest{})
		require.NoError(t, err)
		_, err = program.New(d.Vendor).SuspendPartner(t.Context(), d.AcmeID, program.Ruling{Reason: "Unpaid."})
		require.NoError(t, err)
		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode)
	})
}

func TestTiers(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.tiers()
		gold := d.publishes("gold.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) { a.TierMin = "gold" })
		silver := d.publishes("silver.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) { a.TierMin = "silver" })

		seen, err := d.acme.Get(ctx, gold.ID)
		require.NoError(t, err, "it says what gold partners have")
		assert.Equal(t, assets.AccessTierRequired, seen.Access)
		assert.Empty(t, seen.AllowedActions)
		_, err = d.acme.CreateLink(ctx, gold.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrTier)
		_, err = d.acme.OpenPreview(ctx, gold.ID)
		require.ErrorIs(t, err, assets.ErrTier)
		d.downloads(d.acme, silver.ID, assets.LinkRequest{})
		_, err = d.globex.CreateLink(ctx, silver.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrTier, "Globex is in no tier")

		d.rises("gold")
		d.downloads(d.acme, gold.ID, assets.LinkRequest{})

		_, err = d.vendor.Update(ctx, gold.ID, assets.Patch{TierMin: partnerportal.Set("platinum")}, partnerportal.IfMatch(gold))
		assert.Equal(t, []string{"/tier_min invalid_value"}, faults(t, err))
	})
}

func TestProgramme(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, office := t.Context(), program.New(d.Vendor)
		p, err := office.Get(ctx, program.DefaultID)
		require.NoError(t, err)
		_, err = office.Put(ctx, "services", *p)
		require.NoError(t, err)
		a := d.publishes("gtx.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) { a.ProgramID = "services" })
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrProgram)
	})
}

func TestTerritories(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		texas := assets.New(d.Client(portal.ClientSpec{
			PartnerID: d.Partner(portal.Partner{Name: "Lone Star", Country: "US", Territories: []string{"US-TX"}}), Name: "Lone Star CRM",
		}))
		for _, c := range []struct {
			territories         []string
			acme, texas, globex bool // Acme is in the US, Lone Star in Texas, Globex in Germany
		}{
			{nil, true, true, true},
			{[]string{"us"}, true, true, false},
			{[]string{"US-TX"}, true, true, false},
			{[]string{"US-CA"}, true, false, false},
			{[]string{"DE", "FR"}, false, false, true},
		} {
			a := d.publishes("gtx.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) { a.Territories = c.territories })
			for client, may := range map[*assets.Client]bool{d.acme: c.acme, texas: c.texas, d.globex: c.globex} {
				_, err := client.CreateLink(ctx, a.ID, assets.LinkRequest{})
				if may {
					require.NoError(t, err, "%v", c.territories)
				} else {
					require.ErrorIs(t, err, assets.ErrTerritory, "%v", c.territories)
				}
			}
		}
	})
}

func TestTermsAreAccepted(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("logo.png", encoded(t, plain(400, 200, white)), func(a *assets.NewAsset, fileID string) {
			a.Terms = "Do not stretch it."
			banner(a, fileID)
		})
		_, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrTerms)
		_, err = d.acme.CoBrand(ctx, a.ID, d.branded())
		require.ErrorIs(t, err, assets.ErrTerms)
		d.downloads(d.acme, a.ID, assets.LinkRequest{AcceptTerms: true})
		log, err := d.vendor.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{})
		require.NoError(t, err)
		assert.True(t, log.Items[0].TermsAccepted)
	})
}

func TestOnlyTheVendorKeepsTheLibrary(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		for name, do := range map[string]func() error{
			"create": func() error {
				_, err := d.acme.Create(ctx, assets.NewAsset{Title: "Mine", Files: []assets.NewFile{{FileID: "x"}}})
				return err
			},
			"withdraw": func() error { _, err := d.acme.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "x"}); return err },
			"co-brand": func() error { _, err := d.vendor.CoBrand(ctx, a.ID, assets.CoBranding{}); return err },
		} {
			require.ErrorIs(t, do(), partnerportal.ErrForbidden, name)
		}
	})
}

func TestWhatIsWrongWithAnAsset(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		fileID := d.uploads(d.Vendor, files.PurposeAsset, "gtx.pdf", brochure(t, 1))
		foreign := d.uploads(d.Acme, files.PurposeLogo, "logo.png", encoded(t, plain(10, 10, red)))
		for name, c := range map[string]struct {
			asset assets.NewAsset
			want  []string
		}{
			"title":       {assets.NewAsset{Title: " ", Files: []assets.NewFile{{FileID: fileID}}}, []string{"/title required"}},
			"territory":   {assets.NewAsset{Title: "A", Territories: []string{"XX"}, Files: []assets.NewFile{{FileID: fileID}}}, []string{"/territories/0 invalid_format"}},
			"locale":      {assets.NewAsset{Title: "A", Locales: []string{"en", "deutsch-"}, Files: []assets.NewFile{{FileID: fileID}}}, []string{"/locales/1 invalid_format"}},
			"programme":   {assets.NewAsset{Title: "A", ProgramID: "none", Files: []assets.NewFile{{FileID: fileID}}}, []string{"/program_id invalid_value"}},
			"tier":        {assets.NewAsset{Title: "A", TierMin: "none", Files: []assets.NewFile{{FileID: fileID}}}, []string{"/tier_min invalid_value"}},
			"no file":     {assets.NewAsset{Title: "A", Files: []assets.NewFile{{FileID: "file_none"}}}, []string{"/files/0/file_id invalid_value"}},
			"not its own": {assets.NewAsset{Title: "A", Files: []assets.NewFile{{FileID: foreign}}}, []string{"/files/0/file_id invalid_value"}},
			"twice":       {assets.NewAsset{Title: "A", Files: []assets.NewFile{{FileID: fileID}, {FileID: fileID}}}, []string{"/files/1/file_id duplicate"}},
			"preview":     {assets.NewAsset{Title: "A", Files: []assets.NewFile{{FileID: fileID, Role: assets.FileRolePreview}}}, []string{"/files/0/role not_permitted"}},
		} {
			_, err := d.vendor.Create(ctx, c.asset)
			require.ErrorIs(t, err, partnerportal.ErrValidation, name)
			assert.Equal(t, c.want, faults(t, err), name)
		}
		f, err := files.New(d.Vendor).Get(ctx, fileID)
		require.NoError(t, err)
		assert.False(t, f.Used, "what is refused uses nothing")
	})
}

// TestLinksAreNotLogged: what is in the log can be read by people who may not have the file.
func TestLinksAreNotLogged(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	d := newDesk(t, "sqlite::memory:", portal.WithLogger(slog.New(slog.NewTextHandler(&written, nil))))
	a := d.publishes("gtx.pdf", brochure(t, 1), nil)
	link, err := d.acme.CreateLink(t.Context(), a.ID, assets.LinkRequest{})
	require.NoError(t, err)
	d.browse(link.URL)
	d.browse("/v1/asset-downloads/" + link.Token)
	assert.Contains(t, written.String(), "path=/downloads/…")
	assert.Contains(t, written.String(), "path=/v1/asset-downloads/…")
	assert.NotContains(t, written.String(), link.Token)
}
