package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5emb"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// routes is everything that the portal answers.
func (p *Portal) routes() http.Handler {
	router := partnerportal.NewRouter(p.observe, p.authenticate, p.limit, p.validate, p.receive, p.transact)
	router.OnError = func(in *partnerportal.Incoming, err error) {
		p.options.logger.ErrorContext(in.Context(), "portal: failed", "request_id", in.RequestID, "operation", in.Op.ID, "error", err)
	}
	p.rooms.mount(router)

	mux := http.NewServeMux()
	mux.Handle("/", router)
	mux.Handle("/oauth2/token", only(http.HandlerFunc(p.serveToken), http.MethodPost))
	mux.Handle(assets.DownloadPath+"{token}", only(http.HandlerFunc(p.serveLink), http.MethodGet, http.MethodHead))
	mux.Handle("/.well-known/webhooks/{endpoint_id}/jwks.json", only(http.HandlerFunc(p.serveKeys), http.MethodGet, http.MethodHead))
	p.publish(mux)
	mux.Handle("/openapi.json", only(serveDocument(), http.MethodGet, http.MethodHead))
	mux.Handle("/docs/", only(serveDocs(), http.MethodGet, http.MethodHead))
	mux.Handle("/docs", http.RedirectHandler("/docs/", http.StatusPermanentRedirect))
	mux.Handle("/healthz", only(http.HandlerFunc(serveHealth), http.MethodGet, http.MethodHead))
	mux.Handle("/readyz", only(http.HandlerFunc(p.serveReady), http.MethodGet, http.MethodHead))
	return mux
}

// only refuses methods that a path does not have.
func only(next http.Handler, methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(methods, r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(methods, ", "))
		writeProblem(w, r, &partnerportal.Error{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Detail: "This path takes " + strings.Join(methods, " or ") + "."})
	})
}

func writeProblem(w http.ResponseWriter, r *http.Request, e *partnerportal.Error) {
	x := exchangeOf(r.Context())
	e.RequestID, x.code = x.id, string(e.Code)
	body, err := json.Marshal(e)
	if err != nil {
		panic(err) // a problem of the shell's own making always encodes
	}
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the caller is gone; there is nobody left to tell
}

// internal answers for a failure outside of the contract's operations.
func (p *Portal) internal(w http.ResponseWriter, r *http.Request, err error) {
	p.options.logger.ErrorContext(r.Context(), "portal: failed", "request_id", exchangeOf(r.Context()).id, "error", err)
	writeProblem(w, r, &partnerportal.Error{Status: http.StatusInternalServerError, Code: "internal_error",
		Detail: "The portal failed. Nothing was changed; try again."})
}

func (p *Portal) serveToken(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).operation = "auth.token"
	if err := p.auth.ServeToken(w, r); err != nil {
		p.internal(w, r, err)
	}
}

func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}`)) // the caller is gone; there is nobody left to tell
}

// serveReady says whether requests can be served: the database answers and has the schema that this portal knows.
func (p *Portal) serveReady(w http.ResponseWriter, r *http.Request) {
	if err := p.store.Ready(r.Context()); err != nil {
		p.options.logger.WarnContext(r.Context(), "portal: not ready", "error", err)
		writeProblem(w, r, &partnerportal.Error{Status: http.StatusServiceUnavailable, Code: "not_ready", Detail: "The database does not answer as it should."})
		return
	}
	serveHealth(w, r)
}

// serveKeys publishes the keys that a webhook endpoint's deliveries are signed with, to whoever asks.
func (p *Portal) serveKeys(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).operation = "webhooks.jwks"
	keys, err := p.rooms.events.PublicKeys(r.Context(), p.store.Read(), r.PathValue("endpoint_id"))
	if refusal, ok := errors.AsType[*partnerportal.Error](err); ok {
		writeProblem(w, r, refusal)
		return
	}
	if err != nil {
		p.internal(w, r, err)
		return
	}
	webhook.JWKSHandler(webhook.StaticKeys(keys...)).ServeHTTP(w, r)
}

// serveDocument serves the contract; it changes only with the program, so callers can keep it.
func serveDocument() http.Handler {
	sum := sha256.Sum256(openapi.Document)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(openapi.Document))
	})
}

// serveDocs serves the contract to browse, from files inside the binary: it works without a network.
func serveDocs() http.Handler {
	ui := v5emb.New("Partner portal", "/openapi.json", "/docs/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		ui.ServeHTTP(w, r)
	})
}
