package deals

import (
	"slices"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
)

// record is a deal as it is stored: all that the contract shows of it, and what only the portal knows. What depends on the
// reader is empty here; see view.go.
type record struct {
	contract.Deal

	Claim            claim         `json:"claim,omitzero"`
	SLALeft          time.Duration `json:"sla_left,omitempty"` // the vendor's time to decide, while the partner has the deal
	PendingExtension string        `json:"pending_extension,omitempty"`
	PendingAmendment string        `json:"pending_amendment,omitempty"`
	Undisclosed      bool          `json:"undisclosed,omitempty"` // the programme does not tell partners of conflicts
	Typed            []string      `json:"typed,omitempty"`       // JSON pointers of what a person typed, as the form reported it
	Filled           []string      `json:"filled,omitempty"`      // and of what other systems filled in

	WonOn partnerportal.Date `json:"won_on,omitzero"` // the day of the revenue, in the programme's time zone as it was then
}

// claim is what a deal stands for in the search for conflicts. It is what was submitted: changes count when they are submitted
// or approved in their turn, so that nobody moves into a customer unseen.
type claim struct {
	Customer    partnerportal.Organization `json:"customer"`
	Families    []string                   `json:"families,omitempty"`
	Territories []string                   `json:"territories,omitempty"`
	Services    bool                       `json:"services,omitempty"`
}

func claimOf(d *contract.Deal) claim {
	cl := claim{Services: d.Type == contract.TypeServices, Customer: partnerportal.Organization{
		Name: d.Customer.Name, Country: d.Customer.Country, Domain: d.Customer.Domain, Website: d.Customer.Website,
		DUNS: d.Customer.DUNS, ExternalRefs: d.Customer.ExternalRefs,
	}}
	for _, p := range d.Products {
		if !slices.ContainsFunc(cl.Families, func(f string) bool { return strings.EqualFold(f, p.Family) }) {
			cl.Families = append(cl.Families, p.Family)
		}
	}
	if len(d.Products) == 0 && d.SolutionArea != "" {
		cl.Families = []string{d.SolutionArea}
	}
	if territory := firstOf(d.Territory, d.Customer.Country); territory != "" {
		cl.Territories = []string{territory}
	}
	return cl
}

func (cl claim) scope() match.Scope {
	return match.Scope{Families: cl.Families, Territories: cl.Territories}
}

// identity is the customer as the search compares it, see identify.
func (cl claim) identity(owner string, shared []string) match.Identity {
	return identify(cl.Customer, owner, shared)
}

// identify is a customer as the search compares it. Customer ids of the shared systems mean the same to every partner; an id of
// any other system is the owner's own: two partners' CRMs both have a customer 42.
func identify(customer partnerportal.Organization, owner string, shared []string) match.Identity {
	c := match.Customer{Name: customer.Name, Country: customer.Country, Domain: customer.Domain, DUNS: customer.DUNS}
	if _, err := match.Domain(c.Domain); err != nil {
		c.Domain = customer.Website
	}
	for _, ref := range customer.ExternalRefs {
		system := ref.System
		if !slices.ContainsFunc(shared, func(s string) bool { return strings.EqualFold(s, system) }) {
			system = owner + "/" + system
		}
		c.Refs = append(c.Refs, match.Ref{System: system, ID: ref.ID})
	}
	return match.Identify(c)
}

// allKeys are what a claim is indexed and locked by, whatever its programme compares: programmes differ, and change their rules.
var allKeys = []string{match.KeyDomain, match.KeySubdomain, match.KeyDUNS, match.KeyNameCountry, match.KeyCustomerID}

// keys are what a claim is found and locked by under any programme: each customer id is there as the owner's own and as a shared one.
func (cl claim) keys(owner string) []string {
	var systems []string
	for _, ref := range cl.Customer.ExternalRefs {
		systems = append(systems, ref.System)
	}
	var keys []string
	for _, key := range slices.Concat(cl.identity(owner, nil).Keys(allKeys), cl.identity(owner, systems).Keys(allKeys)) {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// index is under which keys a claim can be found.
func (cl claim) index(owner string) []string {
	keys := cl.keys(owner)
	if near := nearKey(cl.identity(owner, nil)); near != "" {
		keys = append(keys, near)
	}
	return keys
}

// nearKey finds customers of one country whose names start alike, for hints. It decides nothing and is not locked.
func nearKey(id match.Identity) string {
	word, _, _ := strings.Cut(id.Name, " ")
	if word == "" || id.Country == "" {
		return ""
	}
	return "near:" + word + "|" + id.Country
}

// customerKey is the strongest key of a customer, to show what is protected.
func (cl claim) customerKey(owner string) string {
	keys := cl.identity(owner, nil).Keys(allKeys)
	for _, kind := range []string{"domain:", "duns:", "name:", "ref:"} {
		for _, key := range keys {
			if strings.HasPrefix(string(key), kind) {
				return string(key)
			}
		}
	}
	return ""
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
