package portal

import (
	"cmp"
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/training"
)

// SeeEnrolment fails when the caller must not know of the enrolment.
func (d desk) SeeEnrolment(ctx context.Context, enrolmentID string) error {
	_, err := d.training.Get(ctx, enrolmentID)
	return err
}

// DecideEnrolment records how an attempt ended and returns the enrolment's status then.
func (d desk) DecideEnrolment(ctx context.Context, id string, how *sandbox.EnrolmentSimulation) (string, error) {
	result := &training.Result{Score: how.Score, Evidence: cmp.Or(how.Text, simulated)}
	switch how.Action {
	case sandbox.EnrolmentActionComplete:
		result.Outcome = training.OutcomeCompleted
	case sandbox.EnrolmentActionFail:
		result.Outcome = training.OutcomeFailed
	default:
		return "", fmt.Errorf("the contract lets an attempt end by %q, the desk cannot", how.Action)
	}
	e, err := d.training.RecordResult(ctx, id, "", result)
	if err != nil {
		return "", err
	}
	return string(e.Status), nil
}
