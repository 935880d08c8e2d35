package mdf_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf"
)

// The tables once more, as the domain model writes them: a change of one must be meant for both.
func TestTheTables(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"fund vendor open":     "[draft frozen] -> [open]",
		"fund vendor allocate": "[open] -> []",
		"fund vendor accrue":   "[open] -> []",
		"fund vendor freeze":   "[open] -> [frozen]",
		"fund vendor close":    "[draft open frozen] -> [closed]",
		"fund vendor update":   "[draft open frozen] -> []",

		"allocation vendor freeze":   "[active exhausted] -> [frozen]",
		"allocation vendor unfreeze": "[frozen] -> [active exhausted]",
		"allocation vendor adjust":   "[accruing frozen active exhausted] -> []",
		"allocation vendor transfer": "[accruing frozen active exhausted] -> []",
		"allocation vendor close":    "[accruing frozen active exhausted] -> [closed]",
		"allocation vendor update":   "[frozen active exhausted] -> []",
		"allocation portal earned":   "[accruing] -> [accruing closed active exhausted]",
		"allocation portal expire":   "[frozen active exhausted] -> [expired]",

		"request partner submit":           "[draft] -> [submitted]",
		"request partner resubmit":         "[changes_requested] -> [submitted]",
		"request vendor start_review":      "[submitted] -> [in_review]",
		"request vendor request_changes":   "[submitted in_review] -> [changes_requested]",
		"request vendor approve":           "[submitted in_review] -> [approved]",
		"request vendor reject":            "[submitted in_review] -> [rejected]",
		"request partner withdraw":         "[submitted in_review draft changes_requested] -> [withdrawn]",
		"request portal overdue":           "[changes_requested] -> [withdrawn]",
		"request partner amend":            "[approved in_progress completed] -> []",
		"request vendor approve_amendment": "[approved in_progress completed] -> []",
		"request vendor reject_amendment":  "[approved in_progress completed] -> []",
		"request partner cancel":           "[approved in_progress completed] -> [canceled closed completed]",
		"request vendor cancel":            "[approved in_progress completed] -> [canceled closed completed]",
		"request partner update":           "[draft changes_requested] -> []",

		"claim partner submit":         "[draft] -> [submitted]",
		"claim partner resubmit":       "[changes_requested] -> [submitted]",
		"claim vendor start_review":    "[submitted] -> [in_review]",
		"claim vendor request_changes": "[submitted in_review] -> [changes_requested]",
		"claim vendor approve":         "[submitted in_review] -> [approved partially_approved]",
		"claim vendor reject":          "[submitted in_review] -> [rejected]",
		"claim partner withdraw":       "[submitted in_review draft changes_requested] -> [withdrawn]",
		"claim portal overdue":         "[changes_requested] -> [withdrawn]",
		"claim vendor schedule":        "[approved partially_approved scheduled payment_failed] -> [scheduled]",
		"claim vendor pay":             "[approved partially_approved scheduled payment_failed] -> [paid]",
		"claim vendor fail_payment":    "[scheduled paid] -> [payment_failed]",
		"claim partner update":         "[draft changes_requested] -> []",
	}
	got := map[string]string{}
	for resource, ways := range mdf.Tables() {
		for _, way := range ways {
			got[resource+" "+way.Side+" "+way.Action] = fmt.Sprint(way.From, " -> ", way.To)
		}
	}
	assert.Equal(t, want, got)
}
