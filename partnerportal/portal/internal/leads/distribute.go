package leads

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// The contract's limits.
const (
	maxOffers     = 100
	maxCandidates = 1000
)

// Distribute offers a lead to partners: those that the vendor names, or those that fit best.
func (s *Service) Distribute(ctx context.Context, leadID, ifMatch string, body *leads.Distribution) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openFor(ctx, c, leadID, leads.ActionDistribute)
	if err != nil {
		return nil, err
	}
	if err := d.ready(c, leads.ActionDistribute, ifMatch); err != nil {
		return nil, err
	}
	rules, err := d.rules(ctx, c)
	if err != nil {
		return nil, err
	}
	chosen, err := d.choose(ctx, c, body, rules)
	if err != nil {
		return nil, err
	}
	now, later := inTurn(body.Mode, chosen)
	d.Turn = turn{Mode: body.Mode, WithinHours: cmp.Or(body.AcceptWithinHours, rules.AcceptWithinHours, 48), Next: later}
	d.Routing.Round++
	d.SLA, d.CloseNote = leads.SLA{}, ""
	if err := d.enter(partnerportal.SideVendor, leads.ActionDistribute, leads.StatusOffered); err != nil {
		return nil, err
	}
	var offers []*offer
	for _, partnerID := range now {
		offers = append(offers, d.offerTo(c, partnerID))
	}
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := d.tellOffered(ctx, c, offers...); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// inTurn says which of the chosen partners get an offer at once, and which only when those before them fail.
func inTurn(mode leads.OfferMode, chosen []string) (now, later []string) {
	switch mode {
	case leads.OfferModeBroadcast:
		return chosen[:min(len(chosen), maxOffers)], nil
	case leads.OfferModeRoundRobin:
		return chosen[:1], chosen[1:]
	default:
		return chosen[:1], nil
	}
}

// choose returns the partners for a distribution, best first, and notes in the lead's routing how they were found.
func (d *dossier) choose(ctx context.Context, c *call.Call, body *leads.Distribution, rules policy.LeadRules) ([]string, error) {
	if len(body.PartnerIDs) > 0 {
		return d.named(ctx, c, body)
	}
	applicants, err := d.applicants(ctx, c)
	if err != nil {
		return nil, err
	}
	candidates := route(&d.Lead, applicants, rules.MaxOpenPerPartner)
	candidates = candidates[:min(len(candidates), maxCandidates)]
	var chosen []string
	for _, candidate := range candidates {
		if !candidate.Excluded {
			chosen = append(chosen, candidate.PartnerID)
		}
	}
	if len(chosen) == 0 {
		e := problem.New(http.StatusConflict, leads.ErrNoCandidates, "No partner fits the lead; the candidates say why. Name partners to offer it all the same.")
		return nil, problem.With(e, "candidates", candidates)
	}
	d.Routing.Rule, d.Routing.Candidates = ruleFit, candidates
	return chosen, nil
}

// named takes the partners that the vendor names, in its order. They must be active; whether they fit is the vendor's judgement.
func (d *dossier) named(ctx context.Context, c *call.Call, body *leads.Distribution) ([]string, error) {
	if body.Mode == leads.OfferModeExclusive && len(body.PartnerIDs) > 1 {
		return nil, invalid(problem.Field("/partner_ids", "too_many", "An exclusive offer goes to one partner; use round_robin or broadcast for several."))
	}
	if !distinct(body.PartnerIDs) {
		return nil, invalid(problem.Field("/partner_ids", "duplicate_key", "Name each partner once."))
	}
	var wrong []partnerportal.FieldError
	d.Routing.Rule, d.Routing.Candidates = ruleNamed, nil
	for i, id := range body.PartnerIDs {
		partner, err := directory.LoadPartner(ctx, c.Tx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			wrong = append(wrong, problem.Field(fmt.Sprintf("/partner_ids/%d", i), "invalid_value", "There is no such partner."))
		case err != nil:
			return nil, err
		case !partner.Active():
			wrong = append(wrong, problem.Field(fmt.Sprintf("/partner_ids/%d", i), "invalid_state", "The partner is not active."))
		}
		d.Routing.Candidates = append(d.Routing.Candidates, leads.Candidate{PartnerID: id, Reasons: []string{"named by the vendor"}})
	}
	if len(wrong) > 0 {
		return nil, invalid(wrong...)
	}
	return body.PartnerIDs, nil
}

// applicants are all partners, with what routing needs to know of them.
func (d *dossier) applicants(ctx context.Context, c *call.Call) ([]applicant, error) {
	partners, err := directory.Partners(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	rows, err := c.Tx.OpenLeads(ctx)
	if err != nil {
		return nil, err
	}
	openLeads := map[string]int64{}
	for _, row := range rows {
		openLeads[row.PartnerID] = row.Open
	}
	applicants := make([]applicant, len(partners))
	for i, p := range partners {
		applicants[i] = applicant{Partner: p, Open: openLeads[p.ID], Had: d.failedWith(p.ID)}
	}
	return applicants, nil
}

// failedWith says that the partner was offered the lead and gave it up or let it lie. Being slower than another, or a recall,
// does not count against it.
func (d *dossier) failedWith(partnerID string) bool {
	o := d.offerOf(partnerID)
	return o != nil && (o.Status == leads.OfferStatusDeclined || o.Status == leads.OfferStatusExpired)
}

// offerTo makes an offer that waits for an answer. Ranks count the offers of one distribution.
func (d *dossier) offerTo(c *call.Call, partnerID string) *offer {
	d.Turn.Offered++
	o := &offer{Offer: leads.Offer{
		ID: ids.New(ids.Offer, c.Now), LeadID: d.ID, PartnerID: partnerID, Rank: d.Turn.Offered, Mode: d.Turn.Mode,
		Status: leads.OfferStatusPending, OfferedAt: c.Now, AcceptBy: c.Now.Add(hours(d.Turn.WithinHours)),
	}}
	d.offers = append(d.offers, o)
	d.SLA.AcceptBy = o.AcceptBy
	return o
}

func (d *dossier) tellOffered(ctx context.Context, c *call.Call, offers ...*offer) error {
	for _, o := range offers {
		if err := d.emit(ctx, c, happened{
			event: leads.EventOffered, partnerID: o.PartnerID,
			facts: map[string]any{"accept_by": o.AcceptBy.Format(time.RFC3339), "mode": string(o.Mode)},
		}); err != nil {
			return err
		}
	}
	return nil
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
