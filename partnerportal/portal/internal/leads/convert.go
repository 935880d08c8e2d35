package leads

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
)

// Convert turns a lead into the draft of a deal. The deals room makes the draft, in this transaction, when it hears of it; this
// room only chooses its id. A second call changes nothing and answers the same.
func (s *Service) Convert(ctx context.Context, leadID, ifMatch string, body *leads.Conversion) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openFor(ctx, c, leadID, leads.ActionConvert)
	if err != nil {
		return nil, err
	}
	if err := d.mine(c, leads.ActionConvert); err != nil {
		return nil, err
	}
	if d.Status == leads.StatusConverted {
		return d.answer(c), nil
	}
	if err := d.ready(c, leads.ActionConvert, ifMatch); err != nil {
		return nil, err
	}
	if !d.Consent.MayContact {
		return nil, consentMissing(http.StatusConflict)
	}
	conversion, err := d.conversion(c, body)
	if err != nil {
		return nil, err
	}
	if err := d.enter(partnerportal.SidePartner, leads.ActionConvert, leads.StatusConverted); err != nil {
		return nil, err
	}
	d.ConvertedDealID = conversion.DealID
	if err := d.finish(ctx, c, happened{
		event: leads.EventConverted, partnerID: d.PartnerID,
		facts: map[string]any{"deal_id": conversion.DealID}, payload: conversion,
	}); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// conversion is the registration that a lead makes, and where its values come from.
func (d *dossier) conversion(c *call.Call, body *leads.Conversion) (feed.LeadConversion, error) {
	known, typed := d.registration(), overrides(body)
	registration := map[string]any{}
	var prefilled []string
	for name, value := range known {
		registration[name] = value
		if _, also := typed[name]; !also {
			prefilled = append(prefilled, pointers("/"+name, value)...)
		}
	}
	maps.Copy(registration, typed)
	slices.Sort(prefilled)
	data, err := json.Marshal(registration)
	if err != nil {
		return feed.LeadConversion{}, err
	}
	source := d.Source
	if source.System == "" {
		source = partnerportal.SourceStamp{System: "partnerportal", Kind: "portal", RecordID: d.ID, AsOf: d.UpdatedAt}
	}
	source.FetchedAt = c.Now
	return feed.LeadConversion{DealID: ids.New(ids.Deal, c.Now), Registration: data, Source: source, Prefilled: prefilled}, nil
}

// registration is what the lead knows of its deal, in the members of the contract's DealRegistration. The programme is not among
// them: a deal is registered under the partner's own, whatever the rules by which the lead was distributed.
func (d *dossier) registration() map[string]any {
	org, person := d.Organization, d.Contact
	address := org.Address
	address.Region = cmp.Or(address.Region, org.Region)
	customer := members{}
	customer.put("name", org.Name)
	customer.put("domain", org.Domain)
	customer.put("duns", org.DUNS)
	customer.put("country", org.Country)
	customer.put("industry", org.Industry)
	if address != (partnerportal.Address{}) {
		customer["address"] = address
	}
	if len(org.ExternalRefs) > 0 {
		customer["external_refs"] = org.ExternalRefs
	}
	m := members{"customer": map[string]any(customer), "origin": "vendor_lead"}
	if d.Direction == up {
		m["origin"] = "partner"
	}
	if person != (leads.Contact{}) {
		m["contacts"] = []partnerportal.Contact{{
			GivenName: person.GivenName, FamilyName: person.FamilyName, Email: person.Email, Phone: person.Phone, Title: person.Title, Primary: true,
		}}
	}
	m.put("name", d.Title)
	m.put("lead_id", d.ID)
	m.put("campaign_id", d.Origin.CampaignID)
	m.put("territory", territory(&d.Lead))
	if len(d.ProductInterest) > 0 {
		m["products"] = products(d.ProductInterest)
	}
	if !d.EstimatedValue.IsZero() {
		m["amount"] = d.EstimatedValue
	}
	return m
}

// overrides is what the partner adds when it converts.
func overrides(body *leads.Conversion) map[string]any {
	m := members{}
	m.put("name", body.Name)
	if !body.Amount.IsZero() {
		m["amount"] = body.Amount
	}
	if !body.ExpectedCloseOn.IsZero() {
		m["expected_close_on"] = body.ExpectedCloseOn
	}
	if len(body.ProductFamilies) > 0 {
		m["products"] = products(body.ProductFamilies)
	}
	if body.DealExternalRef != (partnerportal.ExternalRef{}) {
		m["external_refs"] = []partnerportal.ExternalRef{body.DealExternalRef}
	}
	return m
}

func products(families []string) []map[string]any {
	lines := make([]map[string]any, len(families))
	for i, family := range families {
		lines[i] = map[string]any{"family": family}
	}
	return lines
}

// members is a JSON object under construction.
type members map[string]any

func (m members) put(name, value string) {
	if value != "" {
		m[name] = value
	}
}

// pointers are the JSON pointers of what counts as one value each: the members of an object, everything else whole.
func pointers(at string, value any) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{at}
	}
	var all []string
	for name, member := range object {
		all = append(all, pointers(at+"/"+name, member)...)
	}
	return all
}
