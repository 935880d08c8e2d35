package quotes_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/quotes"
)

// What a refusal tells is there for its code alone, and never an error of its own.
func TestRefusals(t *testing.T) {
	t.Parallel()
	drift := problem(http.StatusConflict, quotes.ErrPriceChanged, map[string]any{"drift": map[string]any{"quote_id": "quo_1", "before": usd("2"), "after": usd("3")}})
	missing := problem(http.StatusForbidden, quotes.ErrProductNotAuthorised, map[string]any{"missing": []any{map[string]any{"kind": "tier", "program_id": "default", "tier_rank_min": 3, "tier_rank": 1}}})
	ended := problem(http.StatusUnprocessableEntity, quotes.ErrProductEndOfSale, map[string]any{"replacement": "SRV-1"})
	broken := problem(http.StatusUnprocessableEntity, quotes.ErrConfigurationInvalid, map[string]any{"violations": []any{map[string]any{"rule_id": "psu", "message": "m"}}})
	older := problem(http.StatusConflict, quotes.ErrNotLatestVersion, map[string]any{"latest_id": "quo_2"})
	spent := problem(http.StatusConflict, "special_pricing_exhausted", map[string]any{"remaining": []any{map[string]any{"sku": "SRV-1", "remaining": 2, "wanted": 5}}})
	glyphs := problem(http.StatusUnprocessableEntity, quotes.ErrGlyphMissing, map[string]any{"characters": "株式"})

	assert.Equal(t, usd("3"), quotes.DriftOf(drift).After)
	assert.Equal(t, []quotes.Missing{{Kind: "tier", ProgramID: "default", TierRankMin: 3, TierRank: 1}}, quotes.MissingOf(missing))
	assert.Equal(t, "SRV-1", quotes.ReplacementOf(ended))
	assert.Equal(t, []quotes.Violation{{RuleID: "psu", Message: "m"}}, quotes.ViolationsOf(broken))
	assert.Equal(t, "quo_2", quotes.LatestOf(older))
	assert.Equal(t, []quotes.Remaining{{SKU: "SRV-1", Remaining: 2, Wanted: 5}}, quotes.RemainingOf(spent))
	assert.Equal(t, "株式", quotes.GlyphsOf(glyphs))

	strange := problem(http.StatusConflict, quotes.ErrPriceChanged, map[string]any{"drift": "much"})
	for _, err := range []error{nil, errors.New("other"), strange, drift, missing, ended, broken, older, spent, glyphs} {
		if !errors.Is(err, quotes.ErrPriceChanged) || errors.Is(err, strange) {
			assert.Nil(t, quotes.DriftOf(err))
		}
		if !errors.Is(err, missing) {
			assert.Nil(t, quotes.MissingOf(err))
		}
		if !errors.Is(err, ended) {
			assert.Empty(t, quotes.ReplacementOf(err))
		}
		if !errors.Is(err, broken) {
			assert.Nil(t, quotes.ViolationsOf(err))
		}
		if !errors.Is(err, older) {
			assert.Empty(t, quotes.LatestOf(err))
		}
		if !errors.Is(err, spent) {
			assert.Nil(t, quotes.RemainingOf(err))
		}
		if !errors.Is(err, glyphs) {
			assert.Empty(t, quotes.GlyphsOf(err))
		}
	}
}

func TestSpecialQuantity(t *testing.T) {
	t.Parallel()
	line := quotes.Line{Quantity: 10, Components: []quotes.Component{{Kind: quotes.ComponentKindList}}}
	assert.Zero(t, line.SpecialQuantity())
	line.Components = append(line.Components, quotes.Component{Kind: quotes.ComponentKindSpecialBid})
	assert.Equal(t, 10, line.SpecialQuantity(), "all of the line when the component does not say for how many")
	line.Components[1].Quantity = 4
	assert.Equal(t, 4, line.SpecialQuantity())
}
