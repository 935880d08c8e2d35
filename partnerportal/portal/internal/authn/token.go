package authn

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// maxForm bounds the body of a token request, in bytes.
const maxForm = 16 << 10

// tokenAnswer is the successful answer (RFC 6749, 5.1).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope,omitempty"`
}

// tokenRefusal is the other one (RFC 6749, 5.2).
type tokenRefusal struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (r *tokenRefusal) Error() string { return r.Code }

func refuse(code, description string) error {
	return &tokenRefusal{http.StatusBadRequest, code, description}
}

// errClient does not tell an unknown client from a wrong secret.
var errClient = &tokenRefusal{http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong."}

// ServeToken is the token endpoint. An error that it returns is the portal's fault and nothing has been answered yet.
func (a *Authenticator) ServeToken(w http.ResponseWriter, r *http.Request) error {
	answer, err := a.token(w, r)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
	var refused *tokenRefusal
	switch {
	case err == nil:
		return write(w, http.StatusOK, answer)
	case errors.As(err, &refused):
		if refused.status == http.StatusUnauthorized {
			header.Set("WWW-Authenticate", `Basic realm="partnerportal"`)
		}
		return write(w, refused.status, refused)
	}
	return err
}

func write(w http.ResponseWriter, status int, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller is gone; there is nobody left to tell
	return nil
}

func (a *Authenticator) token(w http.ResponseWriter, r *http.Request) (*tokenAnswer, error) {
	form, err := readForm(w, r)
	if err != nil {
		return nil, err
	}
	if grant := form.Get("grant_type"); grant == "" {
		return nil, refuse("invalid_request", "Give grant_type=client_credentials.")
	} else if grant != "client_credentials" {
		return nil, refuse("unsupported_grant_type", "Only client_credentials is supported.")
	}
	id, secret, err := credentials(r, form)
	if err != nil {
		return nil, err
	}
	client, err := a.client(r.Context(), id, secret)
	if err != nil {
		return nil, err
	}
	scopes := strings.Fields(client.Scopes)
	if wanted := strings.Fields(form.Get("scope")); len(wanted) > 0 {
		for _, scope := range wanted {
			if !slices.Contains(scopes, scope) {
				return nil, refuse("invalid_scope", "The client may not have every scope that it asks for.")
			}
		}
		slices.Sort(wanted)
		scopes = slices.Compact(wanted)
	}
	return a.issue(r.Context(), client.ID, strings.Join(scopes, " "))
}

// readForm reads the parameters from the body alone: those of a URL end up in logs.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return nil, refuse("invalid_request", "Send the parameters as application/x-www-form-urlencoded.")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, refuse("invalid_request", "The form cannot be read.")
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refuse("invalid_request", "A parameter is given more than once.")
		}
	}
	return r.PostForm, nil
}

// credentials takes id and secret from HTTP Basic, where both are form-encoded (RFC 6749, 2.3.1), or from the form.
func credentials(r *http.Request, form url.Values) (id, secret string, err error) {
	id, secret = form.Get("client_id"), form.Get("client_secret")
	if r.Header.Get("Authorization") == "" {
		if id == "" || secret == "" {
			return "", "", errClient
		}
		return id, secret, nil
	}
	if secret != "" {
		return "", "", refuse("invalid_request", "Send the credentials in one way, not in two.")
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return "", "", errClient
	}
	user, err1 := url.QueryUnescape(user)
	password, err2 := url.QueryUnescape(password)
	if err1 != nil || err2 != nil || id != "" && id != user {
		return "", "", errClient
	}
	return user, password, nil
}

// client checks the secret in a time that does not depend on whether the client exists or how much of the hash is right.
func (a *Authenticator) client(ctx context.Context, id, secret string) (*store.Client, error) {
	client, err := a.store.Read().Client(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	matches := subtle.ConstantTimeCompare([]byte(client.SecretHash), []byte(Hash(secret))) == 1
	if !matches || client.RevokedAt != 0 || !strings.HasPrefix(secret, SecretPrefix) {
		return nil, errClient
	}
	return &client, nil
}

func (a *Authenticator) issue(ctx context.Context, clientID, scopes string) (*tokenAnswer, error) {
	secret := NewSecret(TokenPrefix)
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertToken(ctx, store.InsertTokenParams{
			Hash: Hash(secret), ClientID: clientID, Scopes: scopes, ExpiresAt: store.Micros(time.Now().Add(a.lifetime)),
		})
	})
	if err != nil {
		return nil, err
	}
	return &tokenAnswer{AccessToken: secret, TokenType: "Bearer", ExpiresIn: int64(a.lifetime / time.Second), Scope: scopes}, nil
}
