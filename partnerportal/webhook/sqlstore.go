package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// SQLStore is a [DedupeStore] and a [SequenceStore] in a database, shared by all processes that use it. It measures time by the
// database's clock. [SQLStore.Checkpoint] keeps the place in the change feed there as well.
type SQLStore struct {
	db       *sql.DB
	claim    string // the statements that tell the time
	commit   string
	purge    string
	purgedAt atomic.Int64 // Unix seconds
}

// Milliseconds since 1970 by the database's clock.
const (
	postgresNow = `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`
	sqliteNow   = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`
)

// The statements read the same for both databases. A row whose time is over is as good as none, whatever its state.
const (
	inboxTable    = `CREATE TABLE IF NOT EXISTS webhook_inbox (id TEXT PRIMARY KEY, owner TEXT NOT NULL, done BOOLEAN NOT NULL, until BIGINT NOT NULL)`
	inboxIndex    = `CREATE INDEX IF NOT EXISTS webhook_inbox_until ON webhook_inbox (until)`
	sequenceTable = `CREATE TABLE IF NOT EXISTS webhook_sequence (subject TEXT PRIMARY KEY, version BIGINT NOT NULL)`
	cursorTable   = `CREATE TABLE IF NOT EXISTS webhook_cursor (name TEXT PRIMARY KEY, place TEXT NOT NULL)`

	claimInbox = `INSERT INTO webhook_inbox (id, owner, done, until) VALUES ($1, $2, FALSE, {now} + $3)
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, done = FALSE, until = excluded.until WHERE webhook_inbox.until <= {now}
		RETURNING owner`
	commitInbox  = `UPDATE webhook_inbox SET done = TRUE, until = {now} + $1 WHERE id = $2 AND owner = $3`
	releaseInbox = `DELETE FROM webhook_inbox WHERE id = $1 AND owner = $2 AND NOT done`
	stateOfInbox = `SELECT done FROM webhook_inbox WHERE id = $1`
	purgeInbox   = `DELETE FROM webhook_inbox WHERE id IN (SELECT id FROM webhook_inbox WHERE until <= {now} LIMIT 1000)`

	advanceSubject = `INSERT INTO webhook_sequence (subject, version) VALUES ($1, $2)
		ON CONFLICT (subject) DO UPDATE SET version = excluded.version WHERE webhook_sequence.version <= excluded.version`
	loadCursor = `SELECT place FROM webhook_cursor WHERE name = $1`
	saveCursor = `INSERT INTO webhook_cursor (name, place) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET place = excluded.place`
)

// NewSQLStore returns a store in db, which is SQLite (3.35 or later) or PostgreSQL (and those that speak its SQL), whatever the
// driver. It creates the tables webhook_inbox, webhook_sequence and webhook_cursor unless they are there. The caller closes db.
func NewSQLStore(ctx context.Context, db *sql.DB) (*SQLStore, error) {
	now, err := clockOf(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{inboxTable, inboxIndex, sequenceTable, cursorTable} {
		if err := createOnce(ctx, db, statement); err != nil {
			return nil, fmt.Errorf("webhook: creating the store: %w", err)
		}
	}
	timed := func(statement string) string { return strings.ReplaceAll(statement, "{now}", now) }
	return &SQLStore{db: db, claim: timed(claimInbox), commit: timed(commitInbox), purge: timed(purgeInbox)}, nil
}

// clockOf finds out which database db is. PostgreSQL is asked first, because it would log a question that it does not understand.
func clockOf(ctx context.Context, db *sql.DB) (string, error) {
	var version string
	err := db.QueryRowContext(ctx, `SELECT version()`).Scan(&version)
	switch {
	case err == nil && strings.Contains(version, "MariaDB"), err == nil && version != "" && version[0] >= '0' && version[0] <= '9':
		return "", fmt.Errorf("webhook: no store for this database (version %s): it is neither SQLite nor PostgreSQL", version)
	case err == nil:
		return postgresNow, nil
	}
	if db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version) == nil {
		return sqliteNow, nil
	}
	return "", fmt.Errorf("webhook: opening the store: %w", err)
}

// createOnce tries twice: when two processes create a table at once, PostgreSQL fails one of them despite IF NOT EXISTS.
func createOnce(ctx context.Context, db *sql.DB, statement string) error {
	if _, err := db.ExecContext(ctx, statement); err == nil {
		return nil
	}
	_, err := db.ExecContext(ctx, statement)
	return err
}

// Claim implements [DedupeStore].
func (s *SQLStore) Claim(ctx context.Context, c Claim) (ClaimState, error) {
	var owner string
	err := s.db.QueryRowContext(ctx, s.claim, c.Key, c.Owner, c.Lease.Milliseconds()).Scan(&owner)
	if err == nil {
		return Fresh, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return InFlight, err
	}
	var done bool
	err = s.db.QueryRowContext(ctx, stateOfInbox, c.Key).Scan(&done)
	switch {
	case errors.Is(err, sql.ErrNoRows): // released meanwhile: the next delivery gets it
		return InFlight, nil
	case err != nil:
		return InFlight, err
	case done:
		return Done, nil
	}
	return InFlight, nil
}

// Commit implements [DedupeStore]. Once a minute it also forgets events whose time is over.
func (s *SQLStore) Commit(ctx context.Context, c Claim) error {
	_, err := s.db.ExecContext(ctx, s.commit, c.Keep.Milliseconds(), c.Key, c.Owner)
	if err != nil {
		return err
	}
	now, last := time.Now().Unix(), s.purgedAt.Load()
	if now-last >= 60 && s.purgedAt.CompareAndSwap(last, now) {
		_, _ = s.db.ExecContext(ctx, s.purge) // the event is committed; another time, then
	}
	return nil
}

// Release implements [DedupeStore].
func (s *SQLStore) Release(ctx context.Context, c Claim) error {
	_, err := s.db.ExecContext(ctx, releaseInbox, c.Key, c.Owner)
	return err
}

// ErrClaimLost says that a handler may not commit its work any more: it took longer than its lease, and another attempt is at the
// event; or the receiver uses another store than the one asked.
const ErrClaimLost Code = "claim_lost"

// InTx runs fn in a transaction that also marks the event as done, so that both become true together or not at all: the effect of the
// event happens exactly once, however often it is delivered and wherever the process dies. It is called by a handler with its
// context, once; the store is that of the receiver's [WithDedupe].
//
//	webhook.On(r, deals.EventApproved, func(ctx context.Context, ev webhook.Event[events.Data]) error {
//		return store.InTx(ctx, func(tx *sql.Tx) error {
//			_, err := tx.ExecContext(ctx, `INSERT INTO projects …`)
//			return err
//		})
//	})
//
// fn's error undoes the transaction and is returned. [ErrClaimLost] is returned before fn is called.
func (s *SQLStore) InTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	at, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return errors.New("webhook: InTx needs the context that a handler was called with")
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	// First of all, so that the row is locked: no other attempt gets past it before this one ends.
	if changed, err := exec(ctx, tx, s.commit, at.claim.Keep.Milliseconds(), at.claim.Key, at.claim.Owner); err != nil {
		return err
	} else if !changed {
		return ErrClaimLost
	}
	if at.order == SequenceStore(s) {
		// Again, and now under the lock of the subject's row: a newer event may have overtaken us since the receiver looked.
		if news, err := exec(ctx, tx, advanceSubject, at.subject, at.version); err != nil {
			return err
		} else if !news {
			return errStale
		}
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	at.committed = true
	return nil
}

// Advance implements [SequenceStore].
func (s *SQLStore) Advance(ctx context.Context, subject string, version int64) (bool, error) {
	return exec(ctx, s.db, advanceSubject, subject, version)
}

// Checkpoint returns the checkpoint of that name for [Backfill].
func (s *SQLStore) Checkpoint(name string) Checkpoint { return &sqlCheckpoint{s.db, name} }

type sqlCheckpoint struct {
	db   *sql.DB
	name string
}

func (c *sqlCheckpoint) Load(ctx context.Context) (cursor string, err error) {
	err = c.db.QueryRowContext(ctx, loadCursor, c.name).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return cursor, err
}

func (c *sqlCheckpoint) Save(ctx context.Context, cursor string) error {
	_, err := c.db.ExecContext(ctx, saveCursor, c.name, cursor)
	return err
}

// exec runs a statement on a database or in a transaction and says whether it changed anything.
func exec(ctx context.Context, on interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, statement string, args ...any) (bool, error) {
	result, err := on.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
