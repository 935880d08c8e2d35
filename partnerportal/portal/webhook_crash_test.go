package portal_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// The environment of a test binary that is the portal to be killed.
const (
	delivererDSN   = "PARTNERPORTAL_TEST_DELIVERER_DSN"
	delivererKey   = "PARTNERPORTAL_TEST_DELIVERER_KEY"
	delivererSends = "PARTNERPORTAL_TEST_DELIVERER_SENDS" // not empty: it delivers webhooks, too
)

// delivering is the portal to be killed. It makes drafts and changes each twice, from several goroutines, says that it has, and waits for
// its end.
func delivering(dsn, key string, sends bool) {
	ctx := context.Background()
	p, err := portal.Open(ctx, dsn, portal.WithLoopbackWebhooks())
	if err != nil {
		panic(err)
	}
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		panic(err)
	}
	if sends {
		go func() { _ = p.Run(ctx) }()
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 5 {
				if err := makeAndChange(ctx, deals.New(pp), fmt.Sprintf("victim-%d-%d-%d", os.Getpid(), worker, i)); err != nil {
					panic(err)
				}
			}
		})
	}
	group.Wait()
	fmt.Fprintln(os.Stdout, "changed")
	select {}
}

func makeAndChange(ctx context.Context, registry *deals.Client, name string) error {
	d, err := registry.Create(ctx, crashRegistration(name))
	for i := 0; i < 2 && err == nil; i++ {
		d, err = registry.Update(ctx, d.ID, deals.Patch{Name: partnerportal.Set(fmt.Sprint(name, " ", i))}, partnerportal.IfMatch(d))
	}
	return err
}

// TestKilledWhileDelivering kills a portal with SIGKILL between the commit of events and their delivery, in the middle of deliveries, and
// between deliveries and their records. Every event arrives, those of a deal in the order in which they happened, and the handler of a
// receiver with a SQL store runs once for each.
func TestKilledWhileDelivering(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "portal.db")
		killedWhileDelivering(t, "sqlite:"+file, "sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := storetest.Postgres(t)
		killedWhileDelivering(t, dsn, "pgx", dsn)
	})
}

func killedWhileDelivering(t *testing.T, dsn, driver, source string) {
	t.Helper()
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	p := openAt(t, dsn, portal.WithLoopbackWebhooks())
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: partner(t, p, "Acme"), Name: "Victim"})
	require.NoError(t, err)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	c := receive(t, events.New(pp))
	require.NoError(t, p.DeliverWebhooks(t.Context())) // the challenge

	for _, round := range []trap{
		{}, // between commit and delivery: nothing was sent yet
		{step: handled, after: 7},
		{step: arrived, after: 9},
		{}, // with deliveries waiting from before
		{step: handled, after: 1},
		{step: handled, after: 23},
	} {
		c.kill(t, dsn, key, round)
		timePasses(t, db)
	}
	for range 5 { // what was broken off may be under way at the receiver: it is told to come again
		require.NoError(t, p.DeliverWebhooks(t.Context()))
		timePasses(t, db)
	}

	expected := map[string][]string{} // by subject
	for _, e := range walk(t, events.New(pp), events.ListParams{Type: []string{"deal.*"}}) {
		expected[e.Subject.ID] = append(expected[e.Subject.ID], e.ID)
	}
	require.GreaterOrEqual(t, len(expected), 40, "two rounds made all their changes")
	assert.Equal(t, expected, c.effects(t))
	for _, id := range c.unrecorded {
		assert.GreaterOrEqual(t, c.arrivals[id], 2, "nobody recorded that %s was handled, so it came again", id)
	}
}

// timePasses ends leases and pauses between attempts.
func timePasses(t *testing.T, db *sql.DB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), "UPDATE webhook_deliveries SET next_at = 1 WHERE next_at > 0")
	require.NoError(t, err)
}

// The steps at which a trap can close.
const (
	arrived = "arrived" // a delivery has, and nothing has come of it
	handled = "handled" // it was, and the answer is not sent yet
)

// trap kills the sender at a step of a delivery; the zero trap when all changes are made.
type trap struct {
	step  string
	after int // how many deliveries
}

// crashReceiver is an endpoint whose handler has an effect in a database, which exactly once comes to be. It can kill who sends to it.
type crashReceiver struct {
	db *sql.DB

	mu         sync.Mutex
	trap       trap
	victim     *exec.Cmd
	dead       chan struct{}
	arrivals   map[string]int
	unrecorded []string // handled, and the sender died
}

// receive registers an endpoint for deals.
func receive(t *testing.T, c *events.Client) *crashReceiver {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "inbox.db")+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), "CREATE TABLE effects (n integer PRIMARY KEY AUTOINCREMENT, event text NOT NULL, subject text NOT NULL)")
	require.NoError(t, err)
	inbox, err := webhook.NewSQLStore(t.Context(), db)
	require.NoError(t, err)
	r := &crashReceiver{db: db, arrivals: map[string]int{}}

	var receiver http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.at(arrived, req.Header.Get("webhook-id"))
		receiver.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	created, err := c.CreateEndpoint(t.Context(), events.EndpointForm{URL: server.URL, Types: []string{"deal.*"}})
	require.NoError(t, err)
	secret, err := webhook.ParseKey(created.Secret)
	require.NoError(t, err)
	v, err := webhook.NewVerifier(webhook.StaticKeys(secret))
	require.NoError(t, err)
	hook := webhook.NewReceiver(v, webhook.WithDedupe(inbox, 0))
	for _, eventType := range []string{deals.EventCreated, deals.EventUpdated} {
		webhook.On(hook, eventType, func(ctx context.Context, ev webhook.Event[events.Data]) error {
			err := inbox.InTx(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, "INSERT INTO effects (event, subject) VALUES (?, ?)", ev.ID, ev.Subject.ID)
				return err
			})
			if err == nil {
				r.at(handled, ev.ID)
			}
			return err
		})
	}
	receiver = hook
	return r
}

// at closes the trap if this is its step.
func (r *crashReceiver) at(step, eventID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if step == arrived {
		r.arrivals[eventID]++
	}
	if r.trap.step != step {
		return
	}
	if r.trap.after--; r.trap.after > 0 {
		return
	}
	r.trap = trap{}
	if step == handled {
		r.unrecorded = append(r.unrecorded, eventID)
	}
	_ = r.victim.Process.Kill()
	<-r.dead // the answer finds nobody
}

// kill starts a portal on the database and kills it.
func (r *crashReceiver) kill(t *testing.T, dsn, key string, at trap) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), delivererDSN+"="+dsn, delivererKey+"="+key)
	if at != (trap{}) {
		cmd.Env = append(cmd.Env, delivererSends+"=yes")
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	dead := make(chan struct{})
	r.mu.Lock()
	r.trap, r.victim, r.dead = at, cmd, dead
	err = cmd.Start()
	r.mu.Unlock()
	require.NoError(t, err)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at == (trap{}) {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	err = cmd.Wait()
	close(dead)
	require.ErrorContains(t, err, "killed", stderr.String())
}

// effects are the events that had one, by subject, in the order in which they had it.
func (r *crashReceiver) effects(t *testing.T) map[string][]string {
	t.Helper()
	rows, err := r.db.QueryContext(t.Context(), "SELECT event, subject FROM effects ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var event, subject string
		require.NoError(t, rows.Scan(&event, &subject))
		found[subject] = append(found[subject], event)
	}
	require.NoError(t, rows.Err())
	return found
}
