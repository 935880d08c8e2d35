package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killAfter makes this test binary an import that is killed, without a chance to tidy up, right after the portal has committed
// that many writes and before it has answered the last one.
const killAfter = "CRM_IMPORT_KILL_AFTER"

func TestMain(m *testing.M) {
	if n, err := strconv.ParseInt(os.Getenv(killAfter), 10, 64); err == nil {
		out := run(context.Background(), dieAfter(n), os.Args[1:]...)
		fmt.Fprint(os.Stderr, out.stderr)
		os.Exit(out.status)
	}
	os.Exit(m.Run())
}

func dieAfter(n int64) func(http.Handler) http.Handler {
	var writes atomic.Int64
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/v1/deals/") && writes.Add(1) >= n {
				self, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = self.Kill()
				}
				panic(err) // not reached: nobody survives a SIGKILL
			}
		})
	}
}

// manyRows is an export of which every kind of row is closed, won, lost and in conflict, over three customers.
func manyRows() string {
	var b strings.Builder
	b.WriteString(header)
	for i := range 36 {
		stage := []string{"Won,10/20/2016,3/1/2017,1054", "Lost,10/20/2016,3/2/2017,0", "Engaging,10/20/2016,,"}[i%5%3]
		fmt.Fprintf(&b, "R%02d,Ann,%s,%s,%s\n", i,
			[]string{"GTX Basic", "GTXPro", "MG Special", "GTK 500"}[i%4], []string{"Acme Corporation", "Betatech", "Bioholding"}[i%3], stage)
	}
	return b.String()
}

func TestKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	whole := newJob(t, manyRows())
	registered, _, conflicts, total := sums(t, whole.imports(t, "-all").summary)
	require.Equal(t, 36, total)
	require.NotZero(t, conflicts)
	want := whole.states(t)

	for _, writes := range []string{"1", "20", "40"} {
		t.Run(writes+" writes", func(t *testing.T) {
			t.Parallel()
			j := newJob(t, manyRows())
			child := exec.CommandContext(t.Context(), os.Args[0], j.args("-all")...)
			child.Env = append(os.Environ(), killAfter+"="+writes)
			output, err := child.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "%s", output)
			require.Equal(t, -1, exit.ExitCode(), "killed, not ended: %s", output)

			again, already, conflictsAgain, totalAgain := sums(t, j.imports(t, "-all").summary)
			assert.Equal(t, registered, again+already, "nothing lost, nothing twice")
			assert.NotZero(t, already)
			assert.Equal(t, conflicts, conflictsAgain)
			assert.Equal(t, total, totalAgain)
			assert.Equal(t, want, j.states(t), "the same deals, in the same states")
		})
	}
}
