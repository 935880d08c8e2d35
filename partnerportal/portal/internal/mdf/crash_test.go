package mdf_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// victimFile, in the environment, makes the test binary the process that will be killed.
const victimFile = "PARTNERPORTAL_TEST_MDF_VICTIM"

func TestMain(m *testing.M) {
	if file := os.Getenv(victimFile); file != "" {
		victim(file)
		return
	}
	os.Exit(m.Run())
}

// victim does whatever comes to its mind to a portal's money, from several goroutines, until it is killed. What was committed is written to
// standard output: that must be there afterwards.
func victim(file string) {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+file)
	if err != nil {
		panic(err)
	}
	w := resume(ctx, alone{}, roomOf(s))
	var mu sync.Mutex
	var group sync.WaitGroup
	for worker := range 4 {
		rng := rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(worker)))
		group.Go(func() {
			for {
				name, err := w.one(ctx, rng)
				if !acceptable(err) {
					panic(err)
				}
				if err != nil {
					continue
				}
				mu.Lock()
				_, _ = os.Stdout.WriteString(name + "\n")
				mu.Unlock()
			}
		})
	}
	group.Wait()
}

// alone is a require.TestingT for a process without a test.
type alone struct{}

func (alone) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (alone) FailNow()                          { panic("failed") }

// TestKilledInTheMiddle kills a portal with SIGKILL while it moves money, several times on one file. Each time the ledger says what the
// balances are, the identity holds, and all other books agree; the next portal goes on where it stopped.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	file := filepath.Join(t.TempDir(), "portal.db")
	w := newTurmoil(t, "sqlite:"+file)
	for round := range 4 {
		done := killAfter(t, file, 60+40*round)
		assert.GreaterOrEqual(t, done, 60+40*round)
		newAuditor(w.room).whole(t.Context(), t)
		checkFile(t, file)
	}
	w = resume(t.Context(), t, w.room)
	rng := rand.New(rand.NewPCG(9, 9))
	for range 100 {
		name, err := w.one(t.Context(), rng)
		require.True(t, acceptable(err), "%s: %v", name, err)
	}
	newAuditor(w.room).whole(t.Context(), t)
}

// killAfter lets a victim do n things and kills it in the middle of the next ones. It returns how many it did.
func killAfter(t *testing.T, file string, n int) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+file)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines, done := bufio.NewScanner(out), 0
	for lines.Scan() {
		if done++; done == n {
			require.NoError(t, cmd.Process.Kill())
			break
		}
	}
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
	require.Error(t, cmd.Wait(), "it ran until it was killed")
	require.Equal(t, n, done, stderr.String())
	return done
}

// checkFile looks at the file itself: nothing in it is half done.
func checkFile(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	require.NoError(t, err)
	defer db.Close()
	one := func(query string) (value string) {
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&value), query)
		return value
	}
	assert.Equal(t, "ok", one("PRAGMA integrity_check"))
	assert.Equal(t, "0", one("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check)"))
	assert.Equal(t, one("SELECT count(*) FROM events"), one("SELECT max(sequence) FROM events"), "the feed has no gap")
	assert.Equal(t, one("SELECT sum(sequence) FROM mdf_allocations"), one("SELECT count(*) FROM mdf_ledger"), "no entry is missing, none too many")
	assert.Equal(t, "0", one("SELECT count(*) FROM mdf_allocations a WHERE sequence > 0 AND NOT EXISTS "+
		"(SELECT 1 FROM events e WHERE e.resource_id = a.id AND e.type = 'mdf.balance_changed')"), "each movement has been told")
	assert.Equal(t, "0", one("SELECT count(*) FROM mdf_marks m WHERE m.mark LIKE 'invoice/%' AND m.holder NOT IN "+
		"(SELECT id FROM mdf_claims WHERE status NOT IN ('draft', 'rejected', 'withdrawn'))"), "invoices are kept for claims that stand")
}
