package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func TestDemoHandlesEachOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, demo(t.Context(), &out, 60, 0))
	assert.Contains(t, out.String(), "Caught up: 60 events were missed")
	assert.Regexp(t, `\nhandled=\d+ lost=0 twice=0 \(\d+ pushed, 60 read from the feed\)\n$`, out.String())
}

// TestCommandLine is the run with two processes, but for the processes.
func TestCommandLine(t *testing.T) {
	p := openPortal(t)
	credentials, err := p.Admin().CreateClient(t.Context(), portal.ClientSpec{PartnerID: p.AcmeID, Name: "receiver"})
	require.NoError(t, err)
	t.Setenv("PARTNERPORTAL_CLIENT_ID", credentials.ClientID)
	t.Setenv("PARTNERPORTAL_CLIENT_SECRET", credentials.ClientSecret)
	folder := t.TempDir()
	args := []string{"-portal", p.URL(), "-addr", "127.0.0.1:0", "-db", filepath.Join(folder, "db"), "-secret", filepath.Join(folder, "secret")}

	said := runUntil(t, "pushes to", args...)
	assert.Contains(t, said, "\nhandled=0 lost=0 twice=0 ")
	said = runUntil(t, "never said", "-portal", p.URL(), "-changes", "45")
	assert.Contains(t, said, "45 changes made")
	said = runUntil(t, "pushes to", args...)
	assert.Contains(t, said, "Caught up: 45 events were missed")
	assert.Contains(t, said, "\nhandled=45 lost=0 twice=0 (0 pushed, 45 read from the feed)\n")

	for _, wrong := range [][]string{{"what"}, {"-changes", "-1"}, {"-nonsense"}, {"-portal", "ftp://nowhere"}} {
		require.Error(t, run(t.Context(), wrong, &bytes.Buffer{}), "%v", wrong)
	}
}

// runUntil runs the program until it ends, or has said a word.
func runUntil(t *testing.T, word string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &stopping{word: word, stop: stop}
	require.NoError(t, run(ctx, args, out))
	return out.String()
}

// stopping is an output that ends a context when a word is written.
type stopping struct {
	bytes.Buffer

	word string
	stop context.CancelFunc
}

func (s *stopping) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte(s.word)) {
		s.stop()
	}
	return s.Buffer.Write(text)
}

func TestPushesAreHandled(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, handled := newWatch(t, p.Acme)
	stop, err := start(t.Context(), w)
	require.NoError(t, err)
	registered, err := deals.New(p.Acme).Register(t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}, Products: []deals.Product{{Family: "GTX"}},
		Amount: partnerportal.MustMoney("125000", "USD"), ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 3, 0)),
	})
	require.NoError(t, err)
	_, err = deals.New(p.Vendor).Approve(t.Context(), registered.ID, deals.Approval{})
	require.NoError(t, err)
	for ev := range handled {
		if assert.Equal(t, registered.ID, ev.Subject.ID); ev.Type == deals.EventApproved {
			break
		}
	}
	var note string
	require.NoError(t, w.receiver.db.QueryRowContext(t.Context(), `SELECT note FROM work WHERE type = $1 AND pushed`, deals.EventApproved).Scan(&note))
	assert.Contains(t, note, registered.Number+" is protected until ", "read with webhook.Fetch")
	require.NoError(t, stop())
}

func TestTheSecretIsKept(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, _ := newWatch(t, p.Acme)
	restart(t, w)
	first := onlyEndpoint(t, p)
	info, err := os.Stat(w.receiver.secretFile)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	restart(t, w)
	assert.Equal(t, first.Keys, onlyEndpoint(t, p).Keys, "neither registered again nor rotated")

	paused, err := events.New(p.Acme).PauseEndpoint(t.Context(), first.ID) // so that nothing need arrive
	require.NoError(t, err)
	w.receiver.url = w.receiver.at
	require.NoError(t, os.Remove(w.receiver.secretFile))
	_, err = events.New(p.Acme).UpdateEndpoint(t.Context(), first.ID, events.EndpointPatch{Types: partnerportal.Set([]string{deals.EventLost})}, partnerportal.IfMatch(paused))
	require.NoError(t, err)
	restart(t, w)
	rotated := onlyEndpoint(t, p)
	assert.Equal(t, wanted, rotated.Types, "it may be of an older version")
	assert.Equal(t, first.ID, rotated.ID)
	require.Len(t, rotated.Keys, 1)
	assert.NotEqual(t, first.Keys[0].Fingerprint, rotated.Keys[0].Fingerprint, "who lost a secret gets another")

	require.NoError(t, os.WriteFile(w.receiver.secretFile, []byte(`{"endpoint_id":7,"secret":"whsec_precious"}`), 0o600))
	_, err = start(t.Context(), w)
	require.ErrorContains(t, err, "is not what we wrote")
	assert.NotContains(t, err.Error(), "precious")
}

func TestADeletedEndpointIsRegisteredAnew(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, _ := newWatch(t, p.Acme)
	restart(t, w)
	first := onlyEndpoint(t, p)
	require.NoError(t, events.New(p.Acme).DeleteEndpoint(t.Context(), first.ID, partnerportal.IfMatch(&first)))
	restart(t, w)
	assert.NotEqual(t, first.ID, onlyEndpoint(t, p).ID)
}

func TestAMovedReceiverTellsThePortal(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, _ := newWatch(t, p.Acme)
	restart(t, w)
	first := onlyEndpoint(t, p)
	restart(t, w) // on another free port
	moved := onlyEndpoint(t, p)
	assert.Equal(t, first.ID, moved.ID)
	assert.Equal(t, w.receiver.at, moved.URL)
	assert.Equal(t, events.EndpointStatusEnabled, moved.Status)
}

func TestAPausedEndpointStaysPaused(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, _ := newWatch(t, p.Acme)
	restart(t, w)
	_, err := events.New(p.Acme).PauseEndpoint(t.Context(), onlyEndpoint(t, p).ID)
	require.NoError(t, err)
	w.receiver.url = w.receiver.at
	restart(t, w)
	assert.Equal(t, events.EndpointStatusPaused, onlyEndpoint(t, p).Status)
}

func TestAnUnreachableReceiverSaysSo(t *testing.T) {
	t.Parallel()
	p := openPortal(t)
	w, _ := newWatch(t, p.Acme)
	w.receiver.url = "http://127.0.0.1:1/hooks/portal"
	_, err := start(t.Context(), w)
	require.ErrorContains(t, err, "the portal cannot reach http://127.0.0.1:1/hooks/portal: connect")
}

func TestASecretOfTheEnvironment(t *testing.T) {
	p := openPortal(t)
	w, handled := newWatch(t, p.Acme)
	key := webhook.GenerateSecret()
	t.Setenv(secretFromOS, key.Reveal())
	stop, err := start(t.Context(), w)
	require.NoError(t, err)
	page, err := events.New(p.Acme).ListEndpoints(t.Context(), events.ListEndpointsParams{})
	require.NoError(t, err)
	assert.Empty(t, page.Items, "somebody else registers it")

	signer, err := webhook.NewSigner(key)
	require.NoError(t, err)
	assert.Equal(t, http.StatusNoContent, post(t, w.receiver.at, signer, `{"id":"evt_1","type":"deal.created","subject":{"type":"deal","id":"deal_1"}}`))
	assert.Equal(t, "evt_1", (<-handled).ID)
	assert.Equal(t, http.StatusAccepted, post(t, w.receiver.at, signer, `{"id":"evt_2","type":"deal.created","data":{"state":7}}`), "parked")
	var reason string
	require.NoError(t, w.receiver.db.QueryRowContext(t.Context(), `SELECT reason FROM parked`).Scan(&reason))
	assert.NotEmpty(t, reason)
	require.NoError(t, stop())
}

// The place in the feed moves while the receiver runs, and what is never pushed comes too.
func TestTheFeedIsReadBesideThePushes(t *testing.T) {
	p := openPortal(t)
	w, handled := newWatch(t, p.Acme)
	t.Setenv(secretFromOS, webhook.GenerateSecret().Reveal()) // so that nothing is registered
	w.receiver.again = 10 * time.Millisecond
	stop, err := start(t.Context(), w)
	require.NoError(t, err)
	require.NoError(t, change(t.Context(), p.Acme, 1, io.Discard))
	ev := <-handled
	assert.Equal(t, deals.EventCreated, ev.Type)
	require.NoError(t, stop())
}

func post(t *testing.T, url string, signer *webhook.Signer, body string) (status int) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	id := body[len(`{"id":"`):len(`{"id":"evt_1`)]
	q.Header.Set("Content-Type", "application/json")
	require.NoError(t, signer.SetHeaders(q.Header, id, time.Now(), []byte(body)))
	answer, err := http.DefaultClient.Do(q)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// openPortal opens a portal that sends by itself.
func openPortal(t *testing.T) *portaltest.Portal {
	t.Helper()
	p := portaltest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	return p
}

// newWatch makes a receiver that listens on another free port each time.
func newWatch(t *testing.T, client *partnerportal.Client) (*watch, <-chan webhook.Header) {
	t.Helper()
	folder := t.TempDir()
	handled := make(chan webhook.Header, 100)
	return &watch{
		out: &bytes.Buffer{}, seen: func(ev webhook.Header) { handled <- ev },
		receiver: &receiver{
			client: client, addr: "127.0.0.1:0", logger: slog.New(slog.DiscardHandler),
			dbFile: filepath.Join(folder, "receiver.db"), secretFile: filepath.Join(folder, "receiver.secret"),
		},
	}, handled
}

func restart(t *testing.T, w *watch) {
	t.Helper()
	stop, err := start(t.Context(), w)
	require.NoError(t, err)
	require.NoError(t, stop())
}

func onlyEndpoint(t *testing.T, p *portaltest.Portal) events.Endpoint {
	t.Helper()
	page, err := events.New(p.Acme).ListEndpoints(t.Context(), events.ListEndpointsParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0]
}
