package deals

import (
	"context"
	"encoding/json"
	"net/http"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// PreCheck tells whether a registration would meet somebody. It reserves nothing, and is counted: without a limit it would lay a
// rival's pipeline open, one question at a time.
func (s *Service) PreCheck(ctx context.Context, body *contract.PreCheckParams) (*contract.PreCheck, error) {
	c := call.From(ctx)
	p, err := programOf(ctx, c, body.ProgramID)
	if err != nil {
		return nil, err
	}
	if err := checkQuestion(body); err != nil {
		return nil, err
	}
	if err := checkQuota(ctx, c, p); err != nil {
		return nil, err
	}
	territory := firstOf(body.Territory, body.Customer.Country)
	who := seeker{partnerID: c.Caller.PartnerID, claim: claim{Customer: body.Customer, Families: body.ProductFamilies, Territories: []string{territory}}}
	found, err := rivals(ctx, c, p, who)
	if err != nil {
		return nil, err
	}
	answer := &contract.PreCheck{CheckID: ids.New(ids.Precheck, c.Now), CheckedAt: c.Now, Advisory: true}
	answer.Result, answer.Matches = judgeQuestion(c, p, who, found)
	return answer, keepQuestion(ctx, c, answer.CheckID, body, answer)
}

func programOf(ctx context.Context, c *call.Call, programID string) (*policy.Program, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return directory.Load(ctx, c.Tx, programID)
	}
	partner, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
	if err != nil {
		return nil, err
	}
	if programID != "" && programID != partner.ProgramID {
		return nil, invalid(problem.Field("/program_id", "invalid_value", "Name your own programme, or leave it out."))
	}
	return directory.Load(ctx, c.Tx, partner.ProgramID)
}

// checkQuestion wants one customer, not a kind of customers.
func checkQuestion(body *contract.PreCheckParams) error {
	var f faults
	if _, err := match.Country(body.Customer.Country); err != nil {
		f.add("/customer/country", map[bool]string{true: "required", false: "invalid_value"}[body.Customer.Country == ""], "Give the customer's ISO 3166-1 country code.")
	}
	if !identifiable(body.Customer) {
		code := "required"
		if body.Customer.Domain != "" {
			code = "invalid_value"
		}
		f.add("/customer/domain", code, "Give a domain that identifies the customer, its D-U-N-S number, or a customer id.")
	}
	if _, err := match.Territory(body.Territory); err != nil && body.Territory != "" {
		f.add("/territory", "invalid_value", `Give a country code ("US") or a region of one ("US-CA").`)
	}
	return f.err()
}

func checkQuota(ctx context.Context, c *call.Call, p *policy.Program) error {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil
	}
	today := p.Today(c.Now)
	began, ends := p.EndOfDay(today.AddDays(-1)), p.EndOfDay(today)
	asked, err := c.Tx.CountPreChecks(ctx, store.CountPreChecksParams{PartnerID: c.Caller.PartnerID, CheckedAt: store.Micros(began) - 1})
	if err != nil {
		return err
	}
	if asked < int64(p.Deal.PreChecksPerDay) {
		return nil
	}
	e := problem.New(http.StatusTooManyRequests, contract.ErrPreCheckQuota, "Today's pre-checks are used up.")
	e.RetryAfter = ends.Sub(c.Now)
	return e
}

// judgeQuestion rounds what was found to what the programme discloses. Under disclosure "none" the answer about others is always
// "possible": any other would tell.
func judgeQuestion(c *call.Call, p *policy.Program, who seeker, found []rival) (contract.PreCheckResult, []contract.Match) {
	asker := &dossier{program: p, record: record{Deal: contract.Deal{PartnerID: who.partnerID}, Claim: who.claim}}
	result := contract.PreCheckResultClear
	if p.Deal.Disclosure == discloseNone && !c.Caller.Vendor() {
		result = contract.PreCheckResultPossible
	}
	var relevant, mine []rival
	for _, r := range found {
		switch asker.judge(r, nil, c) {
		case own:
			mine = append(mine, r)
		case blocking:
			relevant = append(relevant, r)
			if p.Deal.SubmitOnConflict != submitReview && p.Deal.Disclosure != discloseNone {
				result = contract.PreCheckResultBlocked
			} else if result == contract.PreCheckResultClear {
				result = contract.PreCheckResultPossible
			}
		case advisory:
			relevant = append(relevant, r)
			if result == contract.PreCheckResultClear {
				result = contract.PreCheckResultPossible
			}
		}
	}
	if len(mine) > 0 {
		result = contract.PreCheckResultOwnDuplicate
	}
	return result, reveal(c.Caller, p.Deal, false, append(mine, relevant...))
}

// keepQuestion keeps what was asked and answered, for audit.
func keepQuestion(ctx context.Context, c *call.Call, id string, question *contract.PreCheckParams, answer *contract.PreCheck) error {
	doc, err := json.Marshal(map[string]any{"question": question, "answer": answer})
	if err != nil {
		return err
	}
	return c.Tx.InsertPreCheck(ctx, store.InsertPreCheckParams{ID: id, PartnerID: c.Caller.Owner(), ClientID: c.Caller.ClientID, CheckedAt: store.Micros(c.Now), Doc: string(doc)})
}
