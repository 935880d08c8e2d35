package store

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"modernc.org/sqlite" // also the "sqlite" driver of database/sql; imported here and nowhere else
)

// isBusy says that another process held the database, and that waiting was no use: SQLite does not wait while a file changes to
// WAL or recovers, which happens when several processes open it at once.
func isBusy(err error) bool {
	const busy = 5 // SQLITE_BUSY; the bits above say why
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == busy
}

// openSQLite opens a file durably (WAL with full sync), or a database in memory. Transactions start as writers, so that two of
// them wait for each other instead of failing half-way; a database in memory belongs to its one connection.
func openSQLite(path string) (*sql.DB, error) {
	pragmas := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}
	if path == ":memory:" {
		pragmas["_pragma"] = []string{"foreign_keys(1)"}
		pool, err := sql.Open("sqlite", "file::memory:?"+pragmas.Encode())
		if err == nil {
			pool.SetMaxOpenConns(1)
			pool.SetConnMaxLifetime(0)
		}
		return pool, err
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	pool, err := sql.Open("sqlite", "file:"+escaped+"?"+pragmas.Encode())
	if err == nil {
		pool.SetMaxOpenConns(8)
		pool.SetMaxIdleConns(8)
	}
	return pool, err
}
