package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// soonDays is how far the screen looks ahead.
const soonDays = 30

// screen is one summary that is put together.
type screen struct {
	s        *Service
	c        *call.Call
	partner  *policy.Partner
	rules    *policy.Program
	currency string
	today    partnerportal.Date // in the programme's time zone
	sources  sources
	sums     map[string][]figures.Sum // those of no day, by name; see undated
}

// undated reads the sums that are of no day, all of them once.
func (v *screen) undated(ctx context.Context, name string) ([]figures.Sum, error) {
	if v.sums == nil {
		sums, err := figures.All(ctx, v.c.Tx, v.partner.ID)
		if err != nil {
			return nil, err
		}
		v.sums = sums
	}
	return v.sums[name], nil
}

// Summary puts the partner's figures together.
func (s *Service) Summary(ctx context.Context, params *contract.SummaryParams) (*contract.Summary, error) {
	v, err := s.screen(ctx, params.PartnerID, params.Currency)
	if err != nil {
		return nil, err
	}
	sum := &contract.Summary{
		PartnerID: v.partner.ID, Currency: v.currency, GeneratedAt: v.c.Now, Attention: []contract.Attention{},
		Period: contract.Period{Kind: "ytd", FromOn: v.yearStart(), ToOn: v.today},
	}
	fill(ctx, v, "revenue", &sum.RevenueYTD, &sum.RevenueYTD.Source, v.revenue)
	fill(ctx, v, "pipeline", &sum.OpenPipeline, &sum.OpenPipeline.Source, v.pipeline)
	fill(ctx, v, "MDF", &sum.MDF, &sum.MDF.Source, v.mdf)
	fill(ctx, v, "commissions", &sum.Commissions, &sum.Commissions.Source, v.commissions)
	fill(ctx, v, "tier", &sum.Tier, &sum.Tier.Source, v.tier)
	if sum.Attention, err = v.attention(ctx, sum); err != nil {
		v.s.report(ctx, "read what wants attention", err)
		sum.Attention = []contract.Attention{}
	}
	if i := slices.IndexFunc(sum.Attention, func(a contract.Attention) bool { return a.Kind == contract.AttentionKindDealExpiring }); i >= 0 {
		sum.OpenPipeline.ExpiringSoon.NextAt = sum.Attention[i].DueAt
	}
	sum.Freshness = v.freshness(sum)
	return sum, ctx.Err()
}

func (s *Service) screen(ctx context.Context, partnerID, currency string) (*screen, error) {
	c := call.From(ctx)
	partner, rules, err := subject(ctx, c, partnerID)
	if err != nil {
		return nil, err
	}
	v := &screen{s: s, c: c, partner: partner, rules: rules, today: rules.Today(c.Now)}
	v.currency = cmp.Or(currency, partner.Currency, rules.Currency)
	v.sources, err = s.known(ctx, c)
	return v, err
}

func (v *screen) yearStart() partnerportal.Date {
	return partnerportal.Date{Year: v.today.Year, Month: time.January, Day: 1}
}

// fill reads one figure. When that fails the others are still shown, and this one says so: no figure is ever zero because it could
// not be read.
func fill[F any](ctx context.Context, v *screen, what string, figure *F, stamp *partnerportal.SourceStamp, read func(context.Context) (F, error)) {
	f, err := read(ctx)
	if err == nil {
		*figure = f
		return
	}
	v.s.report(ctx, "read the "+what+" of "+v.partner.ID, err)
	*stamp = portalStamp()
	stamp.Error = "The portal could not read the figure. Try again."
}

func (v *screen) revenue(ctx context.Context) (contract.Revenue, error) {
	name, stamp := v.sources.revenue()
	r := contract.Revenue{Source: stamp}
	if stamp.Error != "" {
		return r, nil
	}
	sums, err := figures.Between(ctx, v.c.Tx, v.partner.ID, name, v.yearStart(), v.today)
	if err != nil {
		return r, err
	}
	before, err := figures.Between(ctx, v.c.Tx, v.partner.ID, name, yearBefore(v.yearStart()), yearBefore(v.today))
	if err != nil {
		return r, err
	}
	if r.Value, r.PerCurrency, err = split(sums, v.currency); err != nil {
		return r, err
	}
	if r.PriorYear, _, err = split(before, v.currency); err != nil {
		return r, err
	}
	r.Deals, r.ChangePercent = count(sums), change(r.PriorYear, r.Value)
	seen(&r.Source, sums)
	return r, nil
}

func (v *screen) pipeline(ctx context.Context) (contract.Pipeline, error) {
	p := contract.Pipeline{Source: portalStamp()}
	open, err := v.undated(ctx, figures.OpenPipeline)
	if err != nil {
		return p, err
	}
	weighted, err := v.undated(ctx, figures.WeightedPipeline)
	if err != nil {
		return p, err
	}
	protected, err := v.undated(ctx, figures.ProtectedDeals)
	if err != nil {
		return p, err
	}
	today := partnerportal.DateOf(v.c.Now.UTC()) // protections are counted by days of UTC
	expiring, err := figures.Between(ctx, v.c.Tx, v.partner.ID, figures.ExpiringDeals, today, today.AddDays(soonDays))
	if err != nil {
		return p, err
	}
	if p.Value, p.PerCurrency, err = split(open, v.currency); err != nil {
		return p, err
	}
	if p.Weighted, _, err = split(weighted, v.currency); err != nil {
		return p, err
	}
	if p.ExpiringSoon.Value, _, err = split(expiring, v.currency); err != nil {
		return p, err
	}
	p.Count, p.ApprovedDeals, p.ExpiringSoon.Count = count(open), count(protected), count(expiring)
	seen(&p.Source, open)
	return p, nil
}

func (v *screen) commissions(ctx context.Context) (contract.Commissions, error) {
	m := contract.Commissions{Source: portalStamp()}
	for _, part := range []struct {
		name  string
		value *partnerportal.Money
	}{{figures.CommissionsDue, &m.Due}, {figures.CommissionsPending, &m.Pending}, {figures.CommissionsOnHold, &m.OnHold}} {
		sums, err := v.undated(ctx, part.name)
		if err != nil {
			return m, err
		}
		var others []partnerportal.Money
		if *part.value, others, err = split(sums, v.currency); err != nil {
			return m, err
		}
		if part.name == figures.CommissionsDue {
			m.PerCurrency = others
		}
		seen(&m.Source, sums)
	}
	paid, err := figures.Between(ctx, v.c.Tx, v.partner.ID, figures.CommissionsPaid, v.yearStart(), v.today)
	if err != nil {
		return m, err
	}
	if m.PaidYTD, _, err = split(paid, v.currency); err != nil {
		return m, err
	}
	seen(&m.Source, paid)
	m.NextPayoutOn, err = nextPayout(ctx, v.c.Tx, v.partner.ID)
	return m, err
}

// freshness says how far the figures can be trusted. The portal's own are always those of the moment.
func (v *screen) freshness(sum *contract.Summary) contract.Freshness {
	f := contract.Freshness{FailedSources: v.sources.failed()}
	for _, stamp := range []partnerportal.SourceStamp{sum.RevenueYTD.Source, sum.OpenPipeline.Source, sum.MDF.Source, sum.Commissions.Source, sum.Tier.Source} {
		if stamp.Stale || stamp.Error != "" {
			f.Stale = true
		}
		if stamp.Error != "" && stamp.Kind == portalKind && !slices.Contains(f.FailedSources, portalKind) {
			f.FailedSources = append(f.FailedSources, portalKind)
		}
		if stamp.Kind != portalKind && !stamp.AsOf.IsZero() && (f.OldestAsOf.IsZero() || stamp.AsOf.Before(f.OldestAsOf)) {
			f.OldestAsOf = stamp.AsOf
		}
	}
	return f
}

// yearBefore is the same day of the year before; 29 February is the 28th there.
func yearBefore(d partnerportal.Date) partnerportal.Date {
	d.Year--
	if !d.IsValid() {
		d.Day = 28
	}
	return d
}
