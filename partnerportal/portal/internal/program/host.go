package program

import (
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// AddPartner enters a partner as a host in Go says it is: in whatever state, in a tier without having earned it. There is no event:
// hosts enter who was there before the portal.
func (s *Service) AddPartner(ctx context.Context, p *contract.Partner) error {
	if err := directory.CheckPartner(p); err != nil {
		return err
	}
	c := call.From(ctx)
	return directory.CreatePartner(ctx, c.Tx, p, c.Now)
}

// ReplacePartner replaces all that is said of a partner.
func (s *Service) ReplacePartner(ctx context.Context, p *contract.Partner) error {
	c := call.From(ctx)
	if err := directory.CheckPartner(p); err != nil {
		return err
	}
	if err := c.Tx.Lock(ctx, "partner "+p.ID); err != nil {
		return err
	}
	before, err := directory.LoadPartner(ctx, c.Tx, p.ID)
	if err != nil {
		return call.OrNotFound(err, partnerResource)
	}
	p.LogoFileID = before.LogoFileID // the partner's own, and a file that is used
	return s.savePartner(ctx, c, before, p, replaced(before.Status, p.Status))
}

// replaced is what to tell of a partner whose state was written over: what the desk would have told, where it has that way.
func replaced(from, to contract.PartnerStatus) string {
	for _, row := range partners {
		if row.to == to && slices.Contains(row.from, from) {
			return row.event
		}
	}
	return contract.EventPartnerUpdated
}
