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
	catalogroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/catalog"
	credentialsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/credentials"
	dealsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deals"
	eventsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/events"
	filesroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/files"
	leadsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	mdfroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	ordersroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/orders"
	programroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/program"
	quotesroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes"
	sandboxroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/sandbox"
	trainingroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/training"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// rooms are the parts of the portal, one for each part of the contract. They know nothing of each other: what crosses goes
// over the feed.
type rooms struct {
	deals   *dealsroom.Service
	leads   *leadsroom.Service
	mdf     *mdfroom.Service
	assets  *assetsroom.Service
	catalog *catalogroom.Service
	quotes  *quotesroom.Service
	orders  *ordersroom.Service
	program *programroom.Service
	account *accountroom.Service
	events  *eventsroom.Service
	files   *filesroom.Service
	sandbox *sandboxroom.Service

	training    *trainingroom.Service
	credentials *credentialsroom.Service
}

func newRooms(p *Portal) *rooms {
	r := &rooms{deals: dealsroom.New(p.options.enricher), leads: leadsroom.New(), mdf: mdfroom.New()}
	r.events = eventsroom.New(eventsroom.Config{Retention: p.options.eventRetention, Guard: &p.options.guard})
	r.files = filesroom.New(p.store, p.blobs, p.options.maxFileSize)
	r.assets = assetsroom.New(p.blobs, p.asSystem)
	models := offer.NewModels()
	r.catalog = catalogroom.New(models)
	r.quotes = quotesroom.New(models, p.blobs, p.options.press, p.asCaller)
	r.orders = ordersroom.New(models, p.options.finance != nil, p.options.freshFor)
	r.program = programroom.New(p.auth.Forget)
	r.account = accountroom.New(p.options.sourceKinds(), p.options.freshFor, p.report)
	r.credentials = credentialsroom.New(p.blobs)
	r.training = trainingroom.New(p.options.lms, p.options.freshFor)
	r.deals.Subscribe(p.feed)
	r.quotes.Subscribe(p.feed)
	r.training.Subscribe(p.feed)
	r.credentials.Subscribe(p.feed)
	r.account.Subscribe(p.feed)
	r.program.Subscribe(p.feed)
	var clock sandboxroom.Clock
	if p.options.sandbox {
		clock = p
	}
	r.sandbox = sandboxroom.New(clock, desk{deals: r.deals, leads: r.leads, mdf: r.mdf, quotes: r.quotes, orders: r.orders, training: r.training})
	return r
}

func (r *rooms) mount(router *partnerportal.Router) {
	deals.Mount(router, r.deals)
	leads.Mount(router, r.leads)
	mdf.Mount(router, r.mdf)
	assets.Mount(router, r.assets)
	catalog.Mount(router, r.catalog)
	quotes.Mount(router, r.quotes)
	orders.Mount(router, r.orders)
	program.Mount(router, r.program)
	account.Mount(router, r.account)
	events.Mount(router, r.events)
	files.Mount(router, r.files)
	sandbox.Mount(router, r.sandbox)
	training.Mount(router, r.training)
	credentials.Mount(router, r.credentials)
}

// transactsItself names the operations that must not run inside one transaction: turning the clock fires deadlines, and each
// of them has its own; a document takes its time, and a transaction would hold up others.
func (r *rooms) transactsItself(operation string) bool {
	return operation == "sandbox.advance" || operation == "quotes.createDocument"
}

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
	case "catalog":
		return r.catalog.Fire(ctx, kind, resourceID, dueAt)
	case "quote", "session":
		return r.quotes.Fire(ctx, kind, resourceID, dueAt)
	case "membership":
		return r.program.Fire(ctx, kind, resourceID, dueAt)
	case "rebate":
		return r.account.Fire(ctx, kind, resourceID, dueAt)
	case "training":
		return r.training.Fire(ctx, kind, resourceID, dueAt)
	case "credential":
		return r.credentials.Fire(ctx, kind, resourceID, dueAt)
	case "file":
		return r.files.Fire(ctx, kind, resourceID, dueAt)
	}
	return fmt.Errorf("there is no room for deadlines of the kind %q", kind)
}
