// Package program is the portal's room for the vendor's desk: programmes, partners, memberships, and measurement.
//
// What the other rooms need of it stands in package directory, which they read; what they do that concerns it, such as a won deal, comes
// over the feed (results.go). A membership's term, its notices and its grace period are timers (terms.go).
package program

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// Service implements the programme operations of the contract.
type Service struct {
	forget func() // makes the portal ask anew who may act
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that calls forget when a partner's access has changed.
func New(forget func()) *Service { return &Service{forget} }

// What the feed calls the resources.
const (
	programResource    = "program"
	partnerResource    = "partner"
	membershipResource = "membership"
)

// load returns a programme that is named in a path.
func load(ctx context.Context, c *call.Call, programID string) (*contract.Program, error) {
	if _, err := c.Tx.Program(ctx, programID); err != nil {
		return nil, call.OrNotFound(err, "programme")
	}
	return directory.Load(ctx, c.Tx, programID)
}

func onlyPartner(c *call.Call) error {
	if c.Caller.Side == partnerportal.SidePartner {
		return nil
	}
	return problem.WrongSide(c.Caller.Side)
}
