package deliver_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
)

// resolveAsC is set for the run of TestSpellings with the C library's resolver; see TestSpellingsAsC.
const resolveAsC = "PARTNERPORTAL_TEST_RESOLVE_AS_C"

var hasIPv6 = sync.OnceValue(func() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err == nil {
		_ = l.Close()
	}
	return err == nil
})

// Thirteen ways to write this host. Some are addresses to one resolver and names to another, so what the text says is worth nothing:
// the guard looks at what is dialled.
func TestSpellings(t *testing.T) {
	t.Parallel()
	resolvers := map[string]*net.Resolver{
		"of which none is a name":    names(always()),
		"of which all are this host": names(always("127.0.0.1")), // as the C library reads the numbers among them
	}
	if os.Getenv(resolveAsC) != "" {
		resolvers = map[string]*net.Resolver{"as the C library resolves": nil}
	}
	_, port := receiver(t, forbidden(t))
	for i, host := range []string{
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]",
	} {
		for how, resolver := range resolvers {
			t.Run(fmt.Sprintf("case %d %s %s", 125+i, host, how), func(t *testing.T) {
				t.Parallel()
				_, err := new(deliver.Guard).CheckURL("https://" + host + "/")
				require.Error(t, err, "at registration")

				guard := &deliver.Guard{AllowHTTP: true, Ports: []uint16{0}, Resolver: resolver}
				a := posterOf(t, guard, nil).Post(t.Context(), message(t, "http://"+host+":"+port+"/"))
				if host[0] == '[' {
					assert.Equal(t, refusal(t, host[1:len(host)-1]), a.Failure)
					return
				}
				assert.Contains(t, []string{deliver.FailureNotAllowed, deliver.FailureDNS}, a.Failure)
			})
		}
	}
}

func TestDial(t *testing.T) {
	t.Parallel()

	t.Run("case 138 a name that is public when it is checked and private when it is dialled", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		guard := testGuard(names(func(string) []netip.Addr {
			if asked.Add(1) <= 2 { // A and AAAA
				return []netip.Addr{home}
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.2")}
		}))
		_, port := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close") // so that the name is looked up again
			accept(w, r)
		})
		u, err := guard.CheckURL("http://rebinds.example:" + port + "/")
		require.NoError(t, err)
		poster := posterOf(t, guard, nil)
		assert.Empty(t, poster.Post(t.Context(), message(t, u.String())).Failure)
		assert.Equal(t, deliver.FailureNotAllowed, poster.Post(t.Context(), message(t, u.String())).Failure)
	})

	t.Run("case 141 one private and one public address", func(t *testing.T) {
		t.Parallel()
		url, port := receiver(t, accept)
		private, err := net.Listen("tcp", "127.0.0.2:"+port)
		if err != nil {
			t.Skip("this system has one loopback address: ", err)
		}
		defer private.Close()
		inside := httptest.NewUnstartedServer(forbidden(t))
		inside.Listener = private
		var reached atomic.Int64
		inside.Config.ConnState = func(net.Conn, http.ConnState) { reached.Add(1) }
		inside.Start()
		defer inside.Close()

		a := posterOf(t, testGuard(names(always("127.0.0.2", "127.0.0.1"))), nil).Post(t.Context(), message(t, "http://both.example:"+port+"/"))
		assert.Empty(t, a.Failure)
		assert.Equal(t, 204, a.Status)
		assert.Zero(t, reached.Load(), "a connection to the private address")
		assert.NotEmpty(t, url)
	})

	t.Run("case 141 private addresses only", func(t *testing.T) {
		t.Parallel()
		_, port := receiver(t, forbidden(t))
		a := posterOf(t, testGuard(names(always("127.0.0.2", "10.0.0.1", "::ffff:169.254.169.254"))), nil).
			Post(t.Context(), message(t, "http://inside.example:"+port+"/"))
		assert.Equal(t, deliver.FailureNotAllowed, a.Failure)
	})

	t.Run("case 141 a private address, and a public one that is down", func(t *testing.T) {
		t.Parallel()
		a := posterOf(t, testGuard(names(always("127.0.0.2", "127.0.0.1"))), nil).Post(t.Context(), message(t, "http://down.example:"+deadPort(t)+"/"))
		assert.Equal(t, deliver.FailureConnect, a.Failure, "it is the endpoint that is down, not the guard that refuses")
	})

	t.Run("case 142 a name that does not resolve", func(t *testing.T) {
		t.Parallel()
		a := posterOf(t, testGuard(names(always())), nil).Post(t.Context(), message(t, "https://nowhere.example/"))
		assert.Equal(t, deliver.FailureDNS, a.Failure)
		assert.Zero(t, a.Status)
	})

	t.Run("a port that is not allowed any more", func(t *testing.T) {
		t.Parallel()
		url, _ := receiver(t, forbidden(t))
		guard := testGuard(nil)
		guard.Ports = nil
		assert.Equal(t, deliver.FailureNotAllowed, posterOf(t, guard, nil).Post(t.Context(), message(t, url)).Failure)
	})

	t.Run("http that is not allowed any more", func(t *testing.T) {
		t.Parallel()
		url, _ := receiver(t, forbidden(t))
		guard := testGuard(nil)
		guard.AllowHTTP = false
		assert.Equal(t, deliver.FailureNotAllowed, posterOf(t, guard, nil).Post(t.Context(), message(t, url)).Failure)
	})
}

// deadPort is one where nobody listens.
func deadPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// Not parallel: net/http reads the environment once, and this test must be what makes it do so.
func TestNoProxy(t *testing.T) {
	t.Run("case 140 a proxy in the environment", func(t *testing.T) {
		proxy, _ := receiver(t, forbidden(t))
		for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
			t.Setenv(name, proxy)
		}
		guard := testGuard(nil)
		assert.Nil(t, guard.Transport().Proxy)
		for _, url := range []string{"http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/"} {
			a := posterOf(t, guard, nil).Post(t.Context(), message(t, url))
			assert.Equal(t, deliver.FailureNotAllowed, a.Failure)
		}
	})
}

func TestIdleConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	const attempts = 8
	var (
		opened  atomic.Int64
		arrived sync.WaitGroup
	)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait() // so that all of them are under way at once
		accept(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	poster := posterOf(t, testGuard(nil), nil)
	for _, want := range []int64{attempts, attempts + attempts - 4} { // four were kept
		arrived.Add(attempts)
		var group sync.WaitGroup
		for range attempts {
			m := message(t, s.URL)
			group.Go(func() { assert.Empty(t, poster.Post(t.Context(), m).Failure) })
		}
		group.Wait()
		assert.Equal(t, want, opened.Load())
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	protocols := make(chan string, 2)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols <- r.Proto + " " + r.RemoteAddr
		accept(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	poster := posterOf(t, testGuard(nil), s)
	for range 2 {
		assert.Empty(t, poster.Post(t.Context(), message(t, s.URL)).Failure)
	}
	first := <-protocols
	assert.Contains(t, first, "HTTP/2.0")
	assert.Equal(t, first, <-protocols, "the connection serves again")
}
