package leads_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver of database/sql
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// engines runs a test on each database engine that is at hand. On PostgreSQL it has a schema of its own.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, "sqlite::memory:") })
	t.Run("postgres", func(t *testing.T) {
		server := os.Getenv("PARTNERPORTAL_TEST_POSTGRES")
		if server == "" {
			t.Skip("PARTNERPORTAL_TEST_POSTGRES is not set")
		}
		schema := fmt.Sprintf("leads_%d_%d", os.Getpid(), time.Now().UnixNano())
		db, err := sql.Open("pgx", server)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), "CREATE SCHEMA "+schema)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP SCHEMA "+schema+" CASCADE")
			assert.NoError(t, err)
			assert.NoError(t, db.Close())
		})
		test(t, server+"&search_path="+schema)
	})
}
