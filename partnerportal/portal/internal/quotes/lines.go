package quotes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// mostLines is how many lines a quote may have, those of configurations included.
const mostLines = 2000

// setLines replaces the lines. Those that are named are kept, with what is said of them; a line of a configuration follows the line that
// it belongs to.
func (d *dossier) setLines(ctx context.Context, c *call.Call, said []contract.LineInput, before []contract.Line) error {
	b := newBuilder(said, before)
	for i, in := range said {
		in.Quantity = max(in.Quantity, 1)
		if err := b.add(ctx, c, fmt.Sprintf("/lines/%d", i), in); err != nil {
			return err
		}
		if len(b.lines) > mostLines {
			return problem.Invalid("/lines", "too_many", fmt.Sprintf("A quote has at most %d lines, those of configurations included.", mostLines))
		}
	}
	if len(b.lines) == 0 {
		return problem.Invalid("/lines", "required", "Give the products, or a deal, a configuration or a quote that has some.")
	}
	d.Lines = b.lines
	return nil
}

// builder puts the lines of a quote together.
type builder struct {
	before []contract.Line
	was    map[string]*contract.Line     // before, by id
	said   map[string]contract.LineInput // of those that were there before, by id
	seen   map[string]bool               // which of them have been added
	lines  []contract.Line
}

func newBuilder(said []contract.LineInput, before []contract.Line) *builder {
	b := &builder{before: before, was: map[string]*contract.Line{}, said: map[string]contract.LineInput{}, seen: map[string]bool{}}
	for i := range before {
		b.was[before[i].ID] = &before[i]
	}
	for _, in := range said {
		if in.ID != "" {
			b.said[in.ID] = in
		}
	}
	return b
}

func (b *builder) add(ctx context.Context, c *call.Call, at string, in contract.LineInput) error {
	if in.ID == "" {
		return b.fresh(ctx, c, at, in)
	}
	was := b.was[in.ID]
	switch {
	case was == nil:
		return problem.Invalid(at+"/id", "invalid_value", "The quote has no such line; leave the id out for a new one.")
	case b.seen[in.ID]:
		return problem.Invalid(at+"/id", "duplicate_key", "Name each line once.")
	}
	b.seen[in.ID] = true
	switch {
	case in.SKU != "" && in.SKU != was.SKU:
		return problem.Invalid(at+"/sku", "not_permitted", "A line keeps its product; leave the id out for another one.")
	case in.ConfigurationID != "" && in.ConfigurationID != was.ConfigurationID:
		return problem.Invalid(at+"/configuration_id", "not_permitted", "A line keeps its configuration; leave the id out for another one.")
	case was.ParentLineID != "":
		return b.follows(at, in, was)
	}
	in.SKU, in.ConfigurationID = was.SKU, was.ConfigurationID
	if was.ConfigurationID != "" {
		if in.TermMonths == 0 {
			in.TermMonths, in.StartsOn = termOf(b.before, was.ID)
		}
		return b.configured(ctx, c, at, in)
	}
	b.lines = append(b.lines, lineOf(in))
	return nil
}

// follows passes over a line of a configuration: it comes with the line that it belongs to, which takes over what is said of it.
func (b *builder) follows(at string, in contract.LineInput, was *contract.Line) error {
	if in.Quantity != was.Quantity {
		return problem.Invalid(at+"/quantity", "not_permitted", "The configuration says how many; change the line that it belongs to.")
	}
	return nil
}

func (b *builder) fresh(ctx context.Context, c *call.Call, at string, in contract.LineInput) error {
	if (in.SKU == "") == (in.ConfigurationID == "") {
		return problem.Invalid(at+"/sku", "required", "Give a SKU or a configuration.")
	}
	in.ID = ids.New(ids.QuoteLine, c.Now)
	if in.ConfigurationID != "" {
		return b.configured(ctx, c, at, in)
	}
	b.lines = append(b.lines, lineOf(in))
	return nil
}

func lineOf(in contract.LineInput) contract.Line {
	return contract.Line{
		ID: in.ID, SKU: in.SKU, Quantity: in.Quantity, TermMonths: in.TermMonths, StartsOn: in.StartsOn, ConfigurationID: in.ConfigurationID,
		Optional: in.Optional, Adjustment: in.Adjustment, Note: in.Note,
	}
}

// configured adds the lines of a configuration, as many times as the line says. Lines that were there keep their ids.
func (b *builder) configured(ctx context.Context, c *call.Call, at string, in contract.LineInput) error {
	kept, err := readConfiguration(ctx, c, at+"/configuration_id", in.ConfigurationID)
	if err != nil {
		return err
	}
	if !kept.Result.Valid {
		return invalidConfiguration(in.ID, kept)
	}
	skus := make([]string, len(kept.Result.Lines))
	for i, l := range kept.Result.Lines {
		skus[i] = l.SKU
	}
	products, err := offer.Products(ctx, c.Tx, skus, c.Now)
	if err != nil {
		return err
	}
	for _, part := range kept.Result.Lines {
		l := lineOf(in)
		l.SKU, l.Quantity = part.SKU, part.Quantity*in.Quantity
		if l.Quantity/in.Quantity != part.Quantity || l.Quantity > mostUnits {
			return problem.Invalid(at+"/quantity", "out_of_range", fmt.Sprintf("A line has at most %d units, those of configurations included.", mostUnits))
		}
		if part.ParentSKU != "" {
			l.ID, l.ParentLineID = b.childID(c, in.ID, part.SKU), in.ID
			l.Adjustment, l.Note = b.ofChild(l.ID)
		}
		if p := products[part.SKU]; p != nil && !slices.Contains(p.Billing.Terms, in.TermMonths) {
			l.TermMonths, l.StartsOn = 0, partnerportal.Date{} // it is sold once, whatever the others are
		}
		b.lines = append(b.lines, l)
	}
	return nil
}

// readConfiguration returns a configuration of the caller's, which is named at a pointer.
func readConfiguration(ctx context.Context, c *call.Call, at, id string) (*catalog.Configuration, error) {
	kept, err := offer.Configuration(ctx, c.Tx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err != nil || kept.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid(at, "invalid_value", "You have no configuration of this id.")
	}
	return kept, nil
}

// termOf is the contract that the lines of a configuration have, those that have one.
func termOf(lines []contract.Line, parentID string) (months int, startsOn partnerportal.Date) {
	for _, l := range lines {
		if (l.ID == parentID || l.ParentLineID == parentID) && l.TermMonths > 0 {
			return l.TermMonths, l.StartsOn
		}
	}
	return 0, partnerportal.Date{}
}

// mostUnits is how many units a line may have.
const mostUnits = 1_000_000_000

// childID is the id that a line of a configuration had, or a new one.
func (b *builder) childID(c *call.Call, parentID, sku string) string {
	i := slices.IndexFunc(b.before, func(l contract.Line) bool { return l.ParentLineID == parentID && l.SKU == sku })
	if i < 0 {
		return ids.New(ids.QuoteLine, c.Now)
	}
	return b.before[i].ID
}

// ofChild is what is decided and printed of a line of a configuration: what is said of it, or else what there was.
func (b *builder) ofChild(id string) (contract.Adjustment, string) {
	if in, ok := b.said[id]; ok {
		return in.Adjustment, in.Note
	}
	if was := b.was[id]; was != nil {
		return was.Adjustment, was.Note
	}
	return contract.Adjustment{}, ""
}

// invalidConfiguration refuses a configuration that was kept although it breaks rules.
func invalidConfiguration(lineID string, kept *catalog.Configuration) error {
	var violations []contract.Violation
	for _, v := range kept.Result.Violations {
		if v.Severity == catalog.SeverityError {
			violations = append(violations, contract.Violation{LineID: lineID, ConfigurationID: kept.ID, RuleID: v.RuleID, Message: v.Message})
		}
	}
	for _, p := range kept.Result.ProductErrors {
		violations = append(violations, contract.Violation{LineID: lineID, ConfigurationID: kept.ID, Message: cmp.Or(p.Message, p.SKU+" cannot be sold.")})
	}
	e := problem.New(http.StatusUnprocessableEntity, contract.ErrConfigurationInvalid, "The configuration breaks rules. Change it, and quote what comes of it.")
	return problem.With(e, "violations", violations)
}
