package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// embedded is a portal of our own, kept in a file, with one partner.
type embedded struct {
	*portal.Portal
	credentials *portal.Credentials
}

// approveAll is the rule by which the embedded portal approves every registration without a conflict at once: there is no vendor
// to wait for, and only an approved deal can be won or lost.
const approveAll = "crm-import"

// openEmbedded opens the portal as it stands on asOf. The clock does not move while the import runs: what happens depends on the
// files alone, and not on how long it takes.
func openEmbedded(ctx context.Context, db, partner string, asOf partnerportal.Date) (_ *embedded, err error) {
	noon := asOf.In(time.UTC).Add(12 * time.Hour)
	p, err := portal.Open(ctx, "sqlite:"+db, portal.WithClock(func() time.Time { return noon }))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	// What fell due since the last import, such as the end of a protection, happens before this one.
	if _, err := p.Tick(ctx); err != nil {
		return nil, err
	}
	admin := p.Admin()
	program, err := admin.Program(ctx, portal.DefaultProgramID)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(program.Deal.AutoApprove, func(r portal.AutoApproval) bool { return r.ID == approveAll }) {
		program.Deal.AutoApprove = append(program.Deal.AutoApprove, portal.AutoApproval{ID: approveAll})
		if err := admin.PutProgram(ctx, *program); err != nil {
			return nil, err
		}
	}
	id, err := partnerNamed(ctx, admin, partner)
	if err != nil {
		return nil, err
	}
	credentials, err := admin.CreateClient(ctx, portal.ClientSpec{PartnerID: id, Name: "crm-import", Scopes: scopes})
	if err != nil {
		return nil, err
	}
	return &embedded{p, credentials}, nil
}

func partnerNamed(ctx context.Context, admin *portal.Admin, name string) (string, error) {
	partners, err := admin.Partners(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range partners {
		if p.Name == name {
			return p.ID, nil
		}
	}
	p, err := admin.CreatePartner(ctx, portal.Partner{Name: name})
	if err != nil {
		return "", fmt.Errorf("partner %q: %w", name, err)
	}
	return p.ID, nil
}

// connect makes a client that calls the portal in this process. wrap, if not nil, comes between the two.
func (e *embedded) connect(wrap func(http.Handler) http.Handler) (*partnerportal.Client, error) {
	var handler http.Handler = e.Portal
	if wrap != nil {
		handler = wrap(handler)
	}
	return partnerportal.New("", partnerportal.WithHandler(handler),
		partnerportal.WithClientCredentials(e.credentials.ClientID, e.credentials.ClientSecret, scopes...))
}

// close withdraws the credentials, which are made anew for each run because only their hash is kept.
func (e *embedded) close(ctx context.Context) error {
	return errors.Join(e.Admin().RevokeClient(ctx, e.credentials.ClientID), e.Close())
}
