package quotes

// Input is what the line says, to be said again in the lines of a [Patch]: what a line that is there does not say is cleared.
func (l *Line) Input() LineInput {
	in := LineInput{ID: l.ID, Quantity: l.Quantity, TermMonths: l.TermMonths, StartsOn: l.StartsOn, Optional: l.Optional, Adjustment: l.Adjustment, Note: l.Note}
	if l.ConfigurationID == "" {
		in.SKU = l.SKU
	}
	return in
}

// SpecialQuantity is how many units of the line have the price of the special pricing.
func (l *Line) SpecialQuantity() int {
	for _, c := range l.Components {
		if c.Kind != ComponentKindSpecialBid {
			continue
		}
		if c.Quantity == 0 {
			return l.Quantity
		}
		return c.Quantity
	}
	return 0
}
