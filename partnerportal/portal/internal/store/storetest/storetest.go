// Package storetest gives tests databases of their own.
package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver of database/sql
)

// Variable names the environment variable with the DSN of a server to test on, such as
// "postgres://postgres@127.0.0.1:5432/postgres". What tests make there they remove again.
const Variable = "PARTNERPORTAL_TEST_POSTGRES"

// Engines make the DSN of an empty database of each kind that lives as long as the test; without a server, a test on PostgreSQL is skipped.
var Engines = map[string]func(testing.TB) string{
	"sqlite": func(testing.TB) string { return "sqlite::memory:" }, "postgres": Postgres,
}

var schemas atomic.Int64

// Postgres returns the DSN of an empty schema that lives as long as the test. Without a server the test is skipped.
func Postgres(tb testing.TB) string {
	tb.Helper()
	dsn := os.Getenv(Variable)
	if dsn == "" {
		tb.Skipf("no PostgreSQL to test on: %s is not set", Variable)
	}
	at, err := url.Parse(dsn)
	if err != nil {
		tb.Fatalf("%s is not a URL", Variable)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		tb.Fatalf("open PostgreSQL: %v", err)
	}
	schema := fmt.Sprintf("test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), schemas.Add(1))
	if _, err := db.ExecContext(tb.Context(), "CREATE SCHEMA "+schema); err != nil {
		tb.Fatalf("create a schema: %v", err)
	}
	tb.Cleanup(func() {
		// The context of the test has ended by now.
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil { //nolint:noctx // see above
			tb.Errorf("drop the schema: %v", err)
		}
		_ = db.Close() // the test is over
	})
	query := at.Query()
	query.Set("search_path", schema)
	at.RawQuery = query.Encode()
	return at.String()
}
