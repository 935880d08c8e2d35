package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationNames are sorted: each starts with its number.
func migrationNames() ([]string, error) { return fs.Glob(migrations, "migrations/*.sql") }

// migrate applies the migrations that this database has not seen, all in one transaction and one replica at a time.
func (s *Store) migrate(ctx context.Context) error {
	names, err := migrationNames()
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.Lock(ctx, "partnerportal schema"); err != nil {
			return err
		}
		if _, err := tx.conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)"); err != nil {
			return err
		}
		var version int
		if err := tx.conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_version").Scan(&version); err != nil {
			return err
		}
		if version > len(names) {
			return fmt.Errorf("the database has schema %d, this portal knows %d: use a newer portal", version, len(names))
		}
		for i := version; i < len(names); i++ {
			script, err := migrations.ReadFile(names[i])
			if err != nil {
				return err
			}
			if _, err := tx.conn.ExecContext(ctx, string(script)); err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			if _, err := tx.conn.ExecContext(ctx, "INSERT INTO schema_version (version) VALUES ($1)", i+1); err != nil {
				return err
			}
		}
		return nil
	})
}
