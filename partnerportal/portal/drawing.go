package portal

import (
	"context"
	"errors"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// DrawAssets draws the previews and co-branded files that are ordered, and returns when none is left: what fails is tried again later.
// [Portal.Run] does it by itself; a host that runs something like a cron job, or a test, can call DrawAssets instead.
func (p *Portal) DrawAssets(ctx context.Context) error { return p.rooms.assets.Work(ctx) }

func (p *Portal) drawAlways(ctx context.Context) {
	p.rooms.assets.Run(ctx, func(err error) { p.report(ctx, "draw", err) })
}

// asSystem runs do in a transaction of its own, as the portal itself.
func (p *Portal) asSystem(ctx context.Context, do func(ctx context.Context) error) error {
	return p.commit(ctx, call.System, "", func(ctx context.Context, _ *call.Call) error { return do(ctx) })
}

// asCaller runs do in a transaction of its own, as whoever makes the call.
func (p *Portal) asCaller(ctx context.Context, do func(ctx context.Context) error) error {
	c := call.From(ctx)
	return p.commit(ctx, c.Caller, c.RequestID, func(ctx context.Context, _ *call.Call) error { return do(ctx) })
}

// serveLink follows a link to an asset. Whoever has it needs nothing else, as a browser sends no token.
func (p *Portal) serveLink(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).operation = "assets.link"
	w.Header().Set("Referrer-Policy", "no-referrer")
	content, err := p.rooms.assets.Open(call.With(r.Context(), p.newCall(call.System, "", p.store.Read())), r.PathValue("token"))
	if e, ok := errors.AsType[*partnerportal.Error](err); ok {
		writeProblem(w, r, e)
		return
	}
	if err != nil {
		p.internal(w, r, err)
		return
	}
	content.ServeHTTP(w, r)
}

// linkPaths are where paths end in the secret of a link.
var linkPaths = []string{assets.DownloadPath, partnerportal.BasePath + "/asset-downloads/"}
