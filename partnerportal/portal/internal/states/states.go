// Package states has the tables of what may happen to a resource: which side may take which action in which state, and where it leads.
// What a caller is offered (allowed_actions) and what is refused (invalid_state) are both read off the same table.
package states

import (
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// Line is one line of a table.
type Line[S, A ~string] struct {
	Action A
	By     Sides
	From   []S
	To     []S
}

// Table is all that may happen to a kind of resource.
type Table[S, A ~string] []Line[S, A]

// Sides are who may take an action.
type Sides uint8

// The sides.
const (
	Partner Sides = 1 << iota
	Vendor
	Portal // when a deadline passes; the contract offers these actions to nobody
)

// SideOf is the side of a caller.
func SideOf(c call.Caller) Sides {
	switch c.Side {
	case partnerportal.SidePartner:
		return Partner
	case partnerportal.SideVendor:
		return Vendor
	}
	return Portal
}

// MayWrite says that the caller has the scope with which its side changes anything of a domain, such as "mdf": mdf:write for partners,
// mdf:review for the vendor.
func MayWrite(c call.Caller, domain string) bool {
	switch SideOf(c) {
	case Partner:
		return c.May(domain + ":write")
	case Vendor:
		return c.May(domain + ":review")
	}
	return false
}

// On is the line that says: from any of these states, the action of these sides leads to one of those states; to no other where none is
// given.
func On[S, A ~string](action A, by Sides, from []S, to ...S) Line[S, A] {
	return Line[S, A]{action, by, from, to}
}

// In are states.
func In[S ~string](states ...S) []S { return states }

// Can says that the table has the action for the side in the state.
func (t Table[S, A]) Can(status S, by Sides, action A) bool {
	return slices.ContainsFunc(t, func(line Line[S, A]) bool {
		return line.Action == action && line.By&by != 0 && slices.Contains(line.From, status)
	})
}

// Enter changes a state, as the table has it. That the action may be taken has been checked before, so a refusal is a fault of ours.
func (t Table[S, A]) Enter(status *S, by Sides, action A, to S) error {
	if !slices.ContainsFunc(t, func(line Line[S, A]) bool {
		return line.Action == action && line.By&by != 0 && slices.Contains(line.From, *status) && slices.Contains(line.To, to)
	}) {
		return fmt.Errorf("the tables have no way from %s to %s by %s", *status, to, action)
	}
	*status = to
	return nil
}

// Concerns says that the action is the side's at all, in whatever state.
func (t Table[S, A]) Concerns(by Sides, action A) bool {
	return slices.ContainsFunc(t, func(line Line[S, A]) bool { return line.Action == action && line.By&by != 0 })
}

// Allowed is what a caller may do in a state to a resource of a domain, such as "mdf", in the order of the table.
func (t Table[S, A]) Allowed(status S, c call.Caller, domain string) []A {
	actions, by := []A{}, SideOf(c)
	if !MayWrite(c, domain) {
		return actions
	}
	for _, line := range t {
		if line.By&by != 0 && slices.Contains(line.From, status) && !slices.Contains(actions, line.Action) {
			actions = append(actions, line.Action)
		}
	}
	return actions
}

// Check refuses an action that is not the caller's side's, or that is not among those allowed now. what names the kind of resource.
func (t Table[S, A]) Check(what string, status S, action A, c call.Caller, allowed []A) error {
	if !t.Concerns(SideOf(c), action) {
		return problem.WrongSide(c.Side)
	}
	if !slices.Contains(allowed, action) {
		return problem.Untimely(what, status, action, allowed)
	}
	return nil
}
