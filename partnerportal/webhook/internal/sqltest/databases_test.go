package sqltest_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// onEach runs a test on an empty database of each kind. The table projects is what handlers write to.
func onEach(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	t.Helper()
	for kind, open := range map[string]func(t *testing.T) *sql.DB{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			_, err := db.ExecContext(t.Context(), `CREATE TABLE projects (deal TEXT NOT NULL)`)
			require.NoError(t, err)
			test(t, db)
		})
	}
}

func openSQLite(t *testing.T) *sql.DB {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "inbox.db"))
}

// openFile opens a database as a process does that has just been started.
func openFile(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// openPostgres returns a schema of its own, dropped at the end.
func openPostgres(t *testing.T) *sql.DB {
	t.Helper()
	dsn := os.Getenv("PARTNERPORTAL_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("PARTNERPORTAL_TEST_POSTGRES is not set")
	}
	admin, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	schema := fmt.Sprintf("webhook_%d", time.Now().UnixNano())
	_, err = admin.ExecContext(t.Context(), "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	db, err := sql.Open("pgx", u.String())
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = db.Close()
		_, _ = admin.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		_ = admin.Close()
	})
	return db
}

func newStore(t *testing.T, db *sql.DB) *webhook.SQLStore {
	t.Helper()
	s, err := webhook.NewSQLStore(t.Context(), db)
	require.NoError(t, err)
	return s
}

// project is what a handler does for an event: one row.
func project(ctx context.Context, tx *sql.Tx, ev webhook.Event[deal]) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO projects (deal) VALUES ($1)`, ev.ID)
	return err
}

func projects(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM projects`).Scan(&n))
	return n
}

type deal struct{}

// hook is a receiver and its sender.
type hook struct {
	*webhook.Receiver
	t      *testing.T
	signer *webhook.Signer
}

func newHook(t *testing.T, s webhook.DedupeStore, fn func(context.Context, webhook.Event[deal]) error, opts ...webhook.HandlerOption) *hook {
	t.Helper()
	key := webhook.GenerateSecret()
	v, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(t, err)
	signer, err := webhook.NewSigner(key)
	require.NoError(t, err)
	h := &hook{Receiver: webhook.NewReceiver(v, webhook.WithDedupe(s, 0)), t: t, signer: signer}
	webhook.On(h.Receiver, "deal.approved", fn, opts...)
	return h
}

func (h *hook) deliver(id string, version int) int {
	body := fmt.Appendf(nil, `{"id":%q,"type":"deal.approved","subject":{"type":"deal","id":"d","version":%d}}`, id, version)
	q := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	if err := h.signer.SetHeaders(q.Header, id, time.Now(), body); err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	if w.Code >= http.StatusBadRequest && !strings.Contains(w.Body.String(), "code") {
		panic(w.Body.String())
	}
	return w.Code
}
