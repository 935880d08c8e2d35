package badge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// publisher is an issuer's web site. It serves http, as test servers do; whether that is allowed is the client's to say.
type publisher struct {
	*world
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{world: newWorld(t)}
	mux := http.NewServeMux()
	mux.HandleFunc("/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(marshal(t, badge.JWKS{Keys: []badge.PublicKey{p.key.Public()}}))
	})
	mux.HandleFunc("/status/1", func(w http.ResponseWriter, _ *http.Request) {
		token, err := badge.SignStatusList(badge.StatusList{
			ID: p.URL + "/status/1", Issuer: issuerID, Purpose: badge.Revocation, ValidFrom: asOf, Bits: p.bits,
		}, p.key)
		assert.NoError(t, err)
		_, _ = w.Write([]byte(token + "\n"))
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 9<<20)) })
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.URL.Path)
		p.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) badge(t *testing.T, list string) []byte {
	t.Helper()
	c := p.credential()
	c.CredentialStatus = badge.Statuses{badge.Status(list, ownIndex, badge.Revocation)}
	return []byte(p.sign(t, c))
}

func TestFetch(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	sources := []badge.Source{{ID: issuerID, Name: "Acme", JWKS: p.URL + "/jwks.json"}}
	token := p.badge(t, p.URL+"/status/1")
	bundle, err := badge.Fetch(t.Context(), p.Client(), sources, token, token)
	require.NoError(t, err)
	v := badge.Verify(token, bundle, badge.At(now), badge.WithHolder(holder))
	require.NoError(t, v.Err())
	assert.False(t, v.Status.AsOf.IsZero())
	assert.Equal(t, []string{"/jwks.json", "/status/1"}, p.asked, "each once")

	again, err := badge.ParseBundle(marshal(t, bundle))
	require.NoError(t, err)
	assert.NoError(t, badge.Verify(token, again, badge.At(now)).Err(), "and then without a network")
}

// A badge can name any address; only those in badges that a trusted issuer signed are asked.
func TestFetchFollowsOnlySignedBadges(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	stranger := &publisher{world: newWorld(t)}
	sources := []badge.Source{{ID: issuerID, JWKS: p.URL + "/jwks.json"}}
	bundle, err := badge.Fetch(t.Context(), p.Client(), sources, stranger.badge(t, p.URL+"/internal/secrets"), []byte("junk"), plainPNG())
	require.NoError(t, err)
	assert.Equal(t, []string{"/jwks.json"}, p.asked)
	assert.Empty(t, bundle.Contents().StatusLists)
}

// What cannot be had is named, and what could be had is there.
func TestFetchPartly(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	sources := []badge.Source{
		{ID: issuerID, JWKS: p.URL + "/jwks.json"}, {ID: "https://gone.example", JWKS: p.URL + "/gone"},
		{ID: "https://huge.example", JWKS: p.URL + "/huge"}, {ID: "https://odd.example", JWKS: p.URL + "/status/1"}, {ID: "https://bad.example", JWKS: ":"},
	}
	token := p.badge(t, p.URL+"/status/2")
	bundle, err := badge.Fetch(t.Context(), p.Client(), sources, token)
	for _, want := range []string{`/gone": 404`, `/huge": longer`, `/status/1": badge: JWKS`, `badge: ":"`, `/status/2": 404`} {
		require.ErrorContains(t, err, want)
	}
	v := badge.Verify(token, bundle, badge.At(now))
	assert.Equal(t, "status unknown status_list_missing, holder unknown holder_not_asked", summary(v))

	_, err = badge.Fetch(t.Context(), nil, []badge.Source{{ID: "acme"}})
	require.ErrorContains(t, err, "issuers/0/id")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err = badge.Fetch(ended, p.Client(), sources[:1], token)
	require.Error(t, err)
}

// Who stands at an address without https could hand out keys of his own: nobody is led there from https. Other redirects are the client's
// to allow.
func TestFetchIsNotLedAway(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := map[string]string{"/away": p.URL + "/jwks.json", "/round": "/round", "/moved": "/keys"}[r.URL.Path]
		if target == "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		http.Redirect(w, r, target, http.StatusFound)
	}))
	t.Cleanup(secure.Close)
	fetch := func(client *http.Client, path string) error {
		bundle, err := badge.Fetch(t.Context(), client, []badge.Source{{ID: issuerID, JWKS: secure.URL + path}})
		require.Error(t, err)
		require.NotNil(t, bundle)
		assert.Empty(t, bundle.Contents().Issuers[0].Keys.Keys)
		assert.True(t, bundle.Contents().Issuers[0].AsOf.IsZero(), "nothing was fetched")
		return err
	}
	require.ErrorContains(t, fetch(secure.Client(), "/away"), "redirected from https to http")
	assert.Empty(t, p.asked)
	require.ErrorContains(t, fetch(secure.Client(), "/round"), "10 redirects")
	require.ErrorContains(t, fetch(secure.Client(), "/moved"), "204")
	staying := secure.Client()
	staying.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	require.ErrorContains(t, fetch(staying, "/moved"), "302", "the client's own rule holds")
}

// A trusted issuer cannot make somebody ask a thousand addresses, nor any that no verdict needs.
func TestFetchAsksForFewLists(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	f := newForgery(t)
	f.world = p.world
	f.edit(func(m map[string]any) {
		entries := []any{badge.Status(p.URL+"/newer", 1, "refresh")}
		for i := range 1000 {
			entries = append(entries, badge.Status(fmt.Sprintf("%s/lists/%d", p.URL, i), 1, badge.Revocation))
		}
		m["credentialStatus"] = entries
	})
	_, err := badge.Fetch(t.Context(), p.Client(), []badge.Source{{ID: issuerID, JWKS: p.URL + "/jwks.json"}}, f.valid())
	require.ErrorContains(t, err, "more than 4 status lists")
	assert.Equal(t, []string{"/jwks.json", "/lists/0", "/lists/1", "/lists/2", "/lists/3"}, p.asked)
}
