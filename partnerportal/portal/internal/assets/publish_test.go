package assets_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

func TestWithdrawalIsToldToAllWhoHaveIt(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		link, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.NoError(t, err)
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{}) // twice, and still told once
		require.NoError(t, err)
		_, err = d.vendor.Archive(ctx, a.ID)
		require.ErrorIs(t, err, partnerportal.ErrInvalidState, "withdraw it first")

		a, err = d.vendor.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "The certification has lapsed."})
		require.NoError(t, err)
		assert.Equal(t, assets.StatusWithdrawn, a.Status)
		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode)
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrWithdrawn)
		seen, err := d.acme.Get(ctx, a.ID)
		require.NoError(t, err)
		assert.Equal(t, "The certification has lapsed.", seen.Reason)

		page, err := events.New(d.Acme).List(ctx, events.ListParams{Type: []string{assets.EventWithdrawn}})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, map[string]any{"version": 1.0}, page.Items[0].Data.Facts, "what a person wrote is read with the asset")
		assert.Equal(t, "/v1/assets/"+a.ID, page.Items[0].Subject.URL)
		assert.Empty(t, d.heard(d.Globex, a.ID), "Globex has nothing of it")

		a, err = d.vendor.Publish(ctx, a.ID, assets.Publication{})
		require.NoError(t, err)
		assert.Empty(t, a.Reason)
		assert.Equal(t, []string{"asset.downloaded", "asset.downloaded", "asset.withdrawn", "asset.published"}, d.heard(d.Acme, a.ID))
		assert.Equal(t, http.StatusOK, d.browse(link.URL).StatusCode, "the same files stand again")
	})
}

func TestAssetIsPublishedAndEndsInTime(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.adds("gtx.pdf", brochure(t, 1), nil)
		_, err := d.vendor.Publish(ctx, a.ID, assets.Publication{PublishAt: noon.Add(2 * time.Hour), ExpiresAt: noon.Add(time.Hour)})
		assert.Equal(t, []string{"/expires_at out_of_range"}, faults(t, err))
		a, err = d.vendor.Publish(ctx, a.ID, assets.Publication{PublishAt: noon.Add(time.Hour), ExpiresAt: noon.Add(3 * time.Hour)})
		require.NoError(t, err)
		assert.Equal(t, assets.StatusScheduled, a.Status)
		_, err = d.acme.Get(ctx, a.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)

		d.Advance(time.Hour)
		link, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.NoError(t, err)
		d.Advance(2 * time.Hour)
		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode)
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.ErrorIs(t, err, assets.ErrExpired)
		seen, err := d.acme.Get(ctx, a.ID)
		require.NoError(t, err)
		assert.Equal(t, assets.StatusExpired, seen.Status)
		assert.Equal(t, []string{"asset.created", "asset.scheduled", "asset.published", "asset.downloaded", "asset.expired"}, d.heard(d.Vendor, a.ID))
		assert.Equal(t, []string{"asset.downloaded", "asset.expired"}, d.heard(d.Acme, a.ID))

		_, err = d.vendor.Archive(ctx, a.ID)
		require.NoError(t, err)
		_, err = d.acme.Get(ctx, a.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.vendor.Publish(ctx, a.ID, assets.Publication{})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState, "archived is for good")
	})
}

func TestAssetEndsAnotherDay(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) { a.ExpiresAt = noon.Add(time.Hour) })
		_, err := d.vendor.Update(ctx, a.ID, assets.Patch{Title: partnerportal.Set("B")}, partnerportal.IfMatchRevision(1))
		require.ErrorIs(t, err, partnerportal.ErrStale)
		a, err = d.vendor.Update(ctx, a.ID, assets.Patch{Title: partnerportal.Set("B"), ExpiresAt: partnerportal.Set(noon.Add(2 * time.Hour))}, partnerportal.IfMatch(a))
		require.NoError(t, err)
		d.Advance(time.Hour)
		d.downloads(d.acme, a.ID, assets.LinkRequest{})
		a, err = d.vendor.Update(ctx, a.ID, assets.Patch{ExpiresAt: partnerportal.Null[time.Time]()}, partnerportal.IfMatch(a))
		require.NoError(t, err)
		d.Advance(2 * time.Hour)
		d.downloads(d.acme, a.ID, assets.LinkRequest{})
		a, err = d.vendor.Update(ctx, a.ID, assets.Patch{ExpiresAt: partnerportal.Set(noon)}, partnerportal.IfMatch(a))
		require.NoError(t, err)
		assert.Equal(t, assets.StatusExpired, a.Status, "at once")
		assert.Contains(t, d.heard(d.Acme, a.ID), assets.EventExpired)
	})
}

func TestNewVersion(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		link, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
		require.NoError(t, err)
		newer := brochure(t, 3)
		fileID := d.uploads(d.Vendor, files.PurposeAsset, "gtx-2.pdf", newer)
		a, err = d.vendor.AddVersion(ctx, a.ID, assets.NewVersion{Note: "New prices.", Files: []assets.NewFile{{FileID: fileID}, {FileID: a.Files[0].FileID, Role: assets.FileRoleSource}}}, partnerportal.IfMatch(a))
		require.NoError(t, err)
		assert.Equal(t, 2, a.Version)

		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode, "the older files are not to be used any more")
		assert.Equal(t, newer, d.downloads(d.acme, a.ID, assets.LinkRequest{}))
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{FileID: "file_none"})
		assert.Equal(t, []string{"/file_id invalid_value"}, faults(t, err))
		assert.Equal(t, []string{"asset.downloaded", "asset.version_added", "asset.downloaded"}, d.heard(d.Acme, a.ID))
		versions, err := partnerportal.Collect(d.acme.AllVersions(ctx, a.ID, assets.ListVersionsParams{Limit: 1}))
		require.NoError(t, err)
		require.Len(t, versions, 2)
		assert.Equal(t, []any{2, "New prices.", 1}, []any{versions[0].Number, versions[0].Note, versions[1].Number})
	})
}

func TestAllowedActionsAreTrue(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		content := brochure(t, 1)
		for status, reach := range map[assets.Status]func(id string) error{
			assets.StatusDraft: func(string) error { return nil },
			assets.StatusScheduled: func(id string) error {
				_, err := d.vendor.Publish(ctx, id, assets.Publication{PublishAt: noon.AddDate(1, 0, 0)})
				return err
			},
			assets.StatusPublished: func(id string) error { _, err := d.vendor.Publish(ctx, id, assets.Publication{}); return err },
			assets.StatusExpired: func(id string) error {
				a, err := d.vendor.Publish(ctx, id, assets.Publication{})
				if err == nil {
					_, err = d.vendor.Update(ctx, id, assets.Patch{ExpiresAt: partnerportal.Set(noon)}, partnerportal.IfMatch(a))
				}
				return err
			},
			assets.StatusWithdrawn: func(id string) error {
				_, err := d.vendor.Publish(ctx, id, assets.Publication{})
				if err == nil {
					_, err = d.vendor.Withdraw(ctx, id, assets.Withdrawal{Reason: "x"})
				}
				return err
			},
			assets.StatusArchived: func(id string) error { _, err := d.vendor.Archive(ctx, id); return err },
		} {
			for action, do := range map[assets.Action]func(a *assets.Asset) error{
				assets.ActionUpdate: func(a *assets.Asset) error {
					_, err := d.vendor.Update(ctx, a.ID, assets.Patch{Title: partnerportal.Set("B")}, partnerportal.IfMatch(a))
					return err
				},
				assets.ActionAddVersion: func(a *assets.Asset) error {
					_, err := d.vendor.AddVersion(ctx, a.ID, assets.NewVersion{Files: []assets.NewFile{{FileID: a.Files[0].FileID}}})
					return err
				},
				assets.ActionPublish: func(a *assets.Asset) error {
					_, err := d.vendor.Publish(ctx, a.ID, assets.Publication{ExpiresAt: noon.AddDate(2, 0, 0)})
					return err
				},
				assets.ActionWithdraw: func(a *assets.Asset) error {
					_, err := d.vendor.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "x"})
					return err
				},
				assets.ActionArchive: func(a *assets.Asset) error { _, err := d.vendor.Archive(ctx, a.ID); return err },
			} {
				id := d.adds("a.pdf", content, nil).ID
				require.NoError(t, reach(id))
				a, err := d.vendor.Get(ctx, id)
				require.NoError(t, err)
				require.Equal(t, status, a.Status)
				if slices.Contains(a.AllowedActions, action) {
					require.NoError(t, do(a), "%s %s", status, action)
				} else {
					require.ErrorIs(t, do(a), partnerportal.ErrInvalidState, "%s %s", status, action)
				}
			}
		}
	})
}

// TestNobodyDownloadsUnheard: a link that is given while the asset is withdrawn is refused, or its partner hears of the withdrawal.
func TestNobodyDownloadsUnheard(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), nil)
		for range 10 {
			before := len(d.heard(d.Globex, a.ID))
			var work sync.WaitGroup
			var linked, withdrew error
			work.Go(func() { _, linked = d.globex.CreateLink(ctx, a.ID, assets.LinkRequest{}) })
			work.Go(func() { _, withdrew = d.vendor.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "x"}) })
			work.Wait()
			require.NoError(t, withdrew)
			if linked == nil {
				assert.Equal(t, []string{"asset.downloaded", "asset.withdrawn"}, d.heard(d.Globex, a.ID)[before:])
			} else {
				require.ErrorIs(t, linked, assets.ErrWithdrawn)
			}
			_, err := d.vendor.Publish(ctx, a.ID, assets.Publication{})
			require.NoError(t, err)
		}
	})
}
