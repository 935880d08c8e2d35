package files_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// world is a portal whose files lie in a folder that the test can look into.
type world struct {
	*portaltest.Portal

	t                    testing.TB
	acme, globex, vendor *files.Client
	dir                  string
	store                *store.Store // of the same database: it does what a room does that uses files
	db                   *sql.DB
}

// engines runs a test on SQLite and, where there is one, on PostgreSQL.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, storetest.Postgres(t)))
	})
}

func onFile(t testing.TB, opts ...portal.Option) *world {
	t.Helper()
	return newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db"), opts...)
}

func newWorld(t testing.TB, dsn string, opts ...portal.Option) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "files")}
	dialect, driver := portal.PostgreSQL, "pgx"
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok { // as the portal opens it, but not durable: no test here pulls the plug
		dialect, driver = portal.SQLite, "sqlite"
		dsn = "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=foreign_keys(1)"
	}
	var err error
	w.db, err = sql.Open(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.db.Close()) })
	inner, err := portal.New(t.Context(), w.db, dialect, append([]portal.Option{portal.WithSandbox(), portal.WithFileDir(w.dir)}, opts...)...)
	require.NoError(t, err)
	w.Portal = portaltest.Wrap(t, inner)
	w.acme, w.globex = files.New(w.Acme), files.New(w.Globex)
	w.vendor = files.New(w.Client(portal.ClientSpec{Name: "Vendor marketing", Scopes: []string{"files:read", "files:write"}}))
	w.store, err = store.New(t.Context(), w.db, dialect)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.store.Close()) })
	return w
}

func content(name, text string) files.Upload {
	return files.Upload{Purpose: files.PurposeProof, File: files.Content{Name: name, Reader: strings.NewReader(text)}}
}

func (w *world) upload(c *files.Client, text string) *files.File {
	w.t.Helper()
	f, err := c.Upload(w.t.Context(), content("proof.txt", text))
	require.NoError(w.t, err)
	return f
}

func (w *world) read(c *files.Client, id string) string {
	w.t.Helper()
	var b bytes.Buffer
	_, err := c.Download(w.t.Context(), id, &b)
	require.NoError(w.t, err)
	return b.String()
}

// use does what a room does when a resource of its own names a file.
func (w *world) use(owner, id string) (used store.File, err error) {
	err = w.store.Write(context.Background(), func(tx *store.Tx) error {
		var err error
		used, err = tx.UseFile(context.Background(), owner, id)
		return err
	})
	return used, err
}

func (w *world) release(owner, id string) error {
	return w.store.Write(context.Background(), func(tx *store.Tx) error {
		return tx.ReleaseFile(context.Background(), owner, id, w.Now())
	})
}

// tick lets the portal act on what has fallen due.
func (w *world) tick() {
	w.t.Helper()
	_, err := w.Tick(w.t.Context())
	require.NoError(w.t, err)
}

// names are the files in the folder.
func (w *world) names() []string {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{}
	}
	require.NoError(w.t, err)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// rows are the ids in the table, whatever their status.
func (w *world) rows() []string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), "SELECT id FROM files ORDER BY id")
	require.NoError(w.t, err)
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var id string
		require.NoError(w.t, rows.Scan(&id))
		found = append(found, id)
	}
	require.NoError(w.t, rows.Err())
	return found
}

// nothingLeft asserts that of uploads that failed nothing is there, neither in the folder nor, after a tick, in the table.
func (w *world) nothingLeft() {
	w.t.Helper()
	w.tick()
	assert.Empty(w.t, w.names())
	assert.Empty(w.t, w.rows())
}

func problemOf(t testing.TB, err error) *partnerportal.Error {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	return e
}

const week = 7 * 24 * time.Hour
