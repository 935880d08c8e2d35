package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// demo is a portal in memory, beside a folder into which a finance system drops files.
type demo struct {
	portal       *portal.Portal
	drop         string
	partnerID    string
	acme, vendor *partnerportal.Client
	today        partnerportal.Date
}

// openDemo opens a portal in which people have worked, and returns the partner's client.
func openDemo(ctx context.Context) (_ *partnerportal.Client, closePortal func() error, err error) {
	d := &demo{today: partnerportal.DateOf(time.Now().UTC())}
	if d.drop, err = os.MkdirTemp("", "money"); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.portal, err = portal.Open(ctx, "sqlite::memory:", portal.WithFinance(source.NewDir(d.drop, "netsuite"))); err != nil {
		return nil, nil, err
	}
	for _, step := range []func(context.Context) error{d.people, d.rules, d.export, d.sell, d.market} {
		if err := step(ctx); err != nil {
			return nil, nil, err
		}
	}
	return d.acme, d.close, nil
}

func (d *demo) people(ctx context.Context) error {
	partner, err := d.portal.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return err
	}
	d.partnerID = partner.ID
	if d.acme, err = d.login(ctx, partner.ID); err != nil {
		return err
	}
	d.vendor, err = d.login(ctx, "")
	return err
}

func (d *demo) login(ctx context.Context, partnerID string) (*partnerportal.Client, error) {
	key, err := d.portal.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: partnerID, Name: cmp.Or(partnerID, "vendor")})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://portal.example.com", partnerportal.WithHandler(d.portal), partnerportal.WithAPIKey(key))
}

// rules are two tiers, and a commission of four percent.
func (d *demo) rules(ctx context.Context) error {
	programs := program.New(d.vendor)
	rules, err := programs.Get(ctx, program.DefaultID)
	if err != nil {
		return err
	}
	rules.Tiers = []program.Tier{
		{ID: "member", Name: "Member", Rank: 1},
		{ID: "gold", Name: "Gold", Rank: 2, Productive: true, Requirements: []program.Requirement{
			{ID: "won", Kind: program.RequirementKindDealsWon, Name: "Deals won", Threshold: 5},
			{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Name: "Certified people", Threshold: 2},
		}},
	}
	if _, err = programs.Put(ctx, rules.ID, *rules, partnerportal.IfMatch(rules)); err != nil {
		return err
	}
	if _, err = programs.Enrol(ctx, program.Enrolment{ProgramID: rules.ID, PartnerID: d.partnerID, TierID: "member"}); err != nil {
		return err
	}
	_, err = account.New(d.vendor).PutPlan(ctx, "resale", account.PlanForm{
		Name: "Resale", ProgramID: rules.ID, Kind: account.CommissionKindCommission, Rates: []account.Rate{{Percent: "4"}},
	})
	return err
}

// export is what finance drops in the night: the balance that it has posted, and what the partner has sold, this year and the year
// before. The file as_of comes last; it says that the others are complete.
func (d *demo) export(ctx context.Context) error {
	thisYear, lastYear := d.today.Year, d.today.Year-1
	for _, file := range []struct{ name, text string }{
		{"balances.csv", fmt.Sprintf("partner_id,amount,currency\n%s,10000.00,USD\n", d.partnerID)},
		{"revenue.csv", fmt.Sprintf("id,partner_id,on,amount,currency\nI-1,%[1]s,%[2]d-01-01,312400.00,USD\nI-2,%[1]s,%[2]d-01-01,-2400.00,USD\nI-0,%[1]s,%[3]d-01-01,250000.00,USD\n",
			d.partnerID, thisYear, lastYear)},
		{"as_of", time.Now().Add(-4 * time.Hour).Format(time.RFC3339)},
	} {
		if err := os.WriteFile(filepath.Join(d.drop, file.name), []byte(file.text), 0o600); err != nil {
			return err
		}
	}
	return d.portal.Pull(ctx) // Run does this by itself, every quarter of an hour
}

// sell registers deals and wins some; of the commissions one is approved, one is held back, and one is pending.
func (d *demo) sell(ctx context.Context) error {
	own, desk := deals.New(d.acme), deals.New(d.vendor)
	for i, customer := range []string{"initech", "hooli", "umbrella", "wonka", "stark"} {
		amount, err := dollars("48000.00").MulRat(int64(i+2), 2)
		if err != nil {
			return err
		}
		deal, err := own.Register(ctx, deals.Registration{
			Customer: partnerportal.Organization{Name: customer, Country: "US", Domain: customer + ".com"},
			Products: []deals.Product{{Family: "GTX", Quantity: 10}}, Amount: amount, ExpectedCloseOn: d.today.AddDays(60),
		})
		if err != nil {
			return err
		}
		if deal, err = desk.Approve(ctx, deal.ID, deals.Approval{}); err != nil {
			return err
		}
		if i < 3 {
			if _, err = own.Win(ctx, deal.ID, deals.Win{ActualAmount: deal.Amount, OrderRef: partnerportal.ExternalRef{System: "netsuite", ID: deal.Number}}); err != nil {
				return err
			}
		}
	}
	books := account.New(d.vendor)
	page, err := books.ListCommissions(ctx, account.ListCommissionsParams{Sort: "created_at"})
	if err != nil {
		return err
	}
	if _, err = books.ApproveCommission(ctx, page.Items[0].ID, account.Ruling{}); err != nil {
		return err
	}
	_, err = books.HoldCommission(ctx, page.Items[1].ID, account.Ruling{Reason: "The signed order is missing."})
	return err
}

// market asks for funds, of which finance has not heard yet: what it has posted is less than what is available by that.
func (d *demo) market(ctx context.Context) error {
	desk := mdf.New(d.vendor)
	fund, err := desk.CreateFund(ctx, mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD", Period: mdf.Period{SpendFrom: d.today, SpendTo: d.today.AddDays(90)},
	})
	if err != nil {
		return err
	}
	if _, err = desk.OpenFund(ctx, fund.ID); err != nil {
		return err
	}
	if _, err = desk.Allocate(ctx, mdf.NewAllocation{FundID: fund.ID, PartnerID: d.partnerID, Amount: dollars("10000.00")}); err != nil {
		return err
	}
	for _, amount := range []string{"2500.00", "1500.00"} {
		r, err := mdf.New(d.acme).QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Title: "Customer event", StartsOn: d.today.AddDays(20), Amount: dollars(amount)})
		if err != nil {
			return err
		}
		if amount == "2500.00" {
			if _, err = desk.ApproveRequest(ctx, r.ID, mdf.Approval{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *demo) close() (err error) {
	if d.portal != nil {
		err = d.portal.Close()
	}
	return errors.Join(err, os.RemoveAll(d.drop))
}

func dollars(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
