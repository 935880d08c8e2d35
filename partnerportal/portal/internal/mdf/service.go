// Package mdf is the portal's room for market development funds: the vendor allocates, partners ask and claim, and every cent is
// accounted for.
//
// Where money can be and which ways it can go is in the package ledger below; states.go is the table of what may happen. A [purse]
// is an allocation that an operation works on, and the only place from which money moves; it is saved once, with the entries that
// moved it. Everything works on the transaction of the [call.Call] in the context. Locks are taken in this order: claim, request,
// fund, allocation.
package mdf

import contract "github.com/partnerportal/partnerportal-go/mdf"

// Service implements the mdf operations of the contract.
type Service struct{}

var _ contract.Server = (*Service)(nil)

// New returns a Service.
func New() *Service { return &Service{} }
