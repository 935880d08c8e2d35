package mdf

import (
	"cmp"
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
)

// Balance adds up where the money is, and says what of it expires.
func (s *Service) Balance(ctx context.Context, params *contract.BalanceParams) (*contract.BalanceSheet, error) {
	c := call.From(ctx)
	m, err := scopeOfMoney(ctx, c, params.PartnerID, params.FundID, params.AllocationID)
	if err != nil {
		return nil, err
	}
	sheet := &contract.BalanceSheet{Items: []contract.Standing{}, AsOf: c.Now, Source: partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: c.Now}}
	for _, a := range m.allocations {
		i, found := slices.BinarySearchFunc(sheet.Items, a.Currency, func(s contract.Standing, currency string) int { return cmp.Compare(s.Currency, currency) })
		if !found {
			book, err := ledger.New(a.Currency)
			if err != nil {
				return nil, err
			}
			sheet.Items = slices.Insert(sheet.Items, i, contract.Standing{Currency: a.Currency, Balance: book.Balance, Expiring: []contract.Expiring{}})
		}
		if sheet.Items[i].Balance, err = ledger.Add(sheet.Items[i].Balance, a.Balance); err != nil {
			return nil, err
		}
	}
	return sheet, s.addExpiring(ctx, c, m, sheet)
}

// addExpiring tells what of the money expires, as the forecast has it.
func (s *Service) addExpiring(ctx context.Context, c *call.Call, m *money, sheet *contract.BalanceSheet) error {
	items, err := s.forecast(ctx, c, m, c.Now.AddDate(horizon, 0, 0).Truncate(24*time.Hour))
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.To != contract.AccountExpired {
			continue
		}
		for i := range sheet.Items {
			if standing := &sheet.Items[i]; standing.Currency == item.Amount.Currency() && len(standing.Expiring) < 1000 {
				standing.Expiring = append(standing.Expiring, contract.Expiring{
					Amount: item.Amount, On: item.On, Reason: item.Reason, AllocationID: item.AllocationID, RequestID: item.RequestID,
				})
			}
		}
	}
	return nil
}
