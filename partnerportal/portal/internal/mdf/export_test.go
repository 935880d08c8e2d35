package mdf

import (
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
)

// What the tests of the arithmetic look at.

func Share(m partnerportal.Money, percent string) (partnerportal.Money, error) {
	return share(m, percent)
}

func LeastCost(m partnerportal.Money, percent string) (partnerportal.Money, error) {
	return leastCost(m, percent)
}

func Split(m partnerportal.Money, weights []int64) ([]partnerportal.Money, error) {
	return split(m, weights)
}

func InvoiceKey(number string) string { return invoiceKey(number) }

// Ways are the states from which an action of a side leads somewhere, and where.
type Ways struct {
	Side, Action string
	From, To     []string
}

// Tables are the state tables, by resource.
func Tables() map[string][]Ways {
	return map[string][]Ways{"fund": lines(funds), "allocation": lines(allocations), "request": lines(requests), "claim": lines(claims)}
}

func lines[S, A ~string](t states.Table[S, A]) []Ways {
	var all []Ways
	for _, line := range t {
		for by, name := range map[states.Sides]string{states.Partner: "partner", states.Vendor: "vendor", states.Portal: "portal"} {
			if line.By&by != 0 {
				all = append(all, Ways{name, string(line.Action), texts(line.From), texts(line.To)})
			}
		}
	}
	return all
}

func texts[S ~string](names []S) []string {
	all := []string{}
	for _, s := range names {
		all = append(all, string(s))
	}
	return all
}
