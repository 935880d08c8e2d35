package partnerportal

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokenOperation names the fetch of an access token in errors.
const tokenOperation = "oauth2.token"

const (
	tokenAttempts = 3
	tokenMaxWait  = 5 * time.Second
)

// fetchClientCredentials returns the fetch of a token with client credentials. oauth2 makes one request per fetch and nothing
// else of it: sharing, expiry and waiting are ours, because its own ignore the caller's context and stampede after a failure.
func fetchClientCredentials(cr credentials, transport http.RoundTripper, userAgent string) func(context.Context) (*oauth2.Token, error) {
	loop := &retryablehttp.Client{
		HTTPClient: &http.Client{Transport: tokenTransport{transport, userAgent}, CheckRedirect: refuseRedirect},
		RetryMax:   tokenAttempts - 1,
		CheckRetry: mayFetchAgain,
		Backoff: func(_, _ time.Duration, retries int, resp *http.Response) time.Duration {
			if resp != nil {
				if wait, ok := retryAfter(resp.Header, time.Now()); ok {
					return wait
				}
			}
			return rand.N(200 * time.Millisecond << retries)
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// The wrapped client would follow what the inner one refused to: the secret would go to wherever a redirect points.
	client := loop.StandardClient()
	client.CheckRedirect = refuseRedirect
	return func(ctx context.Context) (*oauth2.Token, error) {
		conf := clientcredentials.Config{
			ClientID: cr.clientID, ClientSecret: cr.secret.Reveal(), Scopes: cr.scopes, TokenURL: cr.tokenURL,
			AuthStyle: oauth2.AuthStyleInHeader, // stated, because finding out sends the secret twice
		}
		token, err := conf.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return nil, tokenError(err)
		}
		return token, nil
	}
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// mayFetchAgain repeats a fetch that failed on the way or at the server, never one that was refused. It gives no errors of its own:
// with one beside an answer, net/http would print a line to the standard log.
func mayFetchAgain(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil //nolint:nilerr // the loop sees the context itself
	}
	if err != nil {
		what, _ := outcomeOfError(plainError(err), true)
		return what != permanent, nil
	}
	if resp.StatusCode != http.StatusTooManyRequests && outcomeOf(resp.StatusCode, "") != unknown {
		return false, nil
	}
	wait, _ := retryAfter(resp.Header, time.Now())
	return wait <= tokenMaxWait, nil
}

// tokenTransport hides CloseIdleConnections, which go-retryablehttp would call after each failure on connections that the
// calls share, and names the program.
type tokenTransport struct {
	next      http.RoundTripper
	userAgent string
}

func (t tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	named := req.Clone(req.Context())
	named.Header.Set("User-Agent", t.userAgent)
	return t.next.RoundTrip(named)
}

// tokenError rebuilds an error of oauth2, whose own text may hold the whole answer. Of the answer only status, error code and
// request ID are kept.
func tokenError(err error) *Error {
	e := &Error{Operation: tokenOperation, Code: ErrNoToken}
	refused, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered {
		e.Err = plainError(err)
		if strings.HasPrefix(e.Err.Error(), "oauth2: ") {
			e.Err = errors.New("the answer is not a token") // its text may quote the answer
		}
		return e
	}
	if refused.Response != nil {
		e.Status = refused.Response.StatusCode
		e.RequestID = refused.Response.Header.Get("X-Request-Id")
		if wait, ok := retryAfter(refused.Response.Header, time.Now()); ok {
			e.RetryAfter = wait
		}
	}
	if refused.ErrorCode != "" {
		e.Code = ErrorCode(word(refused.ErrorCode))
	}
	return e
}

// isRefusal reports whether the token endpoint knows the client but will not serve it, which waiting does not heal.
func isRefusal(err error) bool {
	return errors.Is(err, ErrorCode("invalid_client")) || errors.Is(err, ErrorCode("unauthorized_client")) || errors.Is(err, ErrUnauthorized)
}
