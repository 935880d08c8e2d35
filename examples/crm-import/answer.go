package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// reason is what the portal said, in its own words where it has any.
func reason(e *partnerportal.Error) string {
	parts := []string{cmp.Or(e.Detail, e.Title, string(e.Code))}
	for _, f := range e.Fields {
		parts = append(parts, cmp.Or(f.Message, f.Code)+" ("+f.Pointer+")")
	}
	return strings.Join(parts, " ")
}

// columns says which column a field of a registration was made of; the longest prefix counts.
var columns = []struct{ pointer, column string }{
	{"/customer", "account"}, {"/territory", "account"},
	{"/products", "product"},
	{"/amount", "close_value"},
	{"/expected_close_on", "close_date"},
	{"/sales_stage", "deal_stage"},
	{"/external_refs", "opportunity_id"},
}

// refusals turns the portal's objections into findings about columns.
func refusals(d *candidate, e *partnerportal.Error) []finding {
	rule := string(cmp.Or(e.Code, "refused"))
	if len(e.Fields) == 0 {
		return []finding{{Rule: rule, Why: "the portal: " + reason(e)}}
	}
	findings := make([]finding, len(e.Fields))
	for i, field := range e.Fields {
		f := finding{Rule: rule, Why: "the portal: " + cmp.Or(field.Message, field.Code) + " (" + field.Pointer + ")"}
		for _, c := range columns {
			if strings.HasPrefix(field.Pointer, c.pointer) {
				f.Column, f.Value = c.column, d.value(c.column)
			}
		}
		findings[i] = f
	}
	return findings
}

// value is what the portal was given for a column.
func (d *candidate) value(column string) string {
	switch column {
	case "account":
		return d.account.name
	case "product":
		return d.product.name
	case "close_value":
		return d.amount.String()
	case "close_date":
		return d.closedOn.String()
	case "opportunity_id":
		return d.id
	}
	return ""
}

// ownDuplicate tells of a deal that waits behind another one of the same partner.
func ownDuplicate(d *candidate, e *partnerportal.Error, byDeal map[string]*candidate) finding {
	id := deals.ExistingID(e)
	other := cmp.Or(id, "which the portal does not name")
	if first := byDeal[id]; first != nil {
		other += " of opportunity " + first.id
	}
	return finding{
		Column: "account", Value: d.account.name, Rule: string(e.Code),
		Why: fmt.Sprintf("the customer has an open deal for %s: %s", d.product.family, other),
	}
}

// blocked tells of a customer that somebody else holds, as much as the programme discloses.
func blocked(d *candidate, e *partnerportal.Error) finding {
	why := []string{"the portal: " + reason(e)}
	for _, m := range deals.MatchesOf(e) {
		said := fmt.Sprintf("held by %s, same %v, scope overlap %s", m.Holder, m.MatchedOn, m.ScopeOverlap)
		if !m.ProtectedUntil.IsZero() {
			said += ", protected until " + m.ProtectedUntil.Format(time.DateOnly)
		}
		if len(m.Options) > 0 {
			said += fmt.Sprintf(", ways out %v", m.Options)
		}
		why = append(why, said)
	}
	return finding{Column: "account", Value: d.account.name, Rule: string(e.Code), Why: strings.Join(why, "; ")}
}
