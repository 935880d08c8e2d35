package account

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// mostAttention is how many things the screen lists; nobody does more of them today.
const mostAttention = 50

// attention lists what wants to be done, the most urgent first: what has a deadline by its deadline, then the rest.
func (v *screen) attention(ctx context.Context, sum *contract.Summary) ([]contract.Attention, error) {
	all := []contract.Attention{}
	for _, look := range []func(context.Context) ([]contract.Attention, error){v.expiringDeals, v.returnedDeals, v.waitingLeads, v.endingCredentials, v.failedPayouts, v.heldCommissions} {
		found, err := look(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for _, e := range sum.MDF.Expiring {
		if e.ExpiresAt.Before(v.c.Now.AddDate(0, 0, soonDays)) {
			all = append(all, contract.Attention{Kind: contract.AttentionKindMDFExpiring, ResourceType: "mdf_balance", ResourceID: v.partner.ID,
				Title: e.Amount.String() + " of market development funds expire", DueAt: e.ExpiresAt})
		}
	}
	if sum.Tier.AtRisk && !sum.Tier.ReviewOn.IsZero() {
		all = append(all, contract.Attention{Kind: contract.AttentionKindTierAtRisk, ResourceType: "partner", ResourceID: v.partner.ID,
			Title: "The tier " + sum.Tier.Name + " is not earned again", DueAt: v.rules.EndOfDay(dueOn(sum.Tier))})
	}
	slices.SortStableFunc(all, func(a, b contract.Attention) int {
		if a.DueAt.IsZero() != b.DueAt.IsZero() {
			return cmp.Compare(b.DueAt.Unix(), a.DueAt.Unix()) // the zero time is the smallest, and comes last
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return all[:min(len(all), mostAttention)], nil
}

// dueOn is the first day by which a partner has to do something for its tier: the day before something lapses, or that of the review.
func dueOn(tier contract.Tier) partnerportal.Date {
	due := tier.ReviewOn
	for _, r := range tier.Gap {
		if r.Met && r.LapsesOn.Before(due) {
			due = r.LapsesOn.AddDays(-1)
		}
	}
	return due
}

func (v *screen) expiringDeals(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.ExpiringDeals(ctx, store.ExpiringDealsParams{
		PartnerID: v.partner.ID, AfterTime: store.Micros(v.c.Now), UntilTime: store.Micros(v.c.Now.AddDate(0, 0, soonDays)),
	})
	return decodeAll(docs, err, func(d *deals.Deal) contract.Attention {
		return contract.Attention{Kind: contract.AttentionKindDealExpiring, ResourceType: "deal", ResourceID: d.ID, Action: "request_extension",
			Title: "The protection of " + d.Number + " ends", DueAt: d.Protection.ExpiresAt}
	})
}

func (v *screen) returnedDeals(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.DealsInStatus(ctx, store.DealsInStatusParams{PartnerID: v.partner.ID, Status: string(deals.StatusChangesRequested)})
	return decodeAll(docs, err, func(d *deals.Deal) contract.Attention {
		return contract.Attention{Kind: contract.AttentionKindChangesRequested, ResourceType: "deal", ResourceID: d.ID, Action: "resubmit",
			Title: "The vendor has a question about " + d.Number, DueAt: d.Review.ChangesDueAt}
	})
}

func (v *screen) waitingLeads(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.PendingOffers(ctx, v.partner.ID)
	return decodeAll(docs, err, func(o *leads.Offer) contract.Attention {
		return contract.Attention{Kind: contract.AttentionKindLeadSLA, ResourceType: "lead", ResourceID: o.LeadID, Action: "accept",
			Title: "A lead is offered", DueAt: o.AcceptBy}
	})
}

func (v *screen) endingCredentials(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.EndingCredentials(ctx, store.EndingCredentialsParams{
		PartnerID: v.partner.ID, AfterTime: store.Micros(v.c.Now), UntilTime: store.Micros(v.c.Now.AddDate(0, 0, soonDays)),
	})
	return decodeAll(docs, err, func(k *credentials.Credential) contract.Attention {
		a := contract.Attention{Kind: contract.AttentionKindCredentialExpiring, ResourceType: "credential", ResourceID: k.ID, Title: k.Name + " ends for one of your people", DueAt: k.ValidUntil}
		if !k.RenewalOpensAt.IsZero() && !v.c.Now.Before(k.RenewalOpensAt) && k.RenewalRequestedAt.IsZero() {
			a.Action = "request_renewal"
		}
		return a
	})
}

func (v *screen) failedPayouts(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.PayoutsInStatus(ctx, store.PayoutsInStatusParams{PartnerID: v.partner.ID, Status: string(contract.PayoutStatusFailed)})
	return decodeAll(docs, err, func(p *contract.Payout) contract.Attention {
		return contract.Attention{Kind: contract.AttentionKindPayoutFailed, ResourceType: payoutResource, ResourceID: p.ID, Title: "The payment of " + p.Number + " failed"}
	})
}

func (v *screen) heldCommissions(ctx context.Context) ([]contract.Attention, error) {
	docs, err := v.c.Tx.CommissionsInStatus(ctx, store.CommissionsInStatusParams{PartnerID: v.partner.ID, Status: string(contract.CommissionStatusOnHold)})
	return decodeAll(docs, err, func(k *contract.Commission) contract.Attention {
		return contract.Attention{Kind: contract.AttentionKindCommissionHeld, ResourceType: commissionResource, ResourceID: k.ID, Action: "dispute",
			Title: "A commission of " + k.Amount.String() + " is held back"}
	})
}

// decodeAll reads stored documents.
func decodeAll[T, R any](docs []string, err error, read func(*T) R) ([]R, error) {
	if err != nil {
		return nil, err
	}
	all := make([]R, len(docs))
	for i, doc := range docs {
		var v T
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			return nil, err
		}
		all[i] = read(&v)
	}
	return all, nil
}
