package portal_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// victimFile, in the environment, makes the test binary the process that will be killed.
const victimFile = "PARTNERPORTAL_TEST_VICTIM_FILE"

func TestMain(m *testing.M) {
	if file := os.Getenv(victimFile); file != "" {
		victim(file, os.Getenv("PARTNERPORTAL_TEST_VICTIM_KEY"))
		return
	}
	if dsn := os.Getenv(delivererDSN); dsn != "" {
		delivering(dsn, os.Getenv(delivererKey), os.Getenv(delivererSends) != "")
		return
	}
	os.Exit(m.Run())
}

// victim registers deals through the whole portal, from several goroutines, until it is killed. Each that was answered is
// written to standard output: those must be there afterwards.
func victim(file, key string) {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite:"+file)
	if err != nil {
		panic(err)
	}
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("victim-%d-%d-%d", os.Getpid(), worker, i)
				deal, err := deals.New(pp).Register(ctx, crashRegistration(name), partnerportal.WithIdempotencyKey(name))
				if err != nil {
					panic(err)
				}
				mu.Lock()
				_, _ = os.Stdout.WriteString(name + " " + deal.ID + "\n")
				mu.Unlock()
			}
		})
	}
	group.Wait()
}

func crashRegistration(name string) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: name, Country: "US", Domain: name + ".com"},
		Amount:          partnerportal.MustMoney("1000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(time.Now().AddDate(0, 1, 0)),
		Products:        []deals.Product{{Family: "GTX", Quantity: 1}},
		ExternalRefs:    []partnerportal.ExternalRef{{System: "crm", ID: name}},
	}
}

// TestKilledInTheMiddle kills a portal with SIGKILL while it writes, several times on one file. What was answered is there,
// what was not answered is there as a whole or not at all, and the next portal goes on where it stopped.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	file := filepath.Join(t.TempDir(), "portal.db")
	p, err := portal.Open(t.Context(), "sqlite:"+file)
	require.NoError(t, err)
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: partner(t, p, "Acme"), Name: "Victim"})
	require.NoError(t, err)
	require.NoError(t, p.Close())

	answered := map[string]string{}
	for round := range 3 {
		maps.Copy(answered, killAfter(t, file, key, 20+15*round))
		checkFile(t, file)
	}

	p = openAt(t, "sqlite:"+file)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	for name, id := range answered {
		var resp partnerportal.Response
		deal, err := deals.New(pp).Register(t.Context(), crashRegistration(name), partnerportal.WithIdempotencyKey(name), partnerportal.WithResponse(&resp))
		require.NoError(t, err)
		require.Equal(t, id, deal.ID, "the repeated call finds the deal of the first")
		require.Equal(t, "true", resp.Header.Get("Idempotency-Replayed"))
	}
	_, err = deals.New(pp).Register(t.Context(), crashRegistration("after"))
	require.NoError(t, err)
	checkFile(t, file)
}

// killAfter lets a victim register n deals and kills it in the middle of the next ones.
func killAfter(t *testing.T, file, key string, n int) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+file, "PARTNERPORTAL_TEST_VICTIM_KEY="+key)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines, answered := bufio.NewScanner(out), map[string]string{}
	for lines.Scan() {
		name, id, ok := strings.Cut(lines.Text(), " ")
		require.True(t, ok, lines.Text())
		answered[name] = id
		if len(answered) == n {
			require.NoError(t, cmd.Process.Kill())
			break
		}
	}
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
	require.Error(t, cmd.Wait(), "it ran until it was killed")
	require.Len(t, answered, n, stderr.String())
	return answered
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
	registered := one("SELECT count(*) FROM deals")
	for what, query := range map[string]string{
		"each deal has its event":           "SELECT count(DISTINCT d.id) FROM deals d JOIN events e ON e.resource_id = d.id AND e.type = 'deal.submitted'",
		"each deal has its record":          "SELECT count(*) FROM idempotency WHERE operation = 'deals.register'",
		"each deal has its reference":       "SELECT count(*) FROM external_refs r JOIN deals d ON d.id = r.resource_id",
		"each deal can be found":            "SELECT count(DISTINCT deal_id) FROM deal_keys",
		"priorities are unique":             "SELECT count(DISTINCT priority) FROM deals",
		"priorities have no gap":            "SELECT coalesce(max(priority), 0) FROM deals",
		"the counter of priorities is with": "SELECT n FROM counters WHERE name = 'priority'",
	} {
		assert.Equal(t, registered, one(query), what)
	}
	assert.Equal(t, one("SELECT count(*) FROM events"), one("SELECT max(sequence) FROM events"), "the feed has no gap")
	assert.Equal(t, one("SELECT n FROM counters WHERE name = 'events'"), one("SELECT max(sequence) FROM events"))
	assert.Equal(t, "0", one("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check)"))
}
