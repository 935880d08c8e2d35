package main

import "fmt"

// bucket is where a row ends up. Every row is in exactly one.
type bucket int

const (
	pending           bucket = iota // not reached, because the run was stopped
	registered                      // by this run
	alreadyRegistered               // by an earlier one
	conflict                        // the portal found somebody before it
	refused                         // by this program or the portal
	skipped                         // closed, and closed rows were not asked for
	buckets
)

// result is what became of a row.
type result struct {
	bucket   bucket
	deal     string    // the deal's number
	findings []finding // why, for conflicts and refused rows; on registered ones what is worth knowing
}

// finding says what is wrong with a row, in the terms of its file.
type finding struct {
	Column, Value string // Column is "" when it is the row as a whole
	Rule          string // a word for the kind of finding; todo has what to do about it
	Why           string
}

func refusal(f finding) result { return result{bucket: refused, findings: []finding{f}} }

// tally counts rows by bucket.
type tally [buckets]int

func count(results []result) tally {
	var t tally
	for _, r := range results {
		t[r.bucket]++
	}
	return t
}

// String is the line that the output ends with. Programs read it: its form does not change. The total is that of the rows that
// are accounted for, which is all of them unless the run was stopped.
func (t tally) String() string {
	total := -t[pending]
	for _, n := range t {
		total += n
	}
	return fmt.Sprintf("registered=%d already_registered=%d conflicts=%d refused=%d skipped=%d total=%d",
		t[registered], t[alreadyRegistered], t[conflict], t[refused], t[skipped], total)
}

// todo is what to do about each kind of finding.
var todo = map[string]string{
	"row_unreadable":           "Mend the line, or export the file again.",
	"stage_unknown":            "Enter one of the known stages in the CRM.",
	"id_missing":               "Export the file with the opportunities' ids.",
	"id_repeated":              "Take out one of the two rows.",
	"account_missing":          "Enter the account in the CRM, and export again.",
	"account_unknown":          "Correct the name in the CRM, or add the account to the accounts file.",
	"account_unreadable":       "Mend that line of the accounts file.",
	"country_unknown":          "Enter the country in the accounts file, in English or as a code of two letters.",
	"product_missing":          "Enter the product in the CRM, and export again.",
	"product_unknown":          "Correct the name in the CRM, or add the product to the products file.",
	"product_unreadable":       "Mend that line of the products file.",
	"family_missing":           "Enter the series in the products file.",
	"price_unusable":           "Enter the price in the products file.",
	"date_malformed":           "Correct the date in the CRM, and export again.",
	"value_missing":            "Enter the amount in the CRM, and export again.",
	"value_malformed":          "Correct the amount in the CRM, and export again.",
	"value_negative":           "Correct the amount in the CRM, and export again.",
	"own_duplicate":            "Nothing, if it is one business: update the registered deal. Else close that deal first, or register the other as services.",
	"conflict_blocked":         "Take one of the ways out: narrow the scope, join as services, wait until the protection ends, or talk to the vendor.",
	"close_date_out_of_range":  "Correct the close date in the CRM, and export again.",
	"below_minimum_value":      "Nothing: the programme takes no deals as small as this.",
	"product_not_authorised":   "Ask the vendor to authorise you for the product family.",
	"territory_not_authorised": "Ask the vendor to authorise you for the country.",
	"validation_failed":        "Correct in the CRM what the portal names, and export again.",
	"reference_taken":          "Ask the vendor what became of it.",
	"conflict_open":            "Add evidence to the conflict in the portal.",
	"closing_waits":            "Run the same command again after the approval.",
	"state_differs":            "Decide which of the two is right, and change the other.",
	"closing_refused":          "Close the deal in the portal, or correct the row and run the same command again.",
}
