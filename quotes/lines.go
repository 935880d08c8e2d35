package quotes

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
