package leads

import (
	"context"
	"strings"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// fill gives the lead the content that somebody brought in, all but the references, which have an owner.
func (d *dossier) fill(ctx context.Context, c *call.Call, body *leads.NewLead) error {
	d.Title, d.Summary, d.Organization, d.Contact = body.Title, body.Summary, body.Organization, body.Contact
	d.Consent, d.Origin, d.ProductInterest = body.Consent, body.Origin, body.ProductInterest
	d.EstimatedValue, d.Rating, d.Qualification = body.EstimatedValue, body.Rating, body.Qualification
	d.Territory, d.ProgramID, d.Source = body.Territory, body.ProgramID, body.Source
	return d.check(ctx, c)
}

// check refuses what the contract's schemas cannot.
func (d *dossier) check(ctx context.Context, c *call.Call) error {
	var wrong []partnerportal.FieldError
	complain := func(pointer, code, message string) { wrong = append(wrong, problem.Field(pointer, code, message)) }

	d.Organization.Masked, d.Contact.Masked = false, false // the portal's to say
	if strings.TrimSpace(d.Title) == "" {
		complain("/title", "required", "Say what the lead is about.")
	}
	if strings.TrimSpace(d.Organization.Name) == "" {
		complain("/organization/name", "required", "Name the company.")
	}
	if country := d.Organization.Country; country != "" {
		if _, err := match.Country(country); err != nil {
			complain("/organization/country", "invalid_value", "Give an ISO 3166-1 alpha-2 country code.")
		}
	}
	if d.Territory != "" {
		if _, err := match.Territory(d.Territory); err != nil {
			complain("/territory", "invalid_value", `Give a country or a region of one, such as "US" or "US-CA".`)
		}
	}
	if d.EstimatedValue.Sign() < 0 {
		complain("/estimated_value", "out_of_range", "A value cannot be negative.")
	}
	if wrong != nil {
		return invalid(wrong...)
	}
	_, err := d.rules(ctx, c) // the programme must exist
	return err
}
