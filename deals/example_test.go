package deals_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// Registering a deal takes one call. When somebody holds the customer already, the error says what can be done about it.
func Example() {
	pp := newClient() // partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
	reg := deals.New(pp)

	acme := deals.Registration{
		Customer:        partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		Amount:          partnerportal.MustMoney("125000.00", "USD"),
		ExpectedCloseOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31},
	}
	deal, err := reg.Register(context.Background(), acme, partnerportal.WithIdempotencyKey("crm-006Qx00000AbCdE"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Number, deal.Status, deal.Amount)

	_, err = reg.Register(context.Background(), acme, partnerportal.WithIdempotencyKey("crm-006Qx00000FgHiJ"))
	if errors.Is(err, deals.ErrConflict) {
		for _, match := range deals.MatchesOf(err) {
			fmt.Println(match.Holder, match.Options)
		}
	}
	// Output:
	// D-000001 submitted 125000.00 USD
	// other_partner [narrow_scope join_as_services]
}
