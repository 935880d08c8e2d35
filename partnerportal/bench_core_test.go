package partnerportal_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// TestAllocations holds the cost of the core itself: a call with token, retry, limits and idempotency around a transport that
// does nothing. Decoding is the result type's affair and is not counted here.
func TestAllocations(t *testing.T) {
	pp := quick(t)
	ctx := t.Context()
	request := get("t1")
	call := func() {
		if err := pp.Do(ctx, request, nil); err != nil {
			t.Error(err)
		}
	}
	call()
	assert.LessOrEqual(t, testing.AllocsPerRun(100, call), 18.0, "GET")
}

func BenchmarkDoGet(b *testing.B) {
	pp := quick(b)
	request := get("t1")
	b.ReportAllocs()
	for b.Loop() {
		if err := pp.Do(b.Context(), request, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDoCreate(b *testing.B) {
	pp := quick(b)
	request := &partnerportal.Request{Op: makeThing, Body: json.RawMessage(`{"name":"new"}`)}
	b.ReportAllocs()
	for b.Loop() {
		if err := pp.Do(b.Context(), request, nil); err != nil {
			b.Fatal(err)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// quick returns a client whose transport answers the same at once.
func quick(t testing.TB) *partnerportal.Client {
	t.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	pp, err := partnerportal.New("https://portal.test",
		partnerportal.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t0ken"})),
		partnerportal.WithHTTPClient(&http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: header, Body: http.NoBody, Request: req}, nil
		})}))
	require.NoError(t, err)
	return pp
}
