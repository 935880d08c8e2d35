package orders

import contract "github.com/partnerportal/partnerportal-go/quotes/orders"

// What the test of the bounds looks at.

func CheckStep(l *contract.Line, step *contract.Fulfilment) error { return checkStep(l, step) }
