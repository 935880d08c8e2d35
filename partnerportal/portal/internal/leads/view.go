package leads

import (
	"cmp"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// record is a lead as it is stored: the contract's model, unmasked, and what only the portal needs to know.
type record struct {
	leads.Lead

	Refs     map[string][]partnerportal.ExternalRef `json:"refs,omitempty"` // by owner: each side sees its own
	Turn     turn                                   `json:"turn,omitzero"`
	Contacts []contacted                            `json:"contacts,omitempty"`
}

// turn is how the distribution under way goes on.
type turn struct {
	Mode        leads.OfferMode `json:"mode,omitempty"`
	WithinHours int             `json:"within_hours,omitempty"`
	Next        []string        `json:"next,omitempty"` // whose turn comes when the pending offer fails
	Offered     int             `json:"offered,omitempty"`
}

// contacted is what a partner logged. The words stay here: events carry no personal data, and name the entry by its place.
type contacted struct {
	At      time.Time            `json:"at"`
	Channel leads.ContactChannel `json:"channel"`
	Note    string               `json:"note,omitempty"`
}

// forVendor is a lead as the vendor sees it: all but the partner's references.
func (r *record) forVendor() *leads.Lead {
	seen := r.Lead
	seen.ExternalRefs, seen.Territory = r.Refs[vendor], territory(&r.Lead)
	return &seen
}

// forPartner is a lead as a partner sees it: with everything that is about the lead to whom it belongs, masked to others.
// offer is the partner's own last one; a referral has none.
func (r *record) forPartner(partnerID string, offer leads.Offer, now time.Time) *leads.Lead {
	seen := r.Lead
	seen.Routing = leads.Routing{}
	if r.PartnerID != partnerID {
		seen = masked(&r.Lead, &offer, now)
	}
	seen.Offer, seen.ExternalRefs, seen.Territory = offer, r.Refs[partnerID], territory(&r.Lead)
	return &seen
}

// territory is where the business is: the organisation's country when nobody said.
func territory(lead *leads.Lead) string { return cmp.Or(lead.Territory, lead.Organization.Country) }

// masked is what a partner may know of a lead that it is, or was, offered. It names what is shown, so that a member that the
// contract gains stays hidden until somebody decides.
func masked(r *leads.Lead, offer *leads.Offer, now time.Time) leads.Lead {
	seen := leads.Lead{
		ID: r.ID, Number: r.Number, Revision: r.Revision, Direction: r.Direction, Status: r.Status,
		Title: r.Title, Summary: r.Summary,
		Organization: leads.Organization{
			Masked: true, Industry: r.Organization.Industry, Size: r.Organization.Size,
			Country: r.Organization.Country, Region: r.Organization.Region,
		},
		Contact: leads.Contact{Masked: true},
		Consent: r.Consent, Origin: r.Origin, ProductInterest: r.ProductInterest, EstimatedValue: r.EstimatedValue,
		Rating: r.Rating, Qualification: r.Qualification, Territory: r.Territory, ProgramID: r.ProgramID,
		SLA:      leads.SLA{AcceptBy: offer.AcceptBy},
		Livemode: r.Livemode, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if offer.Status != leads.OfferStatusPending {
		// The partner is out. This is the last that it sees: what becomes of the lead is between the vendor and others.
		seen.Status, seen.UpdatedAt = leads.StatusReturned, now
		if offer.Status == leads.OfferStatusRecalled || offer.Status == leads.OfferStatusLostRace {
			seen.Status = leads.StatusRecalled
		}
	}
	if offer.Status == leads.OfferStatusExpired {
		seen.SLA.Breached = []leads.SLAClock{leads.SLAClockAccept}
	}
	return seen
}

// withAffordances adds to a lead what this caller may do with it now.
func withAffordances(seen *leads.Lead, caller call.Caller, now time.Time) *leads.Lead {
	seen.AllowedActions = allowed(seen, caller, now)
	seen.EditableFields = slices.Clone(editable(seen, caller))
	return seen
}
