package leads_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
)

// The table once more, as the domain model writes it: a change of one must be meant for both.
func TestTheTable(t *testing.T) {
	t.Parallel()
	const down, up = contract.DirectionVendorToPartner, contract.DirectionPartnerToVendor
	want := map[string]string{
		"vendor_to_partner vendor distribute":   "[new returned recalled] -> [offered]",
		"vendor_to_partner partner accept":      "[offered] -> [accepted]",
		"vendor_to_partner partner decline":     "[offered] -> [returned unplaced offered]",
		"vendor_to_partner system decline":      "[offered] -> [returned unplaced offered]",
		"vendor_to_partner vendor recall":       "[offered] -> [recalled]",
		"vendor_to_partner partner contact":     "[accepted working] -> [working]",
		"vendor_to_partner partner return":      "[accepted working] -> [returned unplaced]",
		"vendor_to_partner partner convert":     "[accepted working] -> [converted]",
		"vendor_to_partner partner close":       "[accepted working] -> [closed]",
		"vendor_to_partner vendor close":        "[new returned recalled unplaced] -> [closed]",
		"partner_to_vendor vendor start_review": "[submitted] -> [in_review]",
		"partner_to_vendor vendor accept":       "[submitted in_review] -> [accepted]",
		"partner_to_vendor vendor reject":       "[submitted in_review] -> [rejected]",
		"partner_to_vendor partner convert":     "[accepted] -> [converted]",
		"partner_to_vendor partner close":       "[accepted] -> [closed]",
		"partner_to_vendor vendor close":        "[accepted] -> [closed]",
	}
	got := map[string]string{}
	for _, direction := range []contract.Direction{down, up} {
		for _, side := range []partnerportal.Side{partnerportal.SideVendor, partnerportal.SidePartner, partnerportal.SideSystem} {
			for _, action := range []contract.Action{
				contract.ActionAccept, contract.ActionClose, contract.ActionContact, contract.ActionConvert, contract.ActionDecline, contract.ActionDistribute,
				contract.ActionRecall, contract.ActionReject, contract.ActionReturn, contract.ActionStartReview, contract.ActionUpdate,
			} {
				if from, to := leads.Ways(direction, side, action); from != nil {
					got[fmt.Sprint(direction, " ", side, " ", action)] = fmt.Sprint(from, " -> ", to)
				}
			}
		}
	}
	assert.Equal(t, want, got)
}

func TestAnOfferThatRanOutCannotBeAnswered(t *testing.T) {
	t.Parallel()
	seen := &contract.Lead{
		Direction: contract.DirectionVendorToPartner, Status: contract.StatusOffered,
		Offer: contract.Offer{Status: contract.OfferStatusPending, AcceptBy: noon},
	}
	assert.Equal(t, []contract.Action{contract.ActionAccept, contract.ActionDecline}, leads.Allowed(seen, partner("p1"), noon.Add(-1)))
	assert.Empty(t, leads.Allowed(seen, partner("p1"), noon), "a deadline is over when it is reached, whether or not the timer has fired")
}
