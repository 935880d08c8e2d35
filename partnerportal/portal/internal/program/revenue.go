package program

import (
	"cmp"
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// activeDays is how long after a transaction a user counts as active.
const activeDays = 90

// revenue is what partners brought in some days, in one currency.
type revenue struct {
	total     partnerportal.Money
	byPartner map[string]partnerportal.Money
	others    []partnerportal.Money // in other currencies, by code
	source    partnerportal.SourceStamp
}

func readRevenue(ctx context.Context, c *call.Call, from, to partnerportal.Date, currency string) (*revenue, error) {
	if currency == "" {
		p, err := directory.Load(ctx, c.Tx, policy.DefaultID)
		if err != nil {
			return nil, err
		}
		currency = p.Currency
	}
	rows, err := c.Tx.RevenueByPartner(ctx, store.RevenueByPartnerParams{FromDay: directory.Day(from), ToDay: directory.Day(to)})
	if err != nil {
		return nil, err
	}
	zero, err := partnerportal.NewMoney(0, currency)
	if err != nil {
		return nil, err
	}
	r := &revenue{total: zero, byPartner: map[string]partnerportal.Money{}, source: partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: c.Now}}
	others := map[string]partnerportal.Money{}
	for _, row := range rows {
		amount, err := partnerportal.NewMoney(row.Amount, row.Currency)
		if err != nil {
			return nil, err
		}
		if row.Currency == currency {
			r.byPartner[row.PartnerID] = amount
			r.total, err = r.total.Add(amount)
		} else if sum, ok := others[row.Currency]; ok {
			others[row.Currency], err = sum.Add(amount)
		} else {
			others[row.Currency] = amount
		}
		if err != nil {
			return nil, err
		}
	}
	for _, sum := range others {
		r.others = append(r.others, sum)
	}
	slices.SortFunc(r.others, func(a, b partnerportal.Money) int { return cmp.Compare(a.Currency(), b.Currency()) })
	return r, nil
}

// RevenuePerUser says how much revenue an active user stands for.
func (s *Service) RevenuePerUser(ctx context.Context, params *contract.RevenuePerUserParams) (*contract.RevenuePerUser, error) {
	c := call.From(ctx)
	from, to, err := period(c, params.From, params.To)
	if err != nil {
		return nil, err
	}
	r, err := readRevenue(ctx, c, from, to, params.Currency)
	if err != nil {
		return nil, err
	}
	users, err := c.Tx.ActiveUsers(ctx, store.ActiveUsersParams{FromDay: directory.Day(to.AddDays(1 - activeDays)), ToDay: directory.Day(to)})
	if err != nil {
		return nil, err
	}
	all, err := directory.Partners(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	zero, err := partnerportal.NewMoney(0, r.total.Currency())
	if err != nil {
		return nil, err
	}
	tiers, total := newTiers(all, zero), 0
	for _, row := range users {
		tiers.of(row.PartnerID).ActiveUsers += int(row.Users)
		total += int(row.Users)
	}
	for partnerID, amount := range r.byPartner {
		share := tiers.of(partnerID)
		if share.Revenue, err = share.Revenue.Add(amount); err != nil {
			return nil, err
		}
	}
	shares, err := tiers.ranked()
	if err != nil {
		return nil, err
	}
	value, err := perUser(r.total, total)
	return &contract.RevenuePerUser{
		From: from, To: to, Revenue: r.total, ActiveUsers: total, Value: value, ByTier: shares, OtherCurrencies: r.others, Source: r.source,
	}, err
}

// perUser is nothing when there are no users.
func perUser(m partnerportal.Money, users int) (partnerportal.Money, error) {
	if users == 0 {
		return partnerportal.Money{}, nil
	}
	return m.Share(1, int64(users))
}

// tiers shares revenue and users out by the tier that partners are in.
type tiers struct {
	zero   partnerportal.Money // in the currency of the revenue
	tierOf map[string]string
	ranks  map[string]int
	shares map[string]*contract.RevenueShare
}

func newTiers(partners []contract.Partner, zero partnerportal.Money) *tiers {
	t := &tiers{zero, map[string]string{}, map[string]int{}, map[string]*contract.RevenueShare{}}
	for _, p := range partners {
		t.tierOf[p.ID], t.ranks[p.Tier] = p.Tier, max(p.TierRank, t.ranks[p.Tier])
	}
	return t
}

func (t *tiers) of(partnerID string) *contract.RevenueShare {
	tier := t.tierOf[partnerID]
	share := t.shares[tier]
	if share == nil {
		share = &contract.RevenueShare{TierID: tier, Revenue: t.zero}
		t.shares[tier] = share
	}
	return share
}

// ranked are the shares, the highest tier first.
func (t *tiers) ranked() ([]contract.RevenueShare, error) {
	shares := make([]contract.RevenueShare, 0, len(t.shares))
	for _, share := range t.shares {
		var err error
		if share.Value, err = perUser(share.Revenue, share.ActiveUsers); err != nil {
			return nil, err
		}
		shares = append(shares, *share)
	}
	slices.SortFunc(shares, func(a, b contract.RevenueShare) int {
		return cmp.Or(-cmp.Compare(t.ranks[a.TierID], t.ranks[b.TierID]), cmp.Compare(a.TierID, b.TierID))
	})
	return shares, nil
}
