package events

import (
	"slices"

	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// redeliver is done with a delivery, so the contract has it not among the actions of the endpoint, whose state decides.
const redeliver contract.EndpointAction = "redeliver"

// stays is the state to which an action leads that changes none.
const stays contract.EndpointStatus = ""

// transition is one line of the table: in any of these states an action leads to that state.
type transition struct {
	action   contract.EndpointAction
	from     []contract.EndpointStatus
	to       contract.EndpointStatus
	answered bool // only if no challenge is open: nothing but pings goes to an address that has not shown that it wants more
}

func in(s ...contract.EndpointStatus) []contract.EndpointStatus { return s }

var anywhere = in(contract.EndpointStatusPending, contract.EndpointStatusEnabled, contract.EndpointStatusPaused, contract.EndpointStatusDisabled)

// table is all that its owner may do with an endpoint. Allowed actions and refusals are read off it. What the portal does, enabling it
// when a challenge is answered and disabling it when nothing is, is the sender's.
var table = []transition{
	{contract.EndpointActionEnable, in(contract.EndpointStatusPending, contract.EndpointStatusPaused, contract.EndpointStatusDisabled), contract.EndpointStatusPending, false},
	{contract.EndpointActionPause, in(contract.EndpointStatusPending, contract.EndpointStatusEnabled), contract.EndpointStatusPaused, false},
	{contract.EndpointActionRotate, anywhere, stays, false},
	{contract.EndpointActionTest, in(contract.EndpointStatusEnabled, contract.EndpointStatusPaused), stays, true},
	{redeliver, in(contract.EndpointStatusEnabled, contract.EndpointStatusPaused), stays, true},
	{contract.EndpointActionRecover, in(contract.EndpointStatusEnabled, contract.EndpointStatusPaused), stays, false},
	{contract.EndpointActionUpdate, anywhere, stays, false},
	{contract.EndpointActionDelete, anywhere, stays, false},
}

// next is the state to which an action leads, if the endpoint's allows it.
func next(e *endpoint, action contract.EndpointAction) (contract.EndpointStatus, bool) {
	status := contract.EndpointStatus(e.Status)
	for _, t := range table {
		if t.action != action || !slices.Contains(t.from, status) || t.answered && e.ChallengeAt != 0 {
			continue
		}
		if t.to == stays {
			return status, true
		}
		return t.to, true
	}
	return "", false
}

// allowed lists what the caller may do with the endpoint now.
func allowed(e *endpoint, caller call.Caller) []contract.EndpointAction {
	actions := []contract.EndpointAction{}
	if !caller.May("webhooks:write") {
		return actions
	}
	for _, t := range table {
		if _, ok := next(e, t.action); ok && t.action != redeliver {
			actions = append(actions, t.action)
		}
	}
	return actions
}
