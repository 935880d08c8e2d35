package program

import (
	"cmp"
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// Concentration says which share of the revenue the best partners bring.
func (s *Service) Concentration(ctx context.Context, params *contract.ConcentrationParams) (*contract.Concentration, error) {
	c := call.From(ctx)
	from, to, err := period(c, params.From, params.To)
	if err != nil {
		return nil, err
	}
	r, err := readRevenue(ctx, c, from, to, params.Currency)
	if err != nil {
		return nil, err
	}
	partners, err := directory.Partners(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	leaders, n := rank(partners, r.byPartner)
	result := &contract.Concentration{
		From: from, To: to, Partners: n, Revenue: r.total, TopPercent: cmp.Or(params.TopPercent, 20),
		Leaders: []contract.Leader{}, OtherCurrencies: r.others, Source: r.source,
	}
	result.TopPartners = topOf(n, result.TopPercent)
	return result, sumUp(result, leaders)
}

// rank are the partners with revenue, the best first, and how many partners there are: those, and the active ones without any.
func rank(partners []contract.Partner, byPartner map[string]partnerportal.Money) (leaders []contract.Leader, n int) {
	for _, p := range partners {
		amount, earned := byPartner[p.ID]
		if earned {
			leaders = append(leaders, contract.Leader{PartnerID: p.ID, Name: p.Name, Revenue: amount})
		}
		if earned || p.Active() {
			n++
		}
	}
	slices.SortFunc(leaders, func(a, b contract.Leader) int {
		return cmp.Or(-cmp.Compare(a.Revenue.TenThousandths(), b.Revenue.TenThousandths()), cmp.Compare(a.PartnerID, b.PartnerID))
	})
	return leaders, n
}

// sumUp adds the leaders up.
func sumUp(result *contract.Concentration, leaders []contract.Leader) error {
	sum, err := partnerportal.NewMoney(0, result.Revenue.Currency())
	if err != nil {
		return err
	}
	result.TopRevenue = sum
	for i, leader := range leaders {
		if sum, err = sum.Add(leader.Revenue); err != nil {
			return err
		}
		if result.PartnersFor80Percent == 0 && fourFifths(sum, result.Revenue) {
			result.PartnersFor80Percent = i + 1
		}
		if i >= result.TopPartners {
			continue
		}
		result.TopRevenue = sum
		if i < 100 {
			leader.SharePercent = share(leader.Revenue, result.Revenue)
			result.Leaders = append(result.Leaders, leader)
		}
	}
	result.SharePercent = share(result.TopRevenue, result.Revenue)
	return nil
}

// fourFifths says that a part is at least 80 % of a whole, exactly.
func fourFifths(part, whole partnerportal.Money) bool {
	rest, err := whole.Sub(part)
	return err == nil && rest.TenThousandths() <= whole.TenThousandths()/5
}

// share is a part in percent of a whole, with one decimal; 0 of nothing.
func share(part, whole partnerportal.Money) float64 {
	if whole.Sign() == 0 {
		return 0
	}
	return tenth(100 * float64(part.TenThousandths()) / float64(whole.TenThousandths()))
}
