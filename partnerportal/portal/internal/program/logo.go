package program

import (
	"context"
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// SetLogo keeps an uploaded file as the partner's logo, and lets the one before go.
func (s *Service) SetLogo(ctx context.Context, partnerID, ifMatch string, body *contract.Logo) (*contract.Partner, error) {
	c := call.From(ctx)
	if err := onlyPartner(c); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "partner "+partnerID); err != nil {
		return nil, err
	}
	p, err := readPartner(ctx, c, partnerID)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The "+partnerResource, ifMatch, p.Revision); err != nil {
		return nil, err
	}
	if body.FileID == p.LogoFileID {
		return partnerFor(c, p), nil
	}
	if err := useLogo(ctx, c, p.ID, body.FileID); err != nil {
		return nil, err
	}
	if err := releaseLogo(ctx, c, p); err != nil {
		return nil, err
	}
	before := *p
	p.LogoFileID = body.FileID
	if err := s.savePartner(ctx, c, &before, p, contract.EventPartnerUpdated, "/logo_file_id"); err != nil {
		return nil, err
	}
	return partnerFor(c, p), nil
}

func useLogo(ctx context.Context, c *call.Call, partnerID, fileID string) error {
	if fileID == "" {
		return nil
	}
	const pointer = "/file_id"
	file, err := c.Tx.UseFile(ctx, partnerID, fileID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.Invalid(pointer, "invalid_value", "Name a file that you have uploaded.")
	case err != nil:
		return err
	case file.Purpose != string(files.PurposeLogo):
		return problem.Invalid(pointer, "invalid_value", "Name a file of purpose logo: a PNG, JPEG or WebP.")
	}
	return nil
}

func releaseLogo(ctx context.Context, c *call.Call, p *contract.Partner) error {
	if p.LogoFileID == "" {
		return nil
	}
	if err := c.Tx.ReleaseFile(ctx, p.ID, p.LogoFileID, c.Now); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}
