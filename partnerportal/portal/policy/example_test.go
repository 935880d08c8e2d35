package policy_test

import (
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func ExampleDefault() {
	rules := policy.Default()
	fmt.Println(rules.ID, rules.Deal.ProtectionDays, rules.Deal.ExpiringNoticeDays, rules.Deal.Disclosure)
	// Output: default 90 [30 14 7 1] existence
}

// A deadline that is a day ends at midnight where the programme is, not where the portal runs.
func ExampleProgram_EndOfDay() {
	rules := policy.Default()
	rules.TimeZone = "America/New_York"
	fmt.Println(rules.EndOfDay(partnerportal.Date{Year: 2027, Month: 2, Day: 20}).Format(time.RFC3339))
	// Output: 2027-02-21T05:00:00Z
}

func ExampleProgram_Today() {
	rules := policy.Default()
	rules.TimeZone = "Asia/Tokyo"
	fmt.Println(rules.Today(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)))
	// Output: 2026-11-23
}
