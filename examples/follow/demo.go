package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

const (
	rounds    = 12 // of work in the sandbox
	stopAfter = 10 // events, in the first run
)

// demo follows a sandbox in which people work, is stopped in the middle, and goes on.
func demo(ctx context.Context, out io.Writer) (err error) {
	office, err := openOffice(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, office.portal.Close()) }()
	folder, err := os.MkdirTemp("", "follow")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	f := &follower{client: events.New(office.acme), cursor: events.FileCursor(filepath.Join(folder, "events.cursor")), out: out, seen: map[string]int{}}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	worked := make(chan error, 1)
	go func() { worked <- office.work(ctx) }()

	fmt.Fprintf(out, "Acme follows its deals and leads, while it works with the vendor:\n")
	if err := f.until(ctx, func() bool { return f.handled() == stopAfter }); err != nil {
		return err
	}
	fmt.Fprintf(out, "The follower is stopped. The work goes on.\n")
	if err := <-worked; err != nil {
		return err
	}
	all, err := office.told(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The work is done: the portal has %d events for Acme. The follower is started again:\n", len(all))
	if err := f.until(ctx, func() bool { return f.seen[all[len(all)-1].ID] > 0 }); err != nil {
		return err
	}
	return f.report(all)
}

// follower handles events; that it may see one twice is its business to know.
type follower struct {
	client *events.Client
	cursor events.CursorStore
	out    io.Writer
	seen   map[string]int // how often, by id
}

// until follows until enough holds, as a program does that is stopped then.
func (f *follower) until(ctx context.Context, enough func() bool) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	err := events.Follow(run, f.client, f.cursor, func(_ context.Context, e events.Event) error {
		show(f.out, e)
		if f.seen[e.ID]++; enough() {
			stop()
		}
		return nil
	}, events.WithPoll(50*time.Millisecond))
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return nil
	}
	return err
}

func (f *follower) handled() (n int) {
	for _, times := range f.seen {
		n += times
	}
	return n
}

// report compares what was handled with all that happened.
func (f *follower) report(all []events.Event) error {
	lost := 0
	for _, e := range all {
		if f.seen[e.ID] == 0 {
			lost++
		}
	}
	twice := f.handled() - len(f.seen)
	fmt.Fprintf(f.out, "handled=%d lost=%d twice=%d\n", f.handled(), lost, twice)
	if lost > 0 || len(f.seen) != len(all) {
		return fmt.Errorf("of %d events %d were handled", len(all), len(f.seen))
	}
	return nil
}

// office is a sandbox with a partner and a vendor.
type office struct {
	portal       *portal.Portal
	acme, vendor *partnerportal.Client
	acmeID       string
}

func openOffice(ctx context.Context) (_ *office, err error) {
	o := new(office)
	if o.portal, err = portal.Open(ctx, "sqlite::memory:", portal.WithSandbox()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.portal.Close())
		}
	}()
	acme, err := o.portal.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return nil, err
	}
	o.acmeID = acme.ID
	if o.acme, err = o.login(ctx, acme.ID); err != nil {
		return nil, err
	}
	o.vendor, err = o.login(ctx, "")
	return o, err
}

func (o *office) login(ctx context.Context, partnerID string) (*partnerportal.Client, error) {
	c, err := o.portal.Admin().CreateClient(ctx, portal.ClientSpec{PartnerID: partnerID, Name: "follow"})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://sandbox.example.com", partnerportal.WithHandler(o.portal), partnerportal.WithClientCredentials(c.ClientID, c.ClientSecret))
}

// customers are no likelier to be taken for each other than real ones.
var customers = [rounds]string{"initech", "hooli", "umbrella", "wonka", "stark", "wayne", "tyrell", "soylent", "oscorp", "aperture", "cyberdyne", "massive"}

// work registers, approves and wins deals, hands out leads, and in the end lets the protections run out.
func (o *office) work(ctx context.Context) error {
	own, vendors := deals.New(o.acme), deals.New(o.vendor)
	for i, customer := range customers {
		deal, err := own.Register(ctx, deals.Registration{
			Customer:        partnerportal.Organization{Name: customer, Country: "US", Domain: customer + ".com"},
			Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
			Amount:          partnerportal.MustMoney("125000.00", "USD"),
			ExpectedCloseOn: partnerportal.DateOf(time.Now()).AddDays(60),
		})
		if err != nil {
			return err
		}
		if _, err = vendors.Approve(ctx, deal.ID, deals.Approval{}); err != nil {
			return err
		}
		if i%3 == 0 {
			if err := o.offer(ctx, customer); err != nil {
				return err
			}
		}
	}
	_, err := o.portal.Advance(ctx, 91*24*time.Hour)
	return err
}

// offer gives Acme a lead, which it takes.
func (o *office) offer(ctx context.Context, customer string) error {
	lead, err := leads.New(o.vendor).Create(ctx, leads.NewLead{
		Title: "Storage for " + customer, Organization: leads.Organization{Name: customer, Country: "US"}, Consent: leads.Consent{MayContact: true},
	})
	if err != nil {
		return err
	}
	if _, err = leads.New(o.vendor).Distribute(ctx, lead.ID, leads.Distribution{Mode: leads.OfferModeExclusive, PartnerIDs: []string{o.acmeID}}); err != nil {
		return err
	}
	_, err = leads.New(o.acme).Accept(ctx, lead.ID)
	return err
}

// told is everything that the feed has for Acme.
func (o *office) told(ctx context.Context) (all []events.Event, err error) {
	for params := (events.ListParams{}); ; {
		page, err := events.New(o.acme).List(ctx, params)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if params.Cursor = page.Cursor; !page.HasMore {
			return all, nil
		}
	}
}
