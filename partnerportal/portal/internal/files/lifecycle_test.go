package files_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const pdf = "%PDF-1.7\nthe invoice"

func TestWhatIsKnownOfAFile(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		sum := sha256.Sum256([]byte(pdf))
		before := w.Now()
		f, err := w.acme.Upload(t.Context(), content("Rechnung März.exe", pdf))
		require.NoError(t, err)
		assert.Equal(t, &files.File{
			ID: f.ID, Name: "Rechnung März.exe", MediaType: "application/pdf", Size: int64(len(pdf)), SHA256: hex.EncodeToString(sum[:]),
			Purpose: files.PurposeProof, PartnerID: w.AcmeID, CreatedAt: f.CreatedAt, ExpiresAt: f.CreatedAt.Add(week),
		}, f, "the type is the content's, whatever the name says")
		assert.False(t, f.CreatedAt.Before(before))

		again, err := w.acme.Get(t.Context(), f.ID)
		require.NoError(t, err)
		assert.Equal(t, f, again)
		assert.Equal(t, pdf, w.read(w.acme, f.ID))
		assert.Equal(t, []string{f.ID}, w.names())

		d, err := w.acme.Open(t.Context(), f.ID)
		require.NoError(t, err)
		defer d.Close()
		assert.Equal(t, "Rechnung März.exe", d.Name)
		assert.Equal(t, "application/pdf", d.MediaType)
		assert.Equal(t, `"`+f.SHA256+`"`, d.ETag)

		own, err := w.vendor.Upload(t.Context(), files.Upload{File: files.Content{Name: "a.txt", Reader: content("", "of the vendor").File.Reader}})
		require.NoError(t, err)
		assert.Empty(t, own.PartnerID)
		assert.Equal(t, files.PurposeAttachment, own.Purpose, "when nothing is said")
	})
}

// A partner's file is nobody else's, and the vendor's only when it has been put to use: what was not handed in was not shown.
func TestWhoSeesAFile(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		f, own := w.upload(w.acme, "of Acme"), w.upload(w.vendor, "of the vendor")
		hidden := func(c *files.Client, id string) {
			t.Helper()
			_, err := c.Get(t.Context(), id)
			require.ErrorIs(t, err, partnerportal.ErrNotFound)
			_, err = c.Open(t.Context(), id)
			require.ErrorIs(t, err, partnerportal.ErrNotFound)
			require.ErrorIs(t, c.Delete(t.Context(), id), partnerportal.ErrNotFound)
		}
		hidden(w.globex, f.ID)
		hidden(w.vendor, f.ID)
		hidden(w.acme, own.ID)

		_, err := w.use(w.AcmeID, f.ID)
		require.NoError(t, err)
		hidden(w.globex, f.ID)
		assert.Equal(t, "of Acme", w.read(w.vendor, f.ID))
		require.ErrorIs(t, w.vendor.Delete(t.Context(), f.ID), partnerportal.ErrForbidden)

		for _, stranger := range []string{w.GlobexID, "vendor"} {
			_, err = w.use(stranger, f.ID)
			require.ErrorIs(t, err, store.ErrNotFound, "nobody uses another's file")
		}
		require.ErrorIs(t, w.release(w.GlobexID, f.ID), store.ErrNotFound)
	})
}

func TestUsesOfAFile(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		f := w.upload(w.acme, pdf)
		used, err := w.use(w.AcmeID, f.ID)
		require.NoError(t, err)
		assert.Equal(t, store.File{
			ID: f.ID, Owner: w.AcmeID, Purpose: "proof", Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256,
			Status: "kept", Uses: 1, CreatedAt: store.Micros(f.CreatedAt),
		}, used)
		_, err = w.use(w.AcmeID, f.ID)
		require.NoError(t, err, "two resources may name one file")

		got, err := w.acme.Get(t.Context(), f.ID)
		require.NoError(t, err)
		assert.True(t, got.Used)
		assert.Zero(t, got.ExpiresAt)
		require.ErrorIs(t, w.acme.Delete(t.Context(), f.ID), files.ErrInUse)

		require.NoError(t, w.release(w.AcmeID, f.ID))
		w.Advance(2 * week)
		assert.Equal(t, pdf, w.read(w.acme, f.ID), "one use keeps it")

		require.NoError(t, w.release(w.AcmeID, f.ID))
		require.ErrorIs(t, w.release(w.AcmeID, f.ID), store.ErrNotFound, "there is no use left to give back")
		w.Advance(week - time.Hour)
		got, err = w.acme.Get(t.Context(), f.ID)
		require.NoError(t, err)
		assert.False(t, got.Used)
		_, err = w.use(w.AcmeID, f.ID)
		require.NoError(t, err, "it can be used again")
		w.Advance(week)
		assert.Equal(t, pdf, w.read(w.acme, f.ID))

		require.NoError(t, w.release(w.AcmeID, f.ID))
		w.Advance(week)
		_, err = w.acme.Get(t.Context(), f.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		w.nothingLeft()
	})
}

func TestUnusedFilesGo(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		expiring, deleted := w.upload(w.acme, "one"), w.upload(w.acme, "two")
		require.NoError(t, w.acme.Delete(t.Context(), deleted.ID))
		require.ErrorIs(t, w.acme.Delete(t.Context(), deleted.ID), partnerportal.ErrNotFound)
		_, err := w.use(w.AcmeID, deleted.ID)
		require.ErrorIs(t, err, store.ErrNotFound)
		w.tick()
		assert.Equal(t, []string{expiring.ID}, w.names())
		assert.Equal(t, []string{expiring.ID}, w.rows())

		w.Advance(week - time.Hour)
		assert.Equal(t, "one", w.read(w.acme, expiring.ID))
		w.Advance(time.Hour + time.Second)
		_, err = w.acme.Get(t.Context(), expiring.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		assert.Empty(t, w.names())
		assert.Empty(t, w.rows())
	})
}
