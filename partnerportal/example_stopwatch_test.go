package partnerportal_test

import (
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// A form that measures itself sends its time with what it was filled in for.
func ExampleStopwatch() {
	watch := partnerportal.NewStopwatch()                   // the form opens,
	watch.Prefilled("/customer/name", "/customer/domain")   // the CRM knows some of it,
	watch.Typed("/amount")                                  // the person the rest,
	watch.Typed("/expected_close_on", "/customer/domain")   // and something better
	timing := watch.Timing()                                // deals.Registration{…, Started: watch.Started(), Timing: timing}
	fmt.Println(timing.FieldsTyped, timing.FieldsPrefilled) // what a system could have known
	fmt.Println(timing.Typed, timing.Prefilled)
	// Output:
	// 3 1
	// [/amount /expected_close_on /customer/domain] [/customer/name]
}
