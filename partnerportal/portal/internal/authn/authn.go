package authn

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// The codes with which a caller is turned away.
const (
	CodeUnauthorized = partnerportal.ErrorCode("unauthorized")      // no credentials
	CodeInvalidToken = partnerportal.ErrorCode("invalid_token")     // unknown, expired or revoked ones
	CodeSuspended    = partnerportal.ErrorCode("partner_suspended") // good ones of a partner that may not act
)

const (
	// memory is how long a caller is known without asking the database again, and so how late a revocation on another replica
	// can take effect here.
	memory  = 2 * time.Second
	maxKept = 4096
)

// Authenticator recognises callers. Its clock is the real one: turning a sandbox's clock must not end anybody's token.
type Authenticator struct {
	store    *store.Store
	lifetime time.Duration // of access tokens

	mu    sync.Mutex
	known map[string]known // by hash of what the caller sent
}

type known struct {
	caller        call.Caller
	partnerStatus string
	expires       time.Time // zero for API keys
	until         time.Time
}

// New returns an Authenticator whose tokens live that long.
func New(s *store.Store, lifetime time.Duration) *Authenticator {
	return &Authenticator{store: s, lifetime: lifetime, known: map[string]known{}}
}

// Forget makes a revocation or suspension of this process take effect at once.
func (a *Authenticator) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.known)
}

// Caller returns who sent an Authorization header, or the *partnerportal.Error to answer with.
func (a *Authenticator) Caller(ctx context.Context, authorization string) (call.Caller, error) {
	scheme, secret, _ := strings.Cut(authorization, " ")
	if secret = strings.TrimSpace(secret); !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return call.Caller{}, refusal(http.StatusUnauthorized, CodeUnauthorized, `Send "Authorization: Bearer" with an access token or an API key.`)
	}
	who, err := a.lookUp(ctx, secret)
	if err != nil {
		return call.Caller{}, err
	}
	if !who.expires.IsZero() && !time.Now().Before(who.expires) {
		return call.Caller{}, refusal(http.StatusUnauthorized, CodeInvalidToken, "The access token has expired. Get a new one from /oauth2/token.")
	}
	if who.caller.Side == partnerportal.SidePartner && who.partnerStatus != "active" {
		return call.Caller{}, refusal(http.StatusForbidden, CodeSuspended, "The partner's access is suspended. Ask the vendor.")
	}
	return who.caller, nil
}

func (a *Authenticator) lookUp(ctx context.Context, secret string) (known, error) {
	hash := Hash(secret)
	a.mu.Lock()
	who, ok := a.known[hash]
	a.mu.Unlock()
	if ok && time.Now().Before(who.until) {
		return who, nil
	}
	who, err := a.load(ctx, secret, hash)
	if errors.Is(err, store.ErrNotFound) {
		return known{}, refusal(http.StatusUnauthorized, CodeInvalidToken, "The access token or API key is unknown, expired or revoked.")
	}
	if err != nil {
		return known{}, err
	}
	a.keep(hash, who)
	return who, nil
}

func (a *Authenticator) load(ctx context.Context, secret, hash string) (known, error) {
	if strings.HasPrefix(secret, KeyPrefix) {
		row, err := a.store.Read().CallerByKey(ctx, hash)
		if err != nil {
			return known{}, err
		}
		return known{caller: caller(row.ID, row.PartnerID, row.Name, row.Scopes), partnerStatus: row.PartnerStatus}, nil
	}
	if !strings.HasPrefix(secret, TokenPrefix) {
		return known{}, store.ErrNotFound // a client secret, or nothing of this portal's
	}
	row, err := a.store.Read().CallerByToken(ctx, hash)
	if err != nil {
		return known{}, err
	}
	return known{
		caller: caller(row.ID, row.PartnerID, row.Name, row.Scopes), partnerStatus: row.PartnerStatus, expires: store.Time(row.ExpiresAt),
	}, nil
}

func (a *Authenticator) keep(hash string, who known) {
	who.until = time.Now().Add(memory)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxKept {
		clear(a.known) // cheaper than to find out which, and they are all back after one look-up
	}
	a.known[hash] = who
}

func caller(id, partnerID, name, scopes string) call.Caller {
	side := partnerportal.SidePartner
	if partnerID == "" {
		side = partnerportal.SideVendor
	}
	return call.Caller{Side: side, PartnerID: partnerID, ClientID: id, Name: name, Scopes: strings.Fields(scopes)}
}

func refusal(status int, code partnerportal.ErrorCode, detail string) error {
	return &partnerportal.Error{Status: status, Code: code, Detail: detail}
}

// Challenge is the WWW-Authenticate header of an answer that turns a caller away (RFC 6750, 3), or "".
func Challenge(e *partnerportal.Error, scopes []string) string {
	switch e.Code {
	case CodeUnauthorized:
		return `Bearer realm="partnerportal"`
	case CodeInvalidToken:
		return `Bearer realm="partnerportal", error="invalid_token"`
	case CodeInsufficientScope:
		return `Bearer realm="partnerportal", error="insufficient_scope", scope="` + strings.Join(scopes, " ") + `"`
	}
	return ""
}

// CodeInsufficientScope says that the caller is known but its token does not carry the scope.
const CodeInsufficientScope = partnerportal.ErrorCode("insufficient_scope")

// Authorize refuses a caller that has none of the scopes.
func Authorize(c call.Caller, scopes []string) error {
	if c.May(scopes...) {
		return nil
	}
	return refusal(http.StatusForbidden, CodeInsufficientScope, "The access token needs the scope "+strings.Join(scopes, " or ")+".")
}
