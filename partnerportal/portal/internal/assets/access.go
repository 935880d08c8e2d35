package assets

import (
	"context"
	"net/http"
	"slices"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// reader is who looks at assets, with all that decides on what it may have.
type reader struct {
	call     *call.Call
	partner  *policy.Partner           // nil for the vendor
	tiers    map[string]string         // the partner's tier in each programme that it is a member of
	programs map[string]policy.Program // those that were needed
}

func readerOf(ctx context.Context, c *call.Call) (*reader, error) {
	r := &reader{call: c, tiers: map[string]string{}, programs: map[string]policy.Program{}}
	if c.Caller.Side != partnerportal.SidePartner {
		return r, nil
	}
	var err error
	if r.partner, err = directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID); err != nil {
		return nil, err
	}
	r.tiers[r.partner.ProgramID] = r.partner.Tier
	members, err := directory.MembersOf(ctx, c.Tx, r.partner.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.Stands() {
			r.tiers[m.ProgramID] = m.TierID
		}
	}
	return r, nil
}

// sees says whether a reader may know of an asset. Partners know what is or was published.
func (r *reader) sees(a *contract.Asset) bool {
	return r.partner == nil || !a.PublishedAt.IsZero() && slices.Contains([]contract.Status{published, expired, withdrawn}, a.Status)
}

// access says whether a reader may have the files of an asset.
func (r *reader) access(ctx context.Context, a *contract.Asset) (contract.Access, error) {
	if r.partner == nil {
		return contract.AccessAvailable, nil
	}
	if !covers(r.partner, a.Territories) {
		return contract.AccessTerritoryNotAllowed, nil
	}
	if a.ProgramID == "" && a.TierMin == "" {
		return contract.AccessAvailable, nil
	}
	programID := programOf(a)
	tier, member := r.tiers[programID]
	if !member {
		return contract.AccessProgramRequired, nil
	}
	if a.TierMin == "" {
		return contract.AccessAvailable, nil
	}
	p, err := r.program(ctx, programID)
	if err != nil {
		return "", err
	}
	own, least := directory.TierOf(&p, tier), directory.TierOf(&p, a.TierMin)
	if own == nil || least == nil || own.Rank < least.Rank {
		return contract.AccessTierRequired, nil
	}
	return contract.AccessAvailable, nil
}

// programOf is the programme whose tiers count.
func programOf(a *contract.Asset) string {
	if a.ProgramID == "" {
		return policy.DefaultID
	}
	return a.ProgramID
}

func (r *reader) program(ctx context.Context, id string) (policy.Program, error) {
	if p, ok := r.programs[id]; ok {
		return p, nil
	}
	p, err := directory.Load(ctx, r.call.Tx, id)
	if err != nil {
		return policy.Program{}, err
	}
	r.programs[id] = *p
	return *p, nil
}

// covers says whether a partner works where an asset is for. A region is in its country, and a country around its regions.
func covers(p *policy.Partner, territories []string) bool {
	at := p.Territories
	if len(at) == 0 && p.Country != "" {
		at = []string{p.Country}
	}
	if len(territories) == 0 || len(at) == 0 {
		return true
	}
	return slices.ContainsFunc(territories, func(t string) bool {
		return slices.ContainsFunc(at, func(own string) bool {
			return t == own || strings.HasPrefix(t, own+"-") || strings.HasPrefix(own, t+"-")
		})
	})
}

// view is an asset as the reader sees it. The clock ends it, not its deadline, which may come late.
func (r *reader) view(ctx context.Context, a *contract.Asset) (*contract.Asset, error) {
	if a.Status == published && ended(a, r.call.Now) {
		a.Status = expired
	}
	access, err := r.access(ctx, a)
	if err != nil {
		return nil, err
	}
	a.Access = access
	a.AllowedActions, a.EditableFields = allowed(r.call.Caller, a), []string{}
	if slices.Contains(a.AllowedActions, contract.ActionUpdate) {
		a.EditableFields = editable
	}
	if r.partner != nil {
		a.Downloads, a.CoBrands = 0, 0
	}
	return a, nil
}

// barred refuses a partner that may not have the files of an asset.
func barred(access contract.Access) error {
	switch access {
	case contract.AccessTierRequired:
		return refuse(http.StatusForbidden, contract.ErrTier, "The asset is for partners in a higher tier.")
	case contract.AccessProgramRequired:
		return refuse(http.StatusForbidden, contract.ErrProgram, "The asset is for the members of another programme.")
	case contract.AccessTerritoryNotAllowed:
		return refuse(http.StatusForbidden, contract.ErrTerritory, "The asset is for other countries or regions.")
	}
	return nil
}

// open returns an asset whose files the caller may have; the vendor may have those of any.
func open(ctx context.Context, c *call.Call, id string) (*contract.Asset, error) {
	a, r, err := find(ctx, c, id)
	if err != nil || r.partner == nil {
		return a, err
	}
	if err := stands(a); err != nil {
		return nil, err
	}
	return a, barred(a.Access)
}

// obtain returns an asset of which the caller gets something now. Nobody withdraws it meanwhile, or the caller would not hear of that.
func obtain(ctx context.Context, c *call.Call, id string) (*contract.Asset, error) {
	if err := c.Tx.Lock(ctx, "asset "+id); err != nil {
		return nil, err
	}
	return open(ctx, c, id)
}

// stands refuses the files of an asset that is no longer published.
func stands(a *contract.Asset) error {
	switch a.Status {
	case published:
		return nil
	case withdrawn:
		return refuse(http.StatusGone, contract.ErrWithdrawn, "The asset was withdrawn. Stop using it.")
	}
	return refuse(http.StatusGone, contract.ErrExpired, "The asset has ended.")
}

// find returns an asset as the caller may see it.
func find(ctx context.Context, c *call.Call, id string) (*contract.Asset, *reader, error) {
	a, err := load(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	r, err := readerOf(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if !r.sees(a) {
		return nil, nil, call.NotFound(assetResource)
	}
	a, err = r.view(ctx, a)
	return a, r, err
}
