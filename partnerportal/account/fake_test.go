package account_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// fakePortal has one partner with some money. What it does not do, no test asks of it.
type fakePortal struct {
	account.Server
	reads int
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

func (f *fakePortal) Summary(context.Context, *account.SummaryParams) (*account.Summary, error) {
	f.reads++
	portal := partnerportal.SourceStamp{System: "portal", Kind: "portal"}
	return &account.Summary{
		PartnerID: "par_1", Currency: "USD", GeneratedAt: time.Unix(int64(f.reads), 0).UTC(), Attention: []account.Attention{},
		RevenueYTD:   account.Revenue{Value: usd("1250000"), Deals: 14, Source: portal},
		OpenPipeline: account.Pipeline{Value: usd("640000"), Count: 9, Source: portal},
		MDF:          account.MDF{Source: partnerportal.SourceStamp{System: "netsuite", Kind: "finance", Error: "The system has not been read yet."}},
		Commissions:  account.Commissions{Due: usd("18400"), Source: portal},
		Tier:         account.Tier{Name: "Silver", NextTierName: "Gold", Missing: []account.Requirement{{ID: "people", Name: "Certified engineers", Kind: "certified_people", Missing: "1"}}, Source: portal},
		Freshness:    account.Freshness{Stale: true, FailedSources: []string{"netsuite"}},
	}, nil
}

func (f *fakePortal) ListLines(_ context.Context, figure string, params *account.ListLinesParams) (*account.LinePage, error) {
	if figure != account.FigureCommissionsDue {
		return nil, &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	if params.Cursor == "" {
		return &account.LinePage{Items: []account.Line{{ResourceType: "commission", ResourceID: "com_1", Amount: usd("5000")}}, Page: partnerportal.PageInfo{NextCursor: "2"}}, nil
	}
	return &account.LinePage{Items: []account.Line{{ResourceType: "commission", ResourceID: "com_2", Amount: usd("13400")}}}, nil
}

func (f *fakePortal) SchedulePayout(_ context.Context, body *account.PayoutOrder) (*account.Payout, error) {
	if body.Currency != "USD" {
		return nil, &partnerportal.Error{Status: http.StatusConflict, Code: account.ErrNothingDue}
	}
	return &account.Payout{ID: "pay_1", Number: "P-000001", Status: account.PayoutStatusScheduled, Amount: usd("18400"), LineCount: 2}, nil
}

func (f *fakePortal) Statement(context.Context, string) (*partnerportal.Download, error) {
	return &partnerportal.Download{ReadCloser: io.NopCloser(strings.NewReader("commission,amount\ncom_1,5000.00\n")), Name: "P-000001.csv", MediaType: "text/csv", Size: -1}, nil
}

func newClient() *partnerportal.Client {
	router := partnerportal.NewRouter()
	account.Mount(router, &fakePortal{})
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return pp
}
