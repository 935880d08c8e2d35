package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/training"
)

// Learner returns one of the partners' people, or [store.ErrNotFound].
func Learner(ctx context.Context, tx *store.Tx, id string) (*training.Learner, error) {
	doc, err := tx.Learner(ctx, id)
	if err != nil {
		return nil, err
	}
	return DecodeLearner(doc)
}

// LockLearner makes this transaction the only one that changes what a learner does and holds. It is one lock for all rooms: training leads to
// credentials and renewals to training, so with one for each they would wait for each other.
func LockLearner(ctx context.Context, tx *store.Tx, id string) error {
	return tx.Lock(ctx, "learner "+id)
}

// DecodeLearner reads a stored learner. What the caller may do with it is not there.
func DecodeLearner(doc string) (*training.Learner, error) {
	l := new(training.Learner)
	if err := json.Unmarshal([]byte(doc), l); err != nil {
		return nil, fmt.Errorf("a learner: %w", err)
	}
	return l, nil
}

// Completion is a course or a learning path that a learner has completed; the id of the other is "".
type Completion struct {
	EnrolmentID, CourseID, PathID string

	At        time.Time
	ExpiresAt time.Time // zero for never
}

// Completions returns what a learner has completed that counts at an instant, the earliest first.
func Completions(ctx context.Context, tx *store.Tx, learnerID string, at time.Time) ([]Completion, error) {
	rows, err := tx.CompletedEnrolments(ctx, learnerID)
	if err != nil {
		return nil, err
	}
	var all []Completion
	for _, r := range rows {
		if r.ExpiresAt == 0 || r.ExpiresAt > store.Micros(at) {
			all = append(all, Completion{r.ID, r.CourseID, r.PathID, store.Time(r.CompletedAt), store.Time(r.ExpiresAt)})
		}
	}
	return all, nil
}
