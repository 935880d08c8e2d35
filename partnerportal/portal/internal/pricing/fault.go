package pricing

import (
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Fault is why a line cannot be priced.
type Fault struct {
	Line        int // its place in the quote
	LineID, SKU string
	Code        partnerportal.ErrorCode // of the refusal
	Drift       contract.DriftCode      // of a quote that could be ordered before
	Message     string
	Missing     []catalog.Missing // what the partner lacks
	Replacement string            // the product that is sold instead
}

// refuse answers with the first fault, and with all fields of its kind.
func refuse(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	first := faults[0]
	e := problem.New(http.StatusUnprocessableEntity, first.Code, first.Message)
	for _, f := range faults {
		if f.Code == first.Code {
			e.Fields = append(e.Fields, problem.Field(fmt.Sprintf("/lines/%d/sku", f.Line), "invalid_value", f.Message))
		}
	}
	return first.Explain(e)
}

// Explain adds to a refusal what the caller can do about it.
func (f *Fault) Explain(e *partnerportal.Error) *partnerportal.Error {
	switch {
	case f.Missing != nil:
		return problem.With(e, "missing", f.Missing)
	case f.Replacement != "":
		return problem.With(e, "replacement", f.Replacement)
	}
	return e
}
