package quoting

import (
	"context"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Violations are the rules of now that the configurations of a quote break; warnings are none.
func Violations(ctx context.Context, tx *store.Tx, models *offer.Models, q *quotes.Quote, now time.Time) ([]quotes.Violation, error) {
	rules, err := rulesFor(ctx, tx, models, q, now)
	if err != nil {
		return nil, err
	}
	var broken []quotes.Violation
	for i := range q.Lines {
		l := &q.Lines[i]
		if !configured(l) {
			continue
		}
		validation := rules.validate(l.ConfigurationID)
		if validation == nil {
			broken = append(broken, quotes.Violation{
				LineID: l.ID, ConfigurationID: l.ConfigurationID, Message: l.SKU + " cannot be configured any more.",
			})
			continue
		}
		for _, v := range validation.Violations {
			if v.Severity == catalog.SeverityError {
				broken = append(broken, quotes.Violation{LineID: l.ID, ConfigurationID: l.ConfigurationID, RuleID: v.RuleID, Message: v.Message})
			}
		}
	}
	return broken, nil
}

// configured says that a line stands for a configuration, and not for a part of one.
func configured(l *quotes.Line) bool { return l.ConfigurationID != "" && l.ParentLineID == "" }

// rules are what the configurations of a quote are held against. They are read at once, however many lines there are.
type rules struct {
	kept     map[string]*catalog.Configuration // by id
	models   map[string]*configure.Model       // by SKU, in the last version
	products map[string]*catalog.Product       // by SKU
}

func rulesFor(ctx context.Context, tx *store.Tx, models *offer.Models, q *quotes.Quote, now time.Time) (*rules, error) {
	var ids, skus []string
	for i := range q.Lines {
		if l := &q.Lines[i]; configured(l) {
			ids = append(ids, l.ConfigurationID)
		}
	}
	if len(ids) == 0 {
		return &rules{}, nil
	}
	r := &rules{models: map[string]*configure.Model{}}
	var err error
	if r.kept, err = offer.Configurations(ctx, tx, ids); err != nil {
		return nil, err
	}
	for _, c := range r.kept {
		for _, s := range c.Result.Selections {
			skus = append(skus, s.SKU)
		}
		if _, known := r.models[c.SKU]; known {
			continue
		}
		if r.models[c.SKU], err = models.Load(ctx, tx, c.SKU, 0); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	r.products, err = offer.Products(ctx, tx, skus, now)
	return r, err
}

// validate holds a configuration against the last version of its model, and the products against their lifecycle. It is nil for one that cannot be
// configured any more.
func (r *rules) validate(id string) *catalog.Validation {
	kept := r.kept[id]
	if kept == nil || r.models[kept.SKU] == nil {
		return nil
	}
	return r.models[kept.SKU].Validate(kept.Result.Selections, func(sku string) bool {
		p := r.products[sku]
		return p == nil || p.Lifecycle == catalog.LifecycleActive
	})
}
