// Package account is the portal's room for a partner's money: what it has earned, may spend, may still win and is owed.
//
// The figures of the summary are sums that the rooms keep as they go (package figures), or what another system said last
// (sources.go): reading them costs the same for ten deals and a hundred thousand. Commissions accrue from won deals and completed orders, by the plans of the
// programme, in the same transaction (accrue.go); a payout collects them (payouts.go). What is paid never changes: what is taken back is a
// negative commission.
//
// # What reconciles
//
//   - revenue_ytd is the sum of the won deals of the year, or of the records of the system that owns revenue.
//   - open_pipeline is the sum of the deals whose outcome is open.
//   - mdf_available is the sum of what the allocations have available; where finance owns the balance, it is what finance
//     has posted less what was held since.
//   - commissions_due is the sum of the commissions that are approved or scheduled.
//   - The lines of a payout add up to its amount and the tax withheld.
package account

import (
	"cmp"
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Service implements the account operations of the contract.
type Service struct {
	kinds    []string      // of the systems that the portal pulls from
	freshFor time.Duration // after which what they said is stale
	report   func(ctx context.Context, what string, err error)
}

var _ contract.Server = (*Service)(nil)

// New returns a Service of a portal that pulls from systems of these kinds, whose word is stale after freshFor. What keeps a single
// figure from being read is reported, as the caller gets the others.
func New(kinds []string, freshFor time.Duration, report func(ctx context.Context, what string, err error)) *Service {
	return &Service{kinds, freshFor, report}
}

// Subscribe lets won deals and completed orders earn.
func (s *Service) Subscribe(f *feed.Feed) {
	f.Subscribe("deal.won", s.won)
	f.Subscribe("order.completed", s.arrived)
}

// What the feed calls the resources.
const (
	commissionResource = "commission"
	payoutResource     = "payout"
	rebateResource     = "rebate"
)

// subject is the partner that a question is about, with its programme: the caller's own, or the one that the vendor names.
func subject(ctx context.Context, c *call.Call, partnerID string) (*policy.Partner, *policy.Program, error) {
	if c.Caller.Vendor() && partnerID == "" {
		return nil, nil, problem.BadQuery("?partner_id", "required", "Say which partner you ask about.")
	}
	if !c.Caller.Vendor() && partnerID != "" && partnerID != c.Caller.PartnerID {
		return nil, nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
	}
	partner, err := directory.LoadPartner(ctx, c.Tx, cmp.Or(partnerID, c.Caller.PartnerID))
	if err != nil {
		return nil, nil, call.OrNotFound(err, "partner")
	}
	rules, err := directory.Load(ctx, c.Tx, partner.ProgramID)
	return partner, rules, err
}

// onlyPartner keeps a list to the caller's own, or to the partners that the vendor asks for.
func onlyPartner(q *store.Query, c *call.Call, partnerIDs []string) error {
	if c.Caller.Vendor() {
		store.WhereIn(q, "partner_id", partnerIDs)
		return nil
	}
	q.Where("partner_id = ?", c.Caller.PartnerID)
	for _, id := range partnerIDs {
		if id != c.Caller.PartnerID {
			return problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
		}
	}
	return nil
}

// mayKnow hides from a partner what is another's.
func mayKnow(c *call.Call, partnerID, what string) error {
	if c.Caller.Side == partnerportal.SidePartner && partnerID != c.Caller.PartnerID {
		return call.NotFound(what)
	}
	return nil
}
