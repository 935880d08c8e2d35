package quotes

import (
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// DriftOf returns what differs between a quote and what it would be now, of a refusal with [ErrPriceChanged] by any package, and nil of
// any other error.
func DriftOf(err error) *Drift {
	d, ok := partnerportal.ExtensionOf[Drift](err, "drift")
	if !ok || !errors.Is(err, ErrPriceChanged) {
		return nil
	}
	return &d
}

// Missing is what a partner lacks to sell a product: a credential that its people must hold, or a tier.
type Missing struct {
	Kind                   string `json:"kind"`                               // credential or tier
	CredentialDefinitionID string `json:"credential_definition_id,omitempty"` // of a credential
	ProgramID              string `json:"program_id,omitempty"`               // whose tiers they are
	TierRankMin            int    `json:"tier_rank_min,omitempty"`            // the least rank that it must have, of a tier
	TierRank               int    `json:"tier_rank,omitempty"`                // the rank that it has
}

// MissingOf returns what the partner lacks, of a refusal with [ErrProductNotAuthorised], and nil of any other error.
func MissingOf(err error) []Missing {
	missing, ok := partnerportal.ExtensionOf[[]Missing](err, "missing")
	if !ok || !errors.Is(err, ErrProductNotAuthorised) {
		return nil
	}
	return missing
}

// ReplacementOf returns the SKU of the product that takes the place of one that is not sold any more, of a refusal with
// [ErrProductEndOfSale], and "" when there is none, or of any other error.
func ReplacementOf(err error) string {
	sku, ok := partnerportal.ExtensionOf[string](err, "replacement")
	if !ok || !errors.Is(err, ErrProductEndOfSale) {
		return ""
	}
	return sku
}

// ViolationsOf returns the rules that configurations break, of a refusal with [ErrConfigurationInvalid], and nil of any other error.
func ViolationsOf(err error) []Violation {
	violations, ok := partnerportal.ExtensionOf[[]Violation](err, "violations")
	if !ok || !errors.Is(err, ErrConfigurationInvalid) {
		return nil
	}
	return violations
}

// LatestOf returns the id of the last version, of a refusal with [ErrNotLatestVersion], and "" of any other error.
func LatestOf(err error) string {
	id, ok := partnerportal.ExtensionOf[string](err, "latest_id")
	if !ok || !errors.Is(err, ErrNotLatestVersion) {
		return ""
	}
	return id
}

// Remaining is what is left of a special price.
type Remaining struct {
	SpecialPricingID string `json:"special_pricing_id"`
	LineID           string `json:"line_id"` // of the special pricing
	SKU              string `json:"sku"`
	Remaining        int    `json:"remaining"` // units that can still be ordered
	Wanted           int    `json:"wanted"`    // units that were to be ordered
}

// exhausted is the code with which an order is refused that wants more of a special price than is left. Package orders has its sentinel.
const exhausted = partnerportal.ErrorCode("special_pricing_exhausted")

// RemainingOf returns what is left of the special prices of which an order wants too much, of a refusal with special_pricing_exhausted, and
// nil of any other error.
func RemainingOf(err error) []Remaining {
	remaining, ok := partnerportal.ExtensionOf[[]Remaining](err, "remaining")
	if !ok || !errors.Is(err, exhausted) {
		return nil
	}
	return remaining
}

// GlyphsOf returns the characters that no font of the portal has, of a refusal with [ErrGlyphMissing], and "" of any other error.
func GlyphsOf(err error) string {
	characters, ok := partnerportal.ExtensionOf[string](err, "characters")
	if !ok || !errors.Is(err, ErrGlyphMissing) {
		return ""
	}
	return characters
}
