package portal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	dealsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deals"
	eventsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/events"
	leadsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	sandboxroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/sandbox"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// rooms are the parts of the portal, one for each part of the contract. They know nothing of each other: what crosses goes
// over the feed.
type rooms struct {
	deals   *dealsroom.Service
	leads   *leadsroom.Service
	events  *eventsroom.Service
	sandbox *sandboxroom.Service
}

func newRooms(p *Portal) *rooms {
	r := &rooms{
		deals: dealsroom.New(p.options.enricher), leads: leadsroom.New(),
		events: eventsroom.New(eventsroom.Config{Retention: p.options.eventRetention, Guard: &p.options.guard}),
	}
	r.deals.Subscribe(p.feed)
	var clock sandboxroom.Clock
	if p.options.sandbox {
		clock = p
	}
	r.sandbox = sandboxroom.New(clock, desk{r.deals, r.leads})
	return r
}

func (r *rooms) mount(router *partnerportal.Router) {
	deals.Mount(router, r.deals)
	leads.Mount(router, r.leads)
	events.Mount(router, r.events)
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
	}
	return fmt.Errorf("there is no room for deadlines of the kind %q", kind)
}
