package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// patience is how long the demo waits for the portal to push what it could not push while the receiver was stopped. The portal tries
// again after 5 s, and then after 5 minutes.
const patience = 15 * time.Second

// demo receives, is stopped, misses changes, and is started again.
func demo(ctx context.Context, out io.Writer, changes int, patience time.Duration) (err error) {
	folder, err := os.MkdirTemp("", "webhook-receiver")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	o, err := openOffice(ctx, filepath.Join(folder, "portal.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	approved := make(chan struct{}, 1)
	w := &watch{
		out: out,
		receiver: &receiver{
			client: o.acme, addr: "127.0.0.1:0", dbFile: filepath.Join(folder, "receiver.db"),
			secretFile: filepath.Join(folder, "receiver.secret"), logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		},
		seen: func(ev webhook.Header) {
			if ev.Type == deals.EventApproved {
				approved <- struct{}{}
			}
		},
	}

	fmt.Fprintf(out, "A receiver is started for the first time. It registers, and answers the portal's challenge.\n")
	stop, err := start(ctx, w)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Acme registers a deal, and the vendor approves it:\n")
	if err := o.approve(ctx, "initech"); err != nil {
		return errors.Join(err, stop())
	}
	if err := errors.Join(wait(ctx, approved), stop()); err != nil {
		return err
	}

	fmt.Fprintf(out, "The receiver is stopped. Acme goes on working:\n")
	if err := change(ctx, o.acme, changes, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "The receiver is started again:\n")
	if stop, err = start(ctx, w); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	fmt.Fprintf(out, "Acme registers another deal, which is approved:\n")
	if err := errors.Join(o.approve(ctx, "hooli"), wait(ctx, approved)); err != nil {
		return err
	}
	fmt.Fprintf(out, "Meanwhile the portal pushes what it could not, and the inbox knows those events:\n")
	delivered, waiting, err := o.settle(ctx, patience)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  … %d deliveries in all, %d still to come\n", delivered, waiting)
	return w.conclude(ctx)
}

// start starts the receiver and waits until it has caught up. The function it returns stops it.
func start(ctx context.Context, w *watch) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- w.run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
		return func() error { cancel(); return <-ended }, nil
	case err := <-ended:
		cancel()
		return nil, err
	}
}

func wait(ctx context.Context, happened <-chan struct{}) error {
	select {
	case <-happened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// conclude says what has become of everything that the portal told.
func (w *watch) conclude(ctx context.Context) error {
	told, err := told(ctx, w.receiver.client)
	if err != nil {
		return err
	}
	total, err := w.receiver.audit(ctx, told)
	if err != nil {
		return err
	}
	w.say("%v\n", total)
	if total.lost > 0 || total.twice > 0 || total.handled != len(told) {
		return fmt.Errorf("the feed has %d events", len(told))
	}
	return nil
}

// office is a portal with a partner and a vendor.
type office struct {
	portal       *portal.Portal
	acme, vendor *partnerportal.Client
	close        func() error
}

func openOffice(ctx context.Context, file string) (_ *office, err error) {
	o := new(office)
	if o.portal, err = portal.Open(ctx, "sqlite:"+file, portal.WithLoopbackWebhooks()); err != nil {
		return nil, err
	}
	sending, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.portal.Run(sending) }()
	o.close = func() error {
		stop()
		return errors.Join(<-ended, o.portal.Close())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	acme, err := o.portal.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return nil, err
	}
	if o.acme, err = o.login(ctx, acme.ID); err != nil {
		return nil, err
	}
	o.vendor, err = o.login(ctx, "")
	return o, err
}

func (o *office) login(ctx context.Context, partnerID string) (*partnerportal.Client, error) {
	c, err := o.portal.Admin().CreateClient(ctx, portal.ClientSpec{PartnerID: partnerID, Name: "webhook-receiver"})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://portal.example.com", partnerportal.WithHandler(o.portal), partnerportal.WithClientCredentials(c.ClientID, c.ClientSecret))
}

// approve lets Acme register a deal with a customer, and the vendor approve it.
func (o *office) approve(ctx context.Context, customer string) error {
	deal, err := deals.New(o.acme).Register(ctx, deals.Registration{
		Customer:        partnerportal.Organization{Name: customer, Country: "US", Domain: customer + ".com"},
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		Amount:          partnerportal.MustMoney("125000.00", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(time.Now()).AddDays(60),
	})
	if err != nil {
		return err
	}
	_, err = deals.New(o.vendor).Approve(ctx, deal.ID, deals.Approval{})
	return err
}

// settle waits until the portal has delivered everything, but not for ever. It returns how much that was, and how much is still to come.
func (o *office) settle(ctx context.Context, patience time.Duration) (delivered int, waiting int64, err error) {
	client := events.New(o.acme)
	page, err := client.ListEndpoints(ctx, events.ListEndpointsParams{})
	if err != nil {
		return 0, 0, err
	}
	id := page.Items[0].ID
	for enough := time.Now().Add(patience); ; {
		endpoint, err := client.GetEndpoint(ctx, id)
		if err != nil {
			return 0, 0, err
		}
		if waiting = endpoint.Waiting; waiting == 0 || time.Now().After(enough) {
			break
		}
		select {
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	taken := events.ListDeliveriesParams{Status: []events.DeliveryStatus{events.DeliveryStatusDelivered}, EventType: wanted, Limit: 1000}
	for _, err := range client.AllDeliveries(ctx, id, taken) {
		if err != nil {
			return 0, 0, err
		}
		delivered++
	}
	return delivered, waiting, nil
}
