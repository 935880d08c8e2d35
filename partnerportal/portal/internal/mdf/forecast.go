package mdf

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// horizon is how far ahead a forecast looks when nobody says.
const horizon = 2

// Forecast says what expires when, if nothing is done.
func (s *Service) Forecast(ctx context.Context, params *contract.ForecastParams) (*contract.Forecast, error) {
	c := call.From(ctx)
	scope, err := scopeOfMoney(ctx, c, params.PartnerID, params.FundID, "")
	if err != nil {
		return nil, err
	}
	if !params.Until.IsZero() && params.Until.Before(partnerportal.DateOf(c.Now)) {
		return nil, problem.BadQuery("?until", "out_of_range", "Give a day to come.")
	}
	until := cmp.Or(params.Until, partnerportal.DateOf(c.Now.AddDate(horizon, 0, 0)))
	items, err := s.forecast(ctx, c, scope, until.AddDays(2).In(time.UTC)) // the day ends then at the latest, wherever the programme is
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(item contract.ForecastItem) bool { return item.On.After(until) })
	return &contract.Forecast{Items: items, Lost: lost(items), AsOf: c.Now, Until: until}, nil
}

// money is the part of it that a caller asks about.
type money struct {
	partnerID, fundID string
	allocations       []*allocation
}

// scopeOfMoney reads the allocations of a partner, of a fund, of both, or one.
func scopeOfMoney(ctx context.Context, c *call.Call, partnerID, fundID, allocationID string) (*money, error) {
	if c.Caller.Side == partnerportal.SidePartner {
		if partnerID != "" && partnerID != c.Caller.PartnerID {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' money.")
		}
		partnerID = c.Caller.PartnerID
	}
	m := &money{partnerID: partnerID, fundID: fundID}
	switch {
	case allocationID != "":
		a, err := readAllocation(ctx, c, allocationID)
		if err == nil && (!mine(c, a.PartnerID) || fundID != "" && a.FundID != fundID || partnerID != "" && a.PartnerID != partnerID) {
			err = call.NotFound("allocation")
		}
		if err != nil {
			return nil, err
		}
		m.partnerID, m.fundID, m.allocations = a.PartnerID, a.FundID, []*allocation{a}
		return m, nil
	case partnerID != "":
		var err error
		m.allocations, err = allocationsOf(ctx, c, partnerID, fundID)
		return m, err
	case fundID != "":
		docs, err := c.Tx.AllocationsOfFund(ctx, fundID)
		if err != nil {
			return nil, err
		}
		m.allocations, err = decodeAllocations(docs, fundID)
		return m, err
	}
	return nil, problem.BadQuery("?partner_id", "required", "Name a partner or a fund.")
}

// forecast rehearses the deadlines of the allocations, and of the requests and claims that stand against them.
func (s *Service) forecast(ctx context.Context, c *call.Call, m *money, until time.Time) ([]contract.ForecastItem, error) {
	r := &rehearsal{purses: map[string]allocation{}, requests: map[string]request{}, claims: map[string]claim{}}
	for _, a := range m.allocations {
		r.purses[a.ID] = *a
		r.expect(a.ID, a.due())
	}
	if err := r.load(ctx, c, m); err != nil {
		return nil, err
	}
	days, items := map[string]*fund{}, []contract.ForecastItem{}
	var failure error
	r.moved = func(passed *coming, e *contract.Entry) {
		f := days[e.FundID]
		if f == nil {
			var err error
			if f, err = readFund(ctx, c, e.FundID); err != nil {
				failure = errors.Join(failure, err)
				return
			}
			days[e.FundID] = f
		}
		if e.To == contract.AccountCommitted {
			return // on its way
		}
		items = append(items, contract.ForecastItem{
			At: passed.at, On: f.program.Today(passed.at.Add(-time.Nanosecond)), Reason: reasonOf(passed), From: e.From, To: e.To, Amount: e.Amount,
			AllocationID: e.AllocationID, FundID: e.FundID, PartnerID: e.PartnerID, RequestID: e.RequestID, ActivityID: e.ActivityID, ClaimID: e.ClaimID,
		})
	}
	return items, errors.Join(r.play(ctx, s, until), failure)
}

// load reads the requests and claims whose deadlines may move money of the allocations.
func (r *rehearsal) load(ctx context.Context, c *call.Call, m *money) error {
	read := func() ([]string, error) { return c.Tx.StandingRequests(ctx, m.partnerID) }
	if m.partnerID == "" {
		read = func() ([]string, error) { return c.Tx.StandingRequestsOfFund(ctx, m.fundID) }
	}
	docs, err := read()
	if err != nil {
		return err
	}
	for _, doc := range docs {
		q, err := decode[request](doc)
		if err != nil {
			return err
		}
		if _, ours := r.purses[q.AllocationID]; !ours {
			continue
		}
		r.requests[q.ID] = *q
		r.expect(q.ID, q.due())
		if err := r.loadClaims(ctx, c.Tx, q.ID); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) loadClaims(ctx context.Context, tx *store.Tx, requestID string) error {
	docs, err := tx.ClaimsSentBack(ctx, requestID)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		k, err := decode[claim](doc)
		if err != nil {
			return err
		}
		r.claims[k.ID] = *k
		r.expect(k.ID, k.due())
	}
	return nil
}

// reasonOf is what a deadline is called in a forecast.
func reasonOf(passed *coming) contract.ForecastReason {
	switch {
	case strings.HasPrefix(passed.kind, timerClaimDue):
		return contract.ForecastReasonClaimDeadline
	case passed.kind == timerEarned:
		return contract.ForecastReasonFundMinimum
	case passed.kind == timerOverdue && strings.HasPrefix(passed.id, "clm_"):
		return contract.ForecastReasonClaimChangesOverdue
	case passed.kind == timerOverdue:
		return contract.ForecastReasonRequestChangesOverdue
	}
	return contract.ForecastReasonAllocationEnd
}

// lost adds up what expires, by currency.
func lost(items []contract.ForecastItem) []partnerportal.Money {
	sums := []partnerportal.Money{}
	for _, item := range items {
		if item.To != contract.AccountExpired {
			continue
		}
		i, found := slices.BinarySearchFunc(sums, item.Amount.Currency(), func(m partnerportal.Money, currency string) int {
			return cmp.Compare(m.Currency(), currency)
		})
		if !found {
			sums = slices.Insert(sums, i, none(item.Amount.Currency()))
		}
		if total, err := sums[i].Add(item.Amount); err == nil { // a part of what was allocated always fits
			sums[i] = total
		}
	}
	return sums
}
