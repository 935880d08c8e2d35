package leads

import (
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What the tests look at from outside.
type Applicant = applicant

var (
	Route   = route
	LeadsTo = leadsTo
	Allowed = allowed
)

// Ways are the lines of the state table.
func Ways(direction leads.Direction, side partnerportal.Side, action leads.Action) (from, to []leads.Status) {
	for _, t := range transitions {
		if t.direction == direction && t.side == side && t.action == action {
			from, to = append(from, t.from...), append(to, t.to...)
		}
	}
	return from, to
}
