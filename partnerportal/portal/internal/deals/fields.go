package deals

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// registrationOf is what the partner says of the deal, apart from all that the portal says.
func registrationOf(d *contract.Deal) contract.Registration {
	return contract.Registration{
		Customer: d.Customer, Contacts: d.Contacts, Name: d.Name, ProgramID: d.ProgramID, Type: d.Type, Route: d.Route, Parties: d.Parties,
		Products: d.Products, SolutionArea: d.SolutionArea, Territory: d.Territory, Amount: d.Amount, AmountBasis: d.AmountBasis,
		RecurringAmount: d.RecurringAmount, BillingFrequency: d.BillingFrequency, ExpectedCloseOn: d.ExpectedCloseOn,
		SalesStage: d.SalesStage, Probability: d.Probability, BusinessProblem: d.BusinessProblem, Competitors: d.Competitors,
		VendorNeeds: d.VendorNeeds, Visibility: d.Visibility, Origin: d.Origin, LeadID: d.LeadID, CampaignID: d.CampaignID,
		MDFRequestID: d.MDFRequestID, Custom: d.Custom, ExternalRefs: d.ExternalRefs,
	}
}

// apply puts what the partner says into the deal. Who the registrant is, the portal says.
func apply(d *contract.Deal, r contract.Registration) {
	d.Customer, d.Contacts, d.Name, d.ProgramID, d.Type, d.Route, d.Parties = r.Customer, r.Contacts, r.Name, r.ProgramID, r.Type, r.Route, slices.Clone(r.Parties)
	d.Products, d.SolutionArea, d.Territory, d.Amount, d.AmountBasis = r.Products, r.SolutionArea, r.Territory, r.Amount, r.AmountBasis
	d.RecurringAmount, d.BillingFrequency, d.ExpectedCloseOn = r.RecurringAmount, r.BillingFrequency, r.ExpectedCloseOn
	d.SalesStage, d.Probability, d.BusinessProblem, d.Competitors = r.SalesStage, r.Probability, r.BusinessProblem, r.Competitors
	d.VendorNeeds, d.Visibility, d.Origin, d.LeadID, d.CampaignID = r.VendorNeeds, r.Visibility, r.Origin, r.LeadID, r.CampaignID
	d.MDFRequestID, d.Custom, d.ExternalRefs = r.MDFRequestID, r.Custom, r.ExternalRefs
	registered := false
	for i := range d.Parties {
		d.Parties[i].IsRegistrant = !registered && d.Parties[i].PartnerID == d.PartnerID
		registered = registered || d.Parties[i].IsRegistrant
	}
}

// noteTiming keeps how long a person took; the portal's own clock has the last word when the deal is submitted.
func noteTiming(d *record, r *contract.Registration, now time.Time) {
	if !r.Started.IsZero() && !r.Started.After(now) {
		d.Telemetry.FormOpenedAt = r.Started.UTC()
	}
	if t := r.Timing; t.ActiveSeconds+t.FieldsTyped+t.FieldsPrefilled+len(t.Typed)+len(t.Prefilled) > 0 {
		d.Telemetry.ActiveSeconds, d.Typed, d.Filled = t.ActiveSeconds, t.Typed, t.Prefilled
		d.Telemetry.FieldsTyped, d.Telemetry.FieldsPrefilled = max(t.FieldsTyped, len(t.Typed)), max(t.FieldsPrefilled, len(t.Prefilled))
	}
	if r.TermsAccepted && d.TermsAcceptedAt.IsZero() {
		d.TermsAcceptedAt = now
	}
}

// registrationFrom reads a tree back. Members that a registration does not have are refused.
func registrationFrom(t map[string]any) (contract.Registration, error) {
	var r contract.Registration
	data, err := json.Marshal(t)
	if err != nil {
		return r, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return r, decoder.Decode(&r)
}

// difference lists the pointers at which two registrations differ: members, and those of the customer.
func difference(before, after map[string]any) []string {
	pointers := []string{}
	compare := func(prefix string, a, b map[string]any) {
		for name := range union(a, b) {
			if !reflect.DeepEqual(a[name], b[name]) {
				pointers = append(pointers, prefix+name)
			}
		}
	}
	customerBefore, _ := before["customer"].(map[string]any)
	customerAfter, _ := after["customer"].(map[string]any)
	compare("/customer/", customerBefore, customerAfter)
	compare("/", before, after)
	slices.Sort(pointers)
	return slices.DeleteFunc(pointers, func(p string) bool { return p == "/customer" })
}

func union(a, b map[string]any) map[string]struct{} {
	names := map[string]struct{}{}
	for name := range a {
		names[name] = struct{}{}
	}
	for name := range b {
		names[name] = struct{}{}
	}
	return names
}

// isField says that a pointer leads into what a partner registers.
func isField(pointer string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if !strings.HasPrefix(pointer, "/") || first == "" {
		return false
	}
	for f := range reflect.TypeFor[contract.Registration]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == first {
			return true
		}
	}
	return false
}

// stamp notes where values come from that nobody typed.
func stamp(d *contract.Deal, source partnerportal.SourceStamp, pointers ...string) {
	for _, p := range pointers {
		unstamp(d, p)
		d.Prefilled = append(d.Prefilled, contract.Prefill{Pointer: p, Source: source})
	}
}

// unstamp forgets where a value came from, because somebody typed another.
func unstamp(d *contract.Deal, pointers ...string) {
	d.Prefilled = slices.DeleteFunc(slices.Clone(d.Prefilled), func(p contract.Prefill) bool { return slices.Contains(pointers, p.Pointer) })
}
