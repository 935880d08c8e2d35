package training

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// List returns a page of enrolments, those of a partner's own people.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.EnrolmentPage, error) {
	w := begin(ctx)
	q := store.Query{Table: "enrolments", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if err := w.ownOnly(&q, params.PartnerID); err != nil {
		return nil, err
	}
	q.UpdatedSince(params.UpdatedSince)
	if params.Mandatory {
		q.Where("rule_id <> ''")
	}
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "learner_id", params.LearnerID)
	store.WhereIn(&q, "course_id", params.CourseID)
	store.WhereIn(&q, "path_id", params.PathID)
	store.WhereIn(&q, "session_id", params.SessionID)
	found, page, err := list[enrolment](ctx, w, q)
	if err != nil {
		return nil, err
	}
	items := make([]contract.Enrolment, len(found))
	for i := range found {
		seen, err := s.view(ctx, w, &found[i])
		if err != nil {
			return nil, err
		}
		items[i] = *seen
	}
	return &contract.EnrolmentPage{Items: items, Page: page}, nil
}

// Get returns an enrolment.
func (s *Service) Get(ctx context.Context, enrolmentID string) (*contract.Enrolment, error) {
	w := begin(ctx)
	e, err := w.enrolment(ctx, enrolmentID)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, w, e)
}

// ListActivity returns what happened to an enrolment.
func (s *Service) ListActivity(ctx context.Context, enrolmentID string, params *contract.ListActivityParams) (*partnerportal.ActivityPage, error) {
	w := begin(ctx)
	e, err := w.enrolment(ctx, enrolmentID)
	if err != nil {
		return nil, err
	}
	page := store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}
	return feed.Timeline(ctx, w.Tx, e.ID, w.Caller.Side, e.PartnerID, page, words)
}

// sentences tell what happened.
var sentences = map[string]string{
	contract.EventAssigned:   "The learner was asked to take part.",
	contract.EventEnrolled:   "The learner was enrolled.",
	contract.EventWaitlisted: "The learner waits for a seat.",
	contract.EventSeatLost:   "The learner has no seat any more.",
	contract.EventStarted:    "The learner has begun.",
	contract.EventCompleted:  "The learner has completed it.",
	contract.EventFailed:     "The learner has failed.",
	contract.EventUpdated:    "The enrolment was changed.",
	contract.EventDueSoon:    "The learner was reminded that it is due.",
	contract.EventOverdue:    "It is overdue.",
	contract.EventExpiring:   "The learner was reminded that it ends to count.",
	contract.EventExpired:    "Having completed it counts no longer.",
	contract.EventWithdrawn:  "The learner takes part no longer.",
	contract.EventVoided:     "The learning system has taken back what it had told.",
}

func words(e feed.Event, _ partnerportal.Side) string { return sentences[e.Type] }
