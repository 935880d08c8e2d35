package portal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	accountroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/account"
	assetsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets"
	dealsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deals"
	eventsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/events"
	filesroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/files"
	leadsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	mdfroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf"
	programroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/program"
	sandboxroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/sandbox"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// rooms are the parts of the portal, one for each part of the contract. They know nothing of each other: what crosses goes
// over the feed.
type rooms struct {
	deals   *dealsroom.Service
	leads   *leadsroom.Service
	mdf     *mdfroom.Service
	assets  *assetsroom.Service
	program *programroom.Service
	account *accountroom.Service
	events  *eventsroom.Service
	files   *filesroom.Service
	sandbox *sandboxroom.Service
}

func newRooms(p *Portal) *rooms {
	r := &rooms{deals: dealsroom.New(p.options.enricher), leads: leadsroom.New(), mdf: mdfroom.New()}
	r.events = eventsroom.New(eventsroom.Config{Retention: p.options.eventRetention, Guard: &p.options.guard})
	r.files = filesroom.New(p.store, p.blobs, p.options.maxFileSize)
	r.assets = assetsroom.New(p.blobs, p.asSystem)
	r.program = programroom.New(p.auth.Forget)
	r.account = accountroom.New(p.options.sourceKinds(), p.options.freshFor, p.report)
	r.deals.Subscribe(p.feed)
	r.account.Subscribe(p.feed)
	r.program.Subscribe(p.feed)
	var clock sandboxroom.Clock
	if p.options.sandbox {
		clock = p
	}
	r.sandbox = sandboxroom.New(clock, desk{r.deals, r.leads, r.mdf})
	return r
}

func (r *rooms) mount(router *partnerportal.Router) {
	deals.Mount(router, r.deals)
	leads.Mount(router, r.leads)
	mdf.Mount(router, r.mdf)
	assets.Mount(router, r.assets)
	program.Mount(router, r.program)
	account.Mount(router, r.account)
	events.Mount(router, r.events)
	files.Mount(router, r.files)
	sandbox.Mount(router, r.sandbox)
}

// transactsItself names the operations that must not run inside one transaction: turning the clock fires deadlines, and each
// of them has its own.
func (r *rooms) transactsItself(operation string) bool { return operation == "sandbox.advance" }

// fire hands a deadline to the room that set it, which the first word of its kind names.
func (r *rooms) fire(ctx context.Context, kind, resourceID string, dueAt time.Time) error {
	room, _, _ := strings.Cut(kind, ".")
	switch room {
	case "deal":
		return r.deals.Fire(ctx, kind, resourceID, dueAt)
	case "lead":
		return r.leads.Fire(ctx, kind, resourceID, dueAt)
	case "mdf":
		return r.mdf.Fire(ctx, kind, resourceID, dueAt)
	case "asset":
		return r.assets.Fire(ctx, kind, resourceID, dueAt)
	case "membership":
		return r.program.Fire(ctx, kind, resourceID, dueAt)
	case "rebate":
		return r.account.Fire(ctx, kind, resourceID, dueAt)
	case "file":
		return r.files.Fire(ctx, kind, resourceID, dueAt)
	}
	return fmt.Errorf("there is no room for deadlines of the kind %q", kind)
}
