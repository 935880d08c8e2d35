package deals

import (
	"slices"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// What only the portal itself does with a deal, when a deadline passes. The contract offers these to nobody.
const (
	actionExpire  contract.Action = "expire"
	actionOverdue contract.Action = "overdue"
)

// stays is the state to which an action leads that changes none.
const stays contract.Status = ""

// sides are who may take an action.
type sides uint8

const (
	byPartner sides = 1 << iota
	byVendor
	byPortal
)

// guard is a condition beyond the state, by its name.
type guard string

const (
	always        guard = ""
	appealOpen    guard = "appeal_open"
	extensionOpen guard = "extension_open"
	noAmendment   guard = "no_amendment_pending"
)

// guards say whether an action is worth offering. The operation itself refuses with a code of its own.
var guards = map[guard]func(r *record, now time.Time) bool{
	always: func(*record, time.Time) bool { return true },
	appealOpen: func(r *record, now time.Time) bool {
		return r.Review.AppealedAt.IsZero() && now.Before(r.Review.AppealUntil)
	},
	extensionOpen: func(r *record, now time.Time) bool { return extensionRefused(r, now) == nil },
	noAmendment:   func(r *record, _ time.Time) bool { return r.PendingAmendment == "" },
}

// transition is one line of the table: from any of these states, an action of these sides leads to that state.
type transition struct {
	action contract.Action
	from   []contract.Status
	by     sides
	to     contract.Status
	when   guard
}

var (
	undecided = []contract.Status{contract.StatusSubmitted, contract.StatusInReview}
	final     = []contract.Status{contract.StatusRejected, contract.StatusWithdrawn, contract.StatusWon, contract.StatusLost, contract.StatusCanceled, contract.StatusExpired}
)

func from(s ...contract.Status) []contract.Status { return s }

// table is all that may happen to a deal. Allowed actions, refusals and the portal's own acts are read off it.
var table = []transition{
	{contract.ActionSubmit, from(contract.StatusDraft), byPartner, contract.StatusSubmitted, always},
	{contract.ActionStartReview, from(contract.StatusSubmitted), byVendor, contract.StatusInReview, always},
	{contract.ActionRequestChanges, undecided, byVendor, contract.StatusChangesRequested, always},
	{contract.ActionApprove, undecided, byVendor, contract.StatusApproved, always},
	{contract.ActionReject, undecided, byVendor, contract.StatusRejected, always},
	{contract.ActionRecall, undecided, byPartner, contract.StatusDraft, always},
	{contract.ActionResubmit, from(contract.StatusChangesRequested), byPartner, contract.StatusSubmitted, always},
	{actionOverdue, from(contract.StatusChangesRequested), byPortal, contract.StatusWithdrawn, always},
	{contract.ActionWithdraw, append(from(contract.StatusDraft, contract.StatusChangesRequested), undecided...), byPartner, contract.StatusWithdrawn, always},
	{contract.ActionAppeal, from(contract.StatusRejected), byPartner, contract.StatusInReview, appealOpen},

	{contract.ActionWin, from(contract.StatusApproved), byPartner | byVendor, contract.StatusWon, always},
	{contract.ActionLose, from(contract.StatusApproved), byPartner | byVendor, contract.StatusLost, always},
	{contract.ActionCancel, from(contract.StatusApproved), byPartner | byVendor, contract.StatusCanceled, always},
	{contract.ActionRequestExtension, from(contract.StatusApproved), byPartner, stays, extensionOpen},
	{contract.ActionRequestAmendment, from(contract.StatusApproved), byPartner, stays, noAmendment},
	{contract.ActionConvert, from(contract.StatusApproved, contract.StatusWon), byVendor, stays, always},
	{actionExpire, from(contract.StatusApproved), byPortal, contract.StatusExpired, always},
	{contract.ActionReinstate, from(contract.StatusExpired), byVendor, contract.StatusApproved, always},

	{contract.ActionUpdate, append(from(contract.StatusDraft, contract.StatusChangesRequested, contract.StatusApproved), undecided...), byPartner, stays, always},
	{contract.ActionDelete, from(contract.StatusDraft), byPartner, stays, always},
	{contract.ActionClone, final, byPartner, stays, always},
}

// next is the state to which an action leads, if the state allows it.
func next(status contract.Status, action contract.Action) (contract.Status, bool) {
	for _, t := range table {
		if t.action == action && slices.Contains(t.from, status) {
			if t.to == stays {
				return status, true
			}
			return t.to, true
		}
	}
	return "", false
}

func sideOf(caller call.Caller) sides {
	switch caller.Side {
	case partnerportal.SidePartner:
		return byPartner
	case partnerportal.SideVendor:
		return byVendor
	}
	return byPortal
}

// mayWrite says that the caller's scopes let it take an action that its side may take.
func mayWrite(caller call.Caller, by sides) bool {
	if sideOf(caller) == byVendor && by&byPartner == 0 {
		return caller.May("deals:review")
	}
	if sideOf(caller) == byVendor {
		return caller.May("deals:review", "deals:write")
	}
	return caller.May("deals:write")
}

// allowed lists what the caller may do with the deal now.
func allowed(r *record, caller call.Caller, now time.Time) []contract.Action {
	actions := []contract.Action{}
	for _, t := range table {
		if t.by&sideOf(caller) != 0 && slices.Contains(t.from, r.Status) && mayWrite(caller, t.by) && guards[t.when](r, now) {
			actions = append(actions, t.action)
		}
	}
	return actions
}

// rightSide refuses what is never for the caller's side to do.
func rightSide(caller call.Caller, action contract.Action) error {
	for _, t := range table {
		if t.action == action && t.by&sideOf(caller) != 0 {
			return nil
		}
	}
	return problem.WrongSide(caller.Side)
}

// harmless are the fields that a partner may change while the vendor looks at the deal: none of them moves the customer, the
// scope or the terms.
var harmless = []string{"/business_problem", "/competitors", "/contacts", "/external_refs", "/probability", "/sales_stage", "/vendor_needs", "/visibility"}

// running are those that go on changing once a deal is approved; everything else is amended.
var running = []string{"/contacts", "/external_refs", "/probability", "/sales_stage"}

// editable lists the JSON pointers that the caller may change now.
func editable(r *record, caller call.Caller) []string {
	if sideOf(caller) != byPartner || !mayWrite(caller, byPartner) {
		return []string{}
	}
	switch r.Status {
	case contract.StatusDraft:
		return []string{"*"}
	case contract.StatusSubmitted, contract.StatusInReview:
		return harmless
	case contract.StatusApproved:
		return running
	case contract.StatusChangesRequested:
		pointers := []string{}
		for _, change := range r.Review.ChangesRequested {
			if !slices.Contains(pointers, change.Pointer) {
				pointers = append(pointers, change.Pointer)
			}
		}
		return pointers
	}
	return []string{}
}

// covered says that a pointer lies at, below or around one of those that may change: lists are changed as a whole.
func covered(pointer string, editable []string) bool {
	return slices.ContainsFunc(editable, func(e string) bool {
		return e == "*" || e == pointer || strings.HasPrefix(pointer, e+"/") || strings.HasPrefix(e, pointer+"/")
	})
}
