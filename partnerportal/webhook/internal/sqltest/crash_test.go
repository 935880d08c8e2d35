package sqltest_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// TestCrash kills a process, without any clean-up, at each step of a handler that writes through InTx, and delivers the event again to a
// new process. However often that happens, its effect is there once.
func TestCrash(t *testing.T) {
	t.Parallel()
	if file := os.Getenv("WEBHOOK_CRASH_FILE"); file != "" {
		crash(t, file, os.Getenv("WEBHOOK_CRASH_AT"))
		return
	}
	file := filepath.Join(t.TempDir(), "inbox.db")
	db := openFile(t, file)
	_, err := db.ExecContext(t.Context(), `CREATE TABLE projects (deal TEXT NOT NULL)`)
	require.NoError(t, err)
	s := newStore(t, db)
	h := newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
		return s.InTx(ctx, func(tx *sql.Tx) error { return project(ctx, tx, ev) })
	})
	for _, c := range []struct {
		at   string
		done bool // before the process died
	}{{"claimed", false}, {"begun", false}, {"written", false}, {"committed", true}} {
		killAt(t, file, c.at)
		if c.done {
			assert.Equal(t, 1, projects(t, db), c.at)
		} else {
			assert.Zero(t, projects(t, db), c.at)
			assert.Equal(t, 409, h.deliver("evt_"+c.at, 1), "the dead process's lease lasts")
			_, err := db.ExecContext(t.Context(), `UPDATE webhook_inbox SET until = 0 WHERE NOT done`) // 15 s later
			require.NoError(t, err)
		}
		for range 2 {
			assert.Equal(t, 204, h.deliver("evt_"+c.at, 1), c.at)
			assert.Equal(t, 1, projects(t, db), c.at)
		}
		_, err := db.ExecContext(t.Context(), `DELETE FROM projects`)
		require.NoError(t, err)
	}
}

// killAt runs this test in another process and kills it when it has come to a step.
func killAt(t *testing.T, file, at string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrash$")
	cmd.Env = append(os.Environ(), "WEBHOOK_CRASH_FILE="+file, "WEBHOOK_CRASH_AT="+at)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, at+"\n", line)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
}

// crash is the other process: it says that it is there, and does nothing more until it is killed.
func crash(t *testing.T, file, at string) {
	t.Helper()
	s := newStore(t, openFile(t, file))
	stop := func(step string) {
		if step == at {
			fmt.Fprintln(os.Stdout, step)
			select {}
		}
	}
	h := newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
		stop("claimed")
		err := s.InTx(ctx, func(tx *sql.Tx) error {
			stop("begun")
			if err := project(ctx, tx, ev); err != nil {
				return err
			}
			stop("written")
			return nil
		})
		stop("committed")
		return err
	})
	h.deliver("evt_"+at, 1)
}
