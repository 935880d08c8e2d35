package ledger

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/mdf"
)

// Allows says that entries of the type go this way.
func Allows(t mdf.EntryType, from, to mdf.Account) bool {
	return slices.Contains(ways[t], way{from, to})
}
