package portal_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

func TestRealClocksAreNotTurned(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, err := p.Advance(t.Context(), time.Hour)
	require.ErrorContains(t, err, "sandbox")
	c := as(t, p, "", "sandbox:manage")
	assert.Equal(t, 404, c.get("/v1/sandbox/clock").status)
	assert.Equal(t, 404, c.post("/v1/sandbox/clock", `{"advance":"P1D"}`).status)
	assert.Equal(t, 404, c.post("/v1/sandbox/deals/deal_1/simulate", `{"action":"approve"}`).status)
	assert.Equal(t, 404, c.post("/v1/sandbox/leads/lead_1/simulate", `{"action":"recall"}`).status)
	assert.Equal(t, 404, c.with("Idempotency-Key", "k").post("/v1/sandbox/leads", `{"title":"x"}`).status)
}

func TestClockOfTheHost(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 10, 31, 12, 0, 0, 987654321, time.FixedZone("", 7200))
	p := open(t, portal.WithClock(func() time.Time { return at }))
	assert.Equal(t, at.Truncate(time.Microsecond).UTC(), p.Now())
	assert.Equal(t, time.UTC, p.Now().Location())
}

func TestClockOutlivesARestart(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	dsn, clock := "sqlite:"+t.TempDir()+"/portal.db", portal.WithClock(func() time.Time { return at })
	p, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), clock)
	require.NoError(t, err)
	_, err = p.Advance(t.Context(), 30*24*time.Hour)
	require.NoError(t, err)
	_, err = p.Advance(t.Context(), -time.Second)
	require.Error(t, err, "it never goes back")
	require.NoError(t, p.Close())

	_, err = portal.Open(t.Context(), dsn, clock)
	require.ErrorContains(t, err, "WithSandbox", "its records lie in the future: no portal for real deals")
	p = openAt(t, dsn, portal.WithSandbox(), clock)
	assert.Equal(t, at.Add(30*24*time.Hour), p.Now())
}

func TestReplicasOfASandboxShareItsClock(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/portal.db"
	here, there := openAt(t, dsn, portal.WithSandbox()), openAt(t, dsn, portal.WithSandbox())
	_, err := here.Advance(t.Context(), 48*time.Hour)
	require.NoError(t, err)
	_, err = there.Tick(t.Context())
	require.NoError(t, err)
	assert.WithinDuration(t, here.Now(), there.Now(), time.Minute)
	_, err = there.Advance(t.Context(), time.Hour)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(49*time.Hour), there.Now(), time.Minute)
}

func TestSandboxClockOverTheWire(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	sb, ctx := sandbox.New(p.Acme), t.Context()
	before, err := sb.Clock(ctx)
	require.NoError(t, err)
	after, err := sb.Advance(ctx, sandbox.Days(30))
	require.NoError(t, err)
	assert.WithinDuration(t, before.Now.Add(30*24*time.Hour), after.Now, time.Minute)
	after, err = sb.Advance(ctx, sandbox.To(before.Now.Add(40*24*time.Hour)))
	require.NoError(t, err)
	assert.WithinDuration(t, before.Now.Add(40*24*time.Hour), after.Now, time.Minute)

	for name, turn := range map[string]sandbox.Turn{
		"nothing": {}, "both": {Advance: "P1D", To: time.Now().Add(1e18)}, "back": sandbox.To(before.Now), "too far": sandbox.Days(40000),
		"words": {Advance: "a month"}, "empty period": {Advance: "P"}, "huge": {Advance: "P99999999999999999999D"},
	} {
		_, err := sb.Advance(ctx, turn)
		require.ErrorIs(t, err, partnerportal.ErrValidation, name)
	}
}

// offer gives Acme a lead to answer within some hours.
func offer(t *testing.T, p *portaltest.Portal, hours int) string {
	t.Helper()
	out, err := sandbox.New(p.Acme).CreateLead(t.Context(), sandbox.NewLead{Title: "Storage refresh", AcceptWithinHours: hours})
	require.NoError(t, err)
	return out.ID
}

func statusOf(t *testing.T, p *portaltest.Portal, leadID string) leads.Status {
	t.Helper()
	lead, err := leads.New(p.Vendor).Get(t.Context(), leadID)
	require.NoError(t, err)
	return lead.Status
}

func TestDeadlinesPassInTheirOrder(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	late, early := offer(t, p, 20), offer(t, p, 10)
	assert.Zero(t, p.Advance(9*time.Hour))
	assert.Equal(t, leads.StatusOffered, statusOf(t, p, early))
	assert.Positive(t, p.Advance(30*24*time.Hour))
	ended := func(id string) time.Time {
		page, err := leads.New(p.Vendor).ListActivity(t.Context(), id, leads.ListActivityParams{})
		require.NoError(t, err)
		return page.Items[0].At
	}
	assert.WithinDuration(t, p.Now().Add(-30*24*time.Hour).Add(time.Hour), ended(early), time.Minute, "each deadline has its own time")
	assert.WithinDuration(t, ended(early).Add(10*time.Hour), ended(late), time.Minute)
	n, err := p.Tick(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n, "nothing is left")
}

func TestTickActsOnWhatIsDue(t *testing.T) {
	t.Parallel()
	var ahead time.Duration
	p := portaltest.New(t, portal.WithClock(func() time.Time { return time.Now().Add(ahead) }))
	ids := []string{offer(t, p, 10), offer(t, p, 20), offer(t, p, 80)}
	ahead = 15 * time.Hour
	n, err := p.Tick(t.Context())
	require.NoError(t, err)
	assert.Positive(t, n)
	assert.NotEqual(t, leads.StatusOffered, statusOf(t, p, ids[0]))
	assert.Equal(t, leads.StatusOffered, statusOf(t, p, ids[1]))
}

func TestTwoReplicasActOnce(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/portal.db"
	var mu sync.Mutex
	var ahead time.Duration
	clock := portal.WithClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	})
	other := openAt(t, dsn, portal.WithSandbox(), clock)
	inner, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), clock)
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	const offers = 20
	for range offers {
		offer(t, p, 10)
	}
	mu.Lock()
	ahead = 11 * time.Hour
	mu.Unlock()
	var group sync.WaitGroup
	var fired [2]int
	for i, replica := range []*portal.Portal{other, inner} {
		group.Go(func() {
			n, err := replica.Tick(t.Context())
			assert.NoError(t, err)
			fired[i] = n
		})
	}
	group.Wait()
	assert.Equal(t, offers, fired[0]+fired[1])
}

func TestRunActsWhenTheTimeComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := portaltest.New(t)
		id := offer(t, p, 10)
		p.Advance(10*time.Hour - time.Minute)
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(time.Minute - time.Second) //nolint:forbidigo // fake time
		synctest.Wait()
		assert.Equal(t, leads.StatusOffered, statusOf(t, p, id))
		time.Sleep(4 * time.Second) //nolint:forbidigo // fake time
		synctest.Wait()
		assert.NotEqual(t, leads.StatusOffered, statusOf(t, p, id))
		cancel()
		require.NoError(t, <-done)
	})
}

func TestRunLogsWhatFailsAndGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p, err := portal.Open(t.Context(), "sqlite::memory:", portal.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.NoError(t, p.Close())
		require.NoError(t, p.Run(ctx))
		assert.Equal(t, 3, strings.Count(log.String(), "act on deadlines"), "it tries again every two seconds")
	})
}
