package store

import "database/sql"

// SQL is the pool below, for tests that look at the engine itself.
func (s *Store) SQL() *sql.DB { return s.db }
