package sandbox

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// SimulateEnrolment plays what a learner whom the caller can see has learned.
func (s *Service) SimulateEnrolment(ctx context.Context, enrolmentID string, body *sandbox.EnrolmentSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, enrolmentID, s.desk.SeeEnrolment, func() (string, error) { return s.desk.DecideEnrolment(ctx, enrolmentID, body) })
}
