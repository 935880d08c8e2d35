// Package store keeps the portal's data in SQLite or PostgreSQL: one schema, one set of queries, documents as JSON text beside
// the few columns that are searched. It knows SQL and no business rule.
package store

//go:generate go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/internal/db"
)

// ErrNotFound is returned for a row that is not there.
var ErrNotFound = sql.ErrNoRows

// ErrLostUpdate is returned when another transaction changed a row since this one read it; [Store.Write] then starts over.
var ErrLostUpdate = errors.New("store: another transaction was faster")

// postgresConns leaves room for other replicas within PostgreSQL's default of 100 connections.
const postgresConns = 20

// Store is a database of one portal. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	queries *db.Queries
	dialect Dialect
	seal    cipher.AEAD // of cursors, see seal.go
	owned   bool
	writer  chan struct{} // SQLite has one writer; queueing here is fair and does not poll
}

// Tx is what runs inside a transaction, or reads outside of one.
type Tx struct {
	*db.Queries
	conn    db.DBTX
	dialect Dialect
	seal    cipher.AEAD
}

// Open opens the database that a DSN names, "sqlite:portal.db", "sqlite::memory:" or "postgres://…", and brings its schema up to date.
func Open(ctx context.Context, dsn string) (*Store, error) {
	var pool *sql.DB
	var dialect Dialect
	var err error
	switch scheme, rest, _ := strings.Cut(dsn, ":"); scheme {
	case "sqlite":
		dialect = SQLite
		pool, err = openSQLite(rest)
	case "postgres", "postgresql":
		dialect = PostgreSQL
		if pool, err = sql.Open("pgx", dsn); err == nil {
			pool.SetMaxOpenConns(postgresConns)
			pool.SetMaxIdleConns(postgresConns)
			pool.SetConnMaxIdleTime(5 * time.Minute)
		}
	default:
		return nil, fmt.Errorf(`the database %q is neither "sqlite:FILE", "sqlite::memory:" nor "postgres://…"`, scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s, err := New(ctx, pool, dialect)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	s.owned = true
	return s, nil
}

// New uses a database that the host opened, and brings its schema up to date. For SQLite the host must set the pragmas that
// [Open] sets: immediate transactions, a busy timeout, and foreign keys.
func New(ctx context.Context, pool *sql.DB, dialect Dialect) (*Store, error) {
	s := &Store{db: pool, queries: db.New(pool), dialect: dialect, writer: make(chan struct{}, 1)}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("bring the schema up to date: %w", err)
	}
	if dialect == SQLite { // parsing a statement costs more than most of them; pgx keeps its own
		prepared, err := db.Prepare(ctx, pool)
		if err != nil {
			return nil, fmt.Errorf("prepare the statements: %w", err)
		}
		s.queries = prepared
	}
	if err := s.loadSeal(ctx); err != nil {
		return nil, fmt.Errorf("the key of cursors: %w", err)
	}
	return s, nil
}

// Close closes the database if [Open] opened it.
func (s *Store) Close() error {
	err := s.queries.Close()
	if s.owned {
		err = errors.Join(err, s.db.Close())
	}
	return err
}

// Ready says whether the database answers and has the schema that this program knows. An older or newer one means that
// replicas of two versions run side by side.
func (s *Store) Ready(ctx context.Context) error {
	names, err := migrationNames()
	if err != nil {
		return err
	}
	var version int
	if err := s.db.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_version").Scan(&version); err != nil {
		return err
	}
	if version != len(names) {
		return fmt.Errorf("the database has schema %d, this portal knows %d", version, len(names))
	}
	return nil
}

// Read returns a Tx for reading without a transaction; every query sees what is committed when it runs.
func (s *Store) Read() *Tx {
	return &Tx{Queries: s.queries, conn: s.db, dialect: s.dialect, seal: s.seal}
}

// Write runs fn in a transaction and commits it when fn returns nil. When the engine asks for it, or fn returns
// [ErrLostUpdate], everything is undone and fn runs again; so fn must not keep what it did outside the transaction.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if s.dialect == SQLite {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	const attempts = 10
	var err error
	for attempt := range attempts {
		if err = s.writeOnce(ctx, fn); err == nil || !s.dialect.retry(err) {
			return err
		}
		if err := pause(ctx, time.Duration(attempt*attempt)*2*time.Millisecond); err != nil {
			return err
		}
	}
	return err
}

func (s *Store) writeOnce(ctx context.Context, fn func(tx *Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// After an error, and after a panic that somebody above recovers: a transaction left open would lock everybody out.
	// After the commit it does nothing.
	defer func() { _ = tx.Rollback() }()
	if err := fn(&Tx{Queries: s.queries.WithTx(tx), conn: tx, dialect: s.dialect, seal: s.seal}); err != nil {
		return err
	}
	return tx.Commit()
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Lock makes this transaction the only one that holds the name until it ends. Take several names in one order.
// On SQLite a transaction is alone anyway.
func (t *Tx) Lock(ctx context.Context, name string) error {
	if t.dialect == SQLite {
		return nil
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	_, err := t.conn.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(h.Sum64()))
	return err
}

// Changed turns the number of rows that an update met into an error: none means that another transaction was faster.
func Changed(rows int64, err error) error {
	if err == nil && rows == 0 {
		return ErrLostUpdate
	}
	return err
}

// Micros is an instant as it is stored; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the instant that was stored.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Bucket spreads ids over 0 to 65535, for lists read by segments.
func Bucket(id string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	sum := h.Sum32()
	return int64((sum >> 16) ^ (sum & 0xffff))
}
