package partnerportal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
)

// credentials are how the client proves who it is: exactly one of an API key, a token source, or client ID and secret.
type credentials struct {
	apiKey   Secret
	source   oauth2.TokenSource
	clientID string
	secret   Secret
	scopes   []string
	tokenURL string
}

// WithClientCredentials authenticates with OAuth 2.0 client credentials (RFC 6749, section 4.4) at the portal's token endpoint,
// /oauth2/token, or that of [WithTokenURL]. The token is fetched with the first call, shared by all, and renewed before it
// expires. Scopes, such as deals:read, narrow down what the token can do; without any, it can do all that the caller may.
func WithClientCredentials(clientID, clientSecret string, scopes ...string) Option {
	return optionFunc(func(s *settings) error {
		if clientID == "" || clientSecret == "" {
			return errors.New("WithClientCredentials: the client ID or the secret is empty")
		}
		for _, scope := range scopes {
			if !isVisible(scope) {
				return fmt.Errorf("WithClientCredentials: %q is not a scope", clip(scope, 64))
			}
		}
		s.clientID, s.secret, s.scopes = clientID, NewSecret(clientSecret), append([]string(nil), scopes...)
		return s.authenticate("WithClientCredentials")
	})
}

// WithTokenURL fetches tokens for [WithClientCredentials] at another endpoint than the portal's own, such as that of a company's
// identity provider.
func WithTokenURL(tokenURL string) Option {
	return optionFunc(func(s *settings) error {
		u, err := url.Parse(tokenURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			return errors.New("WithTokenURL: not a plain https URL")
		}
		s.tokenURL = tokenURL
		return nil
	})
}

// WithTokenSource authenticates with the tokens of source. It is asked on a goroutine of the client's own, for the first call,
// shortly before its token expires, and after the portal has refused one; its tokens must be of the type Bearer.
func WithTokenSource(source oauth2.TokenSource) Option {
	return optionFunc(func(s *settings) error {
		if source == nil {
			return errors.New("WithTokenSource: the source is nil")
		}
		s.source = source
		return s.authenticate("WithTokenSource")
	})
}

// WithAPIKey authenticates with a key that the portal issued, ppk_…, sent as a bearer token.
func WithAPIKey(key string) Option {
	return optionFunc(func(s *settings) error {
		if !isVisible(key) {
			return errors.New("WithAPIKey: a key consists of visible ASCII characters")
		}
		s.apiKey = NewSecret(key)
		return s.authenticate("WithAPIKey")
	})
}

// FromEnv authenticates with what the environment holds: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
// PARTNERPORTAL_CLIENT_SECRET. It fails if neither is set, or both are.
func FromEnv() Option {
	return optionFunc(func(s *settings) error {
		key, id, secret := os.Getenv("PARTNERPORTAL_API_KEY"), os.Getenv("PARTNERPORTAL_CLIENT_ID"), os.Getenv("PARTNERPORTAL_CLIENT_SECRET")
		switch {
		case key != "" && (id != "" || secret != ""):
			return errors.New("FromEnv: both PARTNERPORTAL_API_KEY and PARTNERPORTAL_CLIENT_ID or _CLIENT_SECRET are set")
		case key != "":
			if err := WithAPIKey(key).applyClient(s); err != nil {
				return errors.New("FromEnv: PARTNERPORTAL_API_KEY is not a key")
			}
			return nil
		case id != "" && secret != "":
			return WithClientCredentials(id, secret).applyClient(s)
		}
		return errors.New("FromEnv: set PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and PARTNERPORTAL_CLIENT_SECRET")
	})
}

// authenticate notes which option gave the credentials, and refuses a second one.
func (s *settings) authenticate(option string) error {
	if s.credential != "" {
		return fmt.Errorf("%s and %s exclude each other", s.credential, option)
	}
	s.credential = option
	return nil
}

// authSource gives the token for each attempt: a fixed one, those of a source, or none.
type authSource struct {
	fixed  *bearer
	source *tokenSource
}

func (a authSource) get(ctx context.Context) (*bearer, error) {
	if a.source != nil {
		return a.source.get(ctx)
	}
	return a.fixed, nil
}

func (s *settings) authSource(c *Client, plainAllowed bool) (authSource, error) {
	if s.tokenURL != "" && s.clientID == "" {
		return authSource{}, errors.New("WithTokenURL needs WithClientCredentials")
	}
	switch {
	case !s.apiKey.IsZero():
		return authSource{fixed: newBearer(s.apiKey.Reveal())}, nil
	case s.source != nil:
		source := s.source
		return authSource{source: &tokenSource{fetch: func(context.Context) (*oauth2.Token, error) {
			token, err := source.Token()
			if err != nil {
				return nil, tokenError(err)
			}
			return token, nil
		}}}, nil
	case s.clientID != "":
		if s.tokenURL == "" {
			s.tokenURL = c.base + "/oauth2/token"
		}
		if u, err := url.Parse(s.tokenURL); err != nil || !plainAllowed && !isConfidential(u) {
			return authSource{}, errors.New("WithTokenURL: the client secret is not sent over plain http; use https, or WithInsecure")
		}
		return authSource{source: &tokenSource{fetch: fetchClientCredentials(s.credentials, c.transport, strings.Join(c.userAgent, " "))}}, nil
	}
	return authSource{}, nil
}
