package badge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Source is an issuer that the caller trusts, and where it publishes its keys.
type Source struct {
	ID   string // ID is the issuer's URI, as its credentials give it.
	Name string // Name is what the verifier calls it.
	JWKS string // JWKS is the URL of its key set.
}

// maxListsOfBadge is how many status lists of one badge are asked for; the standard allows one.
const maxListsOfBadge = 4

// Fetch makes a bundle of what the sources publish now, with the status lists of the given badges: it asks for the key set of each source, and
// for the lists of those badges only that one of these keys signed, because anybody can write any URL into a badge. The client decides
// where connections may go, which proxies there are and how long it may take; a nil client is http.DefaultClient. Redirects from https
// to anything else are refused whatever the client allows, since who stands there could hand out keys of his own. No answer larger than
// 8 MiB is read, and of one badge no more than 4 lists.
//
// What cannot be fetched is left out and named in the error, and the bundle holds the rest: the checks that need it are unknown.
func Fetch(ctx context.Context, client *http.Client, sources []Source, badges ...[]byte) (*Bundle, error) {
	if client == nil {
		client = http.DefaultClient
	}
	f := fetcher{client: onlySecurely(client)}
	var contents Contents
	for _, source := range sources {
		contents.Issuers = append(contents.Issuers, f.issuer(ctx, source))
	}
	keys, err := NewBundle(contents)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, data := range badges {
		for _, url := range f.lists(data, keys) {
			if seen[url] {
				continue
			}
			seen[url] = true
			asOf := time.Now().UTC().Truncate(time.Second)
			if body := f.get(ctx, url, "application/vc+jwt, text/plain"); body != nil {
				contents.StatusLists = append(contents.StatusLists, Snapshot{URL: url, JWT: strings.TrimSpace(string(body)), AsOf: asOf})
			}
		}
	}
	bundle, err := NewBundle(contents)
	return bundle, errors.Join(err, f.err)
}

// onlySecurely is the client, with one rule more about redirects.
func onlySecurely(client *http.Client) *http.Client {
	with := *client
	with.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case via[0].URL.Scheme == "https" && req.URL.Scheme != "https":
			return errors.New("redirected from https to " + req.URL.Scheme)
		case client.CheckRedirect != nil:
			return client.CheckRedirect(req, via)
		case len(via) >= 10: // as net/http has it
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &with
}

type fetcher struct {
	client *http.Client
	err    error
}

// issuer is the source with the keys that it publishes, or without keys.
func (f *fetcher) issuer(ctx context.Context, source Source) Issuer {
	entry := Issuer{ID: source.ID, Name: source.Name}
	asOf := time.Now().UTC().Truncate(time.Second)
	body := f.get(ctx, source.JWKS, "application/jwk-set+json, application/json")
	if body == nil {
		return entry
	}
	if err := entry.Keys.UnmarshalJSON(body); err != nil {
		f.failed(source.JWKS, err)
		return entry
	}
	entry.AsOf = asOf
	return entry
}

// lists are the addresses of the status lists that a verdict about the badge needs.
func (f *fetcher) lists(data []byte, keys *Bundle) (urls []string) {
	v := Verify(data, keys)
	if v.Signature.Result != Passed || v.Credential == nil {
		return nil
	}
	for _, entry := range v.Credential.CredentialStatus {
		if entry.Type != statusEntryType || slices.Contains(harmless, entry.StatusPurpose) {
			continue
		}
		if len(urls) == maxListsOfBadge {
			f.failed(v.Credential.ID, fmt.Errorf("the badge names more than %d status lists", maxListsOfBadge))
			break
		}
		urls = append(urls, entry.StatusListCredential)
	}
	return urls
}

func (f *fetcher) failed(url string, err error) {
	f.err = errors.Join(f.err, fmt.Errorf("badge: %.200q: %w", url, err))
}

// get is nil when it failed.
func (f *fetcher) get(ctx context.Context, url, accept string) []byte {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		f.failed(url, err)
		return nil
	}
	req.Header.Set("Accept", accept)
	res, err := f.client.Do(req)
	if err != nil {
		f.failed(url, err)
		return nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxList+1))
	switch {
	case err != nil:
	case res.StatusCode != http.StatusOK:
		err = fmt.Errorf("%d %s", res.StatusCode, http.StatusText(res.StatusCode)) // not in the server's own words
	case len(body) > maxList:
		err = fmt.Errorf("longer than %d bytes", maxList)
	default:
		return body
	}
	f.failed(url, err)
	return nil
}
