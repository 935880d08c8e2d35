package leads_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

var crowd = []string{"p1", "p2", "p3"}

// history is a lead on which everybody does what comes to mind.
type history struct {
	*room

	t    *rapid.T
	id   string
	seen map[string]string // by partner: all that it saw of the lead after the last step
}

// step is one thing that somebody tries; whether it works is the room's to say.
type step struct {
	who    call.Caller
	action contract.Action
	do     func() error
}

func (h *history) draw() step {
	p := partner(rapid.SampledFrom(crowd).Draw(h.t, "partner"))
	tried := func(_ *contract.Lead, err error) error { return err }
	mode := rapid.SampledFrom([]contract.OfferMode{contract.OfferModeExclusive, contract.OfferModeRoundRobin, contract.OfferModeBroadcast}).Draw(h.t, "mode")
	to := rapid.SampledFrom([][]string{nil, {"p1"}, {"p2"}, {"p1", "p2"}, {"p3", "p2", "p1"}}).Draw(h.t, "to")
	steps := []step{
		{vendor, contract.ActionDistribute, func() error { return tried(h.distribute(h.id, mode, to...)) }},
		{vendor, contract.ActionRecall, func() error { return tried(h.recall(h.id)) }},
		{vendor, contract.ActionClose, func() error { return tried(h.end(vendor, h.id)) }},
		{p, contract.ActionAccept, func() error { return tried(h.accept(p, h.id)) }},
		{p, contract.ActionAccept, func() error { return tried(h.accept(p, h.id)) }},
		{p, contract.ActionDecline, func() error { return tried(h.decline(p, h.id)) }},
		{p, contract.ActionContact, func() error { return tried(h.contact(p, h.id)) }},
		{p, contract.ActionReturn, func() error { return tried(h.giveBack(p, h.id)) }},
		{p, contract.ActionConvert, func() error { return tried(h.convert(p, h.id, contract.Conversion{})) }},
		{p, contract.ActionClose, func() error { return tried(h.end(p, h.id)) }},
		{vendor, contract.ActionUpdate, func() error {
			return tried(h.update(vendor, h.id, "*", contract.Patch{Summary: partnerportal.Set(rapid.StringN(1, 9, 9).Draw(h.t, "summary"))}))
		}},
		{call.System, contract.ActionDecline, func() error { h.advance(25 * time.Hour); return nil }},
	}
	return rapid.SampledFrom(steps).Draw(h.t, "step")
}

func TestHistories(t *testing.T) {
	t.Parallel()
	engines(t, histories)
}

func histories(t *testing.T, dsn string) {
	t.Helper()
	r := newRoomOn(t, dsn, crowd...)
	r.setRules(func(rules *policy.LeadRules) { rules.MaxOpenPerPartner = 0 })
	rapid.Check(t, func(rt *rapid.T) {
		lead, err := r.create(vendor, newLead())
		require.NoError(rt, err)
		h := &history{room: r, t: rt, id: lead.ID}
		for range rapid.IntRange(1, 20).Draw(rt, "length") {
			h.step()
		}
	})
}

func (h *history) step() {
	before, err := h.get(vendor, h.id)
	require.NoError(h.t, err)
	outside := h.outsiders(before)
	s := h.draw()
	err = s.do()
	after, errGet := h.get(vendor, h.id)
	require.NoError(h.t, errGet)

	if err != nil {
		var e *partnerportal.Error
		require.ErrorAs(h.t, err, &e, "refusals are problems")
		require.Contains(h.t, []int{403, 404, 409, 422}, e.Status)
		require.Equal(h.t, before, after, "what is refused changes nothing")
	} else if before.Status != after.Status {
		require.True(h.t, h.inTheTable(s, before.Status, after.Status), "%s by %s: %s -> %s", s.action, s.who.Side, before.Status, after.Status)
	}
	h.checkOffers(after)
	h.checkViews(after)
	for partnerID, seen := range outside {
		if s.who.PartnerID != partnerID && h.isOutside(after, partnerID) {
			require.Equal(h.t, seen, h.seen[partnerID], "%s has no part in this", partnerID)
		}
	}
}

// inTheTable allows a turn of the clock several steps.
func (h *history) inTheTable(s step, from, to contract.Status) bool {
	return leads.LeadsTo(contract.DirectionVendorToPartner, s.who.Side, s.action, from, to)
}

// checkOffers holds the offers against the lead.
func (h *history) checkOffers(lead *contract.Lead) {
	count := map[contract.OfferStatus]int{}
	for _, offer := range h.offers(vendor, h.id) {
		count[offer.Status]++
		if offer.Status == contract.OfferStatusAccepted {
			require.Equal(h.t, lead.PartnerID, offer.PartnerID)
		}
	}
	require.LessOrEqual(h.t, count[contract.OfferStatusAccepted], 1, "one partner holds it")
	require.Equal(h.t, lead.PartnerID != "", count[contract.OfferStatusAccepted] == 1)
	require.Equal(h.t, lead.Status == contract.StatusOffered, count[contract.OfferStatusPending] > 0)
	taken := []contract.Status{contract.StatusAccepted, contract.StatusWorking, contract.StatusConverted}
	if slices.Contains(taken, lead.Status) {
		require.NotEmpty(h.t, lead.PartnerID)
	}
	require.Equal(h.t, lead.Status == contract.StatusConverted, lead.ConvertedDealID != "")
}

// checkViews looks for what is not theirs in what the partners see.
func (h *history) checkViews(lead *contract.Lead) {
	h.seen = map[string]string{}
	for _, id := range crowd {
		seen, err := h.get(partner(id), h.id)
		if err != nil {
			require.ErrorIs(h.t, err, partnerportal.ErrNotFound)
			require.NotEqual(h.t, id, lead.PartnerID)
			continue
		}
		if id == lead.PartnerID {
			require.Equal(h.t, lead.Status, seen.Status)
			require.Equal(h.t, lead.Contact, seen.Contact)
			continue
		}
		text := h.sees(partner(id), h.id)
		h.seen[id] = text
		require.NotContains(h.t, text, canary)
		for _, other := range crowd {
			if other != id {
				require.NotContains(h.t, text, "Partner "+other)
				require.NotContains(h.t, text, `"`+other+`"`)
			}
		}
		require.Contains(h.t, []contract.Status{contract.StatusOffered, contract.StatusReturned, contract.StatusRecalled}, seen.Status)
	}
}

// outsiders are the partners that know the lead and have no part in it now, with all that they see.
func (h *history) outsiders(lead *contract.Lead) map[string]string {
	out := map[string]string{}
	for id, text := range h.seen {
		if h.isOutside(lead, id) {
			out[id] = text
		}
	}
	return out
}

func (h *history) isOutside(lead *contract.Lead, partnerID string) bool {
	own := h.offers(partner(partnerID), h.id)
	return lead.PartnerID != partnerID && (len(own) == 0 || own[0].Status != contract.OfferStatusPending)
}
