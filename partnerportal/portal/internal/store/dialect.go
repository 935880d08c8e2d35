package store

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver of database/sql
)

// Dialect is the engine behind a database.
type Dialect int

// The engines.
const (
	SQLite Dialect = iota
	PostgreSQL
)

// retry says whether a transaction that failed with err may be run again: it lost a race, nothing is wrong with it.
func (d Dialect) retry(err error) bool {
	if errors.Is(err, ErrLostUpdate) || isBusy(err) {
		return true
	}
	var pg *pgconn.PgError
	if d != PostgreSQL || !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "40001", "40P01", "23505": // serialization failure, deadlock, and two inserts of the same new key
		return true
	}
	return false
}
