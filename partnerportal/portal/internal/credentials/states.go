package credentials

import (
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// The states of credentials.
const (
	pending    = contract.StatusPending
	issued     = contract.StatusIssued
	windowOpen = contract.StatusRenewalOpen
	expired    = contract.StatusExpired
	revoked    = contract.StatusRevoked
	superseded = contract.StatusSuperseded
)

// table is what may be done with a credential, by whom, and in which states. Whether a renewal is possible depends on the moment, too.
var table = []struct {
	action contract.Action
	side   partnerportal.Side
	scope  string
	from   []contract.Status
}{
	{contract.ActionAccept, partnerportal.SideVendor, "credentials:review", []contract.Status{pending}},
	{contract.ActionRenew, partnerportal.SideVendor, "credentials:review", []contract.Status{issued, windowOpen, expired}},
	{contract.ActionRequestRenewal, partnerportal.SidePartner, "credentials:write", []contract.Status{issued, windowOpen, expired}},
	{contract.ActionRevoke, partnerportal.SideVendor, "credentials:review", []contract.Status{pending, issued, windowOpen, expired}},
	{contract.ActionSupersede, partnerportal.SideVendor, "credentials:review", []contract.Status{issued, windowOpen}},
}

// allowed are what the caller may do with a credential now.
func allowed(caller call.Caller, k *contract.Credential, now time.Time) []contract.Action {
	actions := []contract.Action{}
	for _, row := range table {
		renewal := row.action == contract.ActionRenew || row.action == contract.ActionRequestRenewal
		if row.side == caller.Side && caller.May(row.scope) && slices.Contains(row.from, k.Status) && (!renewal || renewable(k, now) == nil) {
			actions = append(actions, row.action)
		}
	}
	return actions
}

// may refuses what the state of a credential does not allow.
func may(c *call.Call, k *credential, action contract.Action) error {
	for _, row := range table {
		if row.action == action && slices.Contains(row.from, k.Status) {
			return nil
		}
	}
	return problem.Untimely(credentialResource, k.Status, action, allowed(c.Caller, &k.Credential, c.Now))
}

// counts says that a credential is in force.
func (k *credential) counts() bool { return k.Status == issued || k.Status == windowOpen }

// stands says that a credential is in force, or waits to be accepted: the person has no use for another one of the kind.
func (k *credential) stands() bool { return k.counts() || k.Status == pending }

// over says that the time of a credential is over, although nobody has said so yet.
func (k *credential) over(now time.Time) bool {
	return k.stands() && !k.ValidUntil.IsZero() && !k.ValidUntil.After(now)
}
