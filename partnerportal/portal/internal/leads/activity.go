package leads

import (
	"cmp"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// sentence is one event in the words of each side; "" leaves it out. WHO is the partner, WHAT is what the event is about.
type sentence struct {
	partner, vendor string
}

var sentences = map[string]sentence{
	leads.EventCreated:       {"", "The lead came in."},
	leads.EventOffered:       {"The lead was offered to you until WHAT.", "Offered to WHO until WHAT."},
	leads.EventAccepted:      {"You accepted the lead.", "WHO accepted the lead."},
	leads.EventDeclined:      {"You declined the lead (WHAT).", "WHO declined the lead (WHAT)."},
	leads.EventOfferExpired:  {"The offer ran out before you answered.", "WHO let the offer run out."},
	leads.EventRecalled:      {"The vendor took the lead back.", "Recalled from WHO."},
	leads.EventUpdated:       {"The lead was changed.", "The lead was changed."},
	leads.EventContacted:     {"You approached the contact (WHAT).", "WHO approached the contact (WHAT)."},
	leads.EventReturned:      {"You gave the lead back (WHAT).", "WHO gave the lead back (WHAT)."},
	leads.EventUnplaced:      {"", "No partner kept the lead in all its rounds."},
	leads.EventConverted:     {"You turned the lead into deal WHAT.", "WHO turned the lead into deal WHAT."},
	leads.EventClosed:        {"The lead was closed (WHAT).", "The lead was closed (WHAT)."},
	leads.EventSLABreached:   {"The time for WHAT is over.", "WHO missed the time for WHAT."},
	leads.EventSubmitted:     {"You referred the lead to the vendor.", "WHO referred the lead."},
	leads.EventReviewStarted: {"The vendor is looking at your referral.", "Somebody is looking at the referral."},
	leads.EventRejected:      {"The vendor rejected your referral.", "The referral was rejected."},
}

// The same event types in other circumstances.
var (
	lostRace         = sentence{"Another partner took the lead.", ""}
	referralAccepted = sentence{"The vendor accepted your referral.", "The referral was accepted."}
	nobodyTookIt     = sentence{"", "No partner took the lead; it can be distributed again."}
)

var clockWords = map[string]string{
	string(leads.SLAClockAccept): "an answer", string(leads.SLAClockFirstContact): "a first contact", string(leads.SLAClockUpdate): "a report",
}

// wording tells an event to one side.
func (d *dossier) wording(e feed.Event, side partnerportal.Side) string {
	fact := func(name string) string {
		text, _ := e.Facts[name].(string)
		return text
	}
	s := sentences[e.Type]
	switch {
	case e.Facts["lost_race"] == true:
		s = lostRace
	case e.Type == leads.EventAccepted && d.Direction == up:
		s = referralAccepted
	case e.Type == leads.EventReturned && fact("offer") == "":
		s = nobodyTookIt
	}
	text := s.vendor
	if side == partnerportal.SidePartner {
		text = s.partner
	}
	if text == "" {
		return ""
	}
	what := cmp.Or(day(fact("accept_by")), problem.Words(fact("reason")), fact("channel"), fact("deal_id"), clockWords[fact("clock")])
	text = strings.NewReplacer("WHO", fact("partner"), "WHAT", what).Replace(text)
	if note := d.noteOn(e, side); note != "" {
		text += " “" + note + "”"
	}
	if letters := []rune(text); len(letters) > 1000 { // the contract's limit
		text = string(letters[:999]) + "…"
	}
	return text
}

// noteOn is what somebody added. It is not in the event, which goes out in the feed, but in the lead and its offers.
func (d *dossier) noteOn(e feed.Event, side partnerportal.Side) string {
	switch e.Type {
	case leads.EventDeclined, leads.EventReturned:
		for _, o := range d.offers {
			if o.ID == e.Facts["offer"] {
				return o.DeclineNote
			}
		}
	case leads.EventContacted:
		if i, ok := e.Facts["contact"].(float64); ok && int(i) < len(d.Contacts) {
			return d.Contacts[int(i)].Note
		}
	case leads.EventClosed, leads.EventRejected:
		return d.CloseNote
	case leads.EventRecalled:
		if side == partnerportal.SideVendor && d.Status == leads.StatusRecalled {
			return d.CloseNote
		}
	}
	return ""
}

// day writes an instant for people.
func day(instant string) string {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2 January 2006 15:04 MST")
}
