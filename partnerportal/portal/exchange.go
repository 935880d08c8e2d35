package portal

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
)

// exchange is one request and its answer, for the log and for headers that a problem's answer has no place for.
type exchange struct {
	id     string
	header http.Header // of the answer

	operation string
	clientID  string
	partnerID string
	code      string // of a problem
	status    int
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{header: http.Header{}}
}

// ServeHTTP answers a request. Every answer has an X-Request-Id that the portal made: one of the caller's own choosing could be
// made to look like another's, so it is only logged beside it.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	x := &exchange{id: ids.New(ids.Request, start), header: w.Header()}
	x.header.Set("X-Request-Id", x.id)
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	answer := &statusWriter{ResponseWriter: w}
	defer func() { //nolint:contextcheck // the request's own context
		broken := recover()
		if broken != nil && broken != http.ErrAbortHandler { //nolint:errorlint // what is thrown is not wrapped
			p.options.logger.ErrorContext(r.Context(), "portal: panic", "request_id", x.id, "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
			broken = http.ErrAbortHandler // the caller learns nothing, and the server does not log it twice
		}
		x.status = answer.status
		p.log(r, x, time.Since(start))
		if broken != nil {
			panic(broken)
		}
	}()
	p.handler.ServeHTTP(answer, r)
}

func (p *Portal) log(r *http.Request, x *exchange, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", r.Method), slog.String("path", shownPath(r.URL.Path)),
		slog.Int("status", x.status), slog.Duration("took", took),
	}
	for _, a := range []slog.Attr{
		slog.String("operation", x.operation), slog.String("client_id", x.clientID), slog.String("partner_id", x.partnerID),
		slog.String("code", x.code), slog.String("caller_request_id", safeID(r.Header.Get("X-Request-Id"))),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	p.options.logger.LogAttrs(r.Context(), slog.LevelInfo, "portal: request", attrs...)
}

// shownPath is a path without the secret that it may end in.
func shownPath(path string) string {
	for _, prefix := range linkPaths {
		if strings.HasPrefix(path, prefix) {
			return prefix + "…"
		}
	}
	return path
}

// safeID keeps a caller's request id if it can neither forge a log line nor hide a secret's worth of text in one.
func safeID(id string) string {
	const most = 64
	if len(id) > most || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.'
	}) {
		return ""
	}
	return id
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter

	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController find what the server's own writer can do.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
