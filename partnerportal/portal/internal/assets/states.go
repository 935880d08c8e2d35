package assets

import (
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// The states of assets.
const (
	draft     = contract.StatusDraft
	scheduled = contract.StatusScheduled
	published = contract.StatusPublished
	expired   = contract.StatusExpired
	withdrawn = contract.StatusWithdrawn
)

// table is what the vendor may do with an asset, in which states. Where it leads is with the operations, as publishing may mean later.
var table = []struct {
	action contract.Action
	from   []contract.Status
}{
	{contract.ActionUpdate, []contract.Status{draft, scheduled, published, expired, withdrawn}},
	{contract.ActionAddVersion, []contract.Status{draft, scheduled, published, expired, withdrawn}},
	{contract.ActionPublish, []contract.Status{draft, scheduled, expired, withdrawn}},
	{contract.ActionWithdraw, []contract.Status{scheduled, published, expired}},
	{contract.ActionArchive, []contract.Status{draft, scheduled, expired, withdrawn}},
}

// editable are the fields of [contract.Patch].
var editable = []string{"/title", "/description", "/kind", "/locales", "/products", "/campaign_ids", "/program_id", "/tier_min", "/territories", "/terms", "/expires_at"}

// allowed are what the caller may do with an asset.
func allowed(caller call.Caller, a *contract.Asset) []contract.Action {
	actions := []contract.Action{}
	if caller.Vendor() {
		if caller.May("assets:review") {
			for _, row := range table {
				if slices.Contains(row.from, a.Status) {
					actions = append(actions, row.action)
				}
			}
		}
		return append(actions, contract.ActionDownload)
	}
	if a.Status != published || a.Access != contract.AccessAvailable {
		return actions
	}
	actions = append(actions, contract.ActionDownload)
	if a.CoBrandable() && caller.May("assets:write") {
		actions = append(actions, contract.ActionCoBrand)
	}
	return actions
}

// may refuses what the state of an asset does not allow the vendor.
func may(caller call.Caller, a *contract.Asset, action contract.Action) error {
	for _, row := range table {
		if row.action == action && slices.Contains(row.from, a.Status) {
			return nil
		}
	}
	return problem.Untimely("asset", a.Status, action, allowed(caller, a))
}
