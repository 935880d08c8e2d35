package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// world is a portal that listens on loopback, with two partners and the vendor in it.
type world struct {
	folder string
	portal *portal.Portal
	server *http.Server
	url    string

	acme, globex, vendor account
}

// account is an API client of somebody.
type account struct {
	PartnerID string
	*portal.Credentials
}

func openWorld(ctx context.Context) (_ *world, err error) {
	folder, err := os.MkdirTemp("", "quickstart")
	if err != nil {
		return nil, err
	}
	w := &world{folder: folder}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.portal, err = portal.Open(ctx, "sqlite:"+filepath.Join(folder, "portal.db"), portal.WithSandbox(), portal.WithLoopbackWebhooks()); err != nil {
		return nil, err
	}
	if err := w.people(ctx); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w.portal, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := w.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "quickstart: the portal stopped:", err)
		}
	}()
	return w, nil
}

// people makes the partners and everybody's API clients, as a vendor's administrator would.
func (w *world) people(ctx context.Context) (err error) {
	for name, to := range map[string]*account{"Acme Partners": &w.acme, "Globex Integrators": &w.globex, "": &w.vendor} {
		if name != "" {
			partner, err := w.portal.Admin().CreatePartner(ctx, portal.Partner{Name: name, Country: "US"})
			if err != nil {
				return err
			}
			to.PartnerID = partner.ID
		}
		if to.Credentials, err = w.portal.Admin().CreateClient(ctx, portal.ClientSpec{PartnerID: to.PartnerID, Name: "quickstart"}); err != nil {
			return err
		}
	}
	return nil
}

// login makes a client and calls the portal once, which fetches its first access token.
func (w *world) login(ctx context.Context, a account) (*partnerportal.Client, error) {
	client, err := partnerportal.New(w.url, partnerportal.WithClientCredentials(a.ClientID, a.ClientSecret))
	if err != nil {
		return nil, err
	}
	_, err = deals.New(client).List(ctx, deals.ListParams{Limit: 1})
	return client, err
}

func (w *world) String() string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf("%s on %s", w.url, filepath.Join(w.folder, "portal.db"))
}

func (w *world) close() {
	if w == nil {
		return
	}
	if w.server != nil {
		_ = w.server.Close()
	}
	if w.portal != nil {
		_ = w.portal.Close()
	}
	_ = os.RemoveAll(w.folder)
}
