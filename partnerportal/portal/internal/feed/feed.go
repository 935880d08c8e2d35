// Package feed is the portal's change feed: events are written in the transaction of the change they tell of, numbered without
// gaps in the order of the commits, and delivered to subscribers inside the portal before that transaction ends.
package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Audience is who may read an event.
type Audience string

// The audiences.
const (
	Both    Audience = "both"
	Partner Audience = "partner"
	Vendor  Audience = "vendor"
)

// Everyone stands for all partners, as the owner of what each of them may read.
const Everyone = "*"

// Event is something that happened to a resource.
type Event struct {
	ID            string
	Sequence      int64
	Type          string // such as deal.approved
	ResourceType  string // deal, lead
	ResourceID    string
	Revision      int64
	PartnerID     string // whose resource it is; "" when it is nobody's yet, [Everyone] when it is for all partners
	Audience      Audience
	Facts         map[string]any // what words for people are made of; no personal data
	Payload       any            // for subscribers only, such as LeadConversion; never stored, so it may be personal
	ChangedFields []string       // JSON pointers
	State         string         // of the resource when the whole change was made
	PartnerState  string         // the same as the partner sees it; "" where that is no other
	Actor         partnerportal.Actor
	OccurredAt    time.Time
	RequestID     string
}

// Payload is what an event carries for its subscribers. Of another kind it is an error: the event was emitted by somebody who meant something else.
func Payload[T any](e Event) (T, error) {
	payload, ok := e.Payload.(T)
	if !ok {
		return payload, fmt.Errorf("%s of %s carries %T", e.Type, e.ResourceID, e.Payload)
	}
	return payload, nil
}

// LeadConversion is the Payload of lead.converted: what the deals room makes a draft of.
type LeadConversion struct {
	DealID       string                    // the id that the draft gets; the lead names it already
	Registration json.RawMessage           // of the contract's DealRegistration form
	Source       partnerportal.SourceStamp // where the prefilled values come from
	Prefilled    []string                  // JSON pointers into Registration of the values that nobody typed
}

// Timed is the Payload of what a person sent with a form: how long that took. A zero Started says that nobody opened one.
type Timed struct {
	Flow      string // such as deal_registration
	ProgramID string // under which it was sent
	Started   time.Time
	Timing    partnerportal.Timing // as it was reported
	Filled    []string             // JSON pointers of what was filled in, by the form and by the portal
}

// DealWon is the Payload of deal.won.
type DealWon struct {
	ProgramID string
	Amount    partnerportal.Money
	ClosedAt  time.Time          // 24:00 of ClosedOn when that is a day in the past
	ClosedOn  partnerportal.Date // in the programme's time zone
}

// HoldingMoved is delivered to subscribers, and never stored, when a credential comes to count for a partner, counts for longer, or counts no
// more. Its Payload is a [Holding].
const HoldingMoved = "holding.moved"

// Holding says who holds what at a partner.
type Holding struct {
	PartnerID, DefinitionID, HolderID string

	Held       bool      // or no more
	ValidUntil time.Time // zero for ever
}

// TrainingCompleted is the Payload of training.completed: a course or a learning path, of which the other is "".
type TrainingCompleted struct {
	LearnerID, PartnerID string
	CourseID, PathID     string
	Score                string
	At                   time.Time // when the learner did it, which the learning system may tell late
}

// TrainingVoided is the Payload of training.voided: the learning system has taken back what it had told of a course or a learning path, of which
// the other is "".
type TrainingVoided struct {
	LearnerID        string
	CourseID, PathID string
	CompletedAt      time.Time // as which it counted; zero when it did not
}

// LearnerMoved is the Payload of learner.left and learner.returned.
type LearnerMoved struct {
	LearnerID, PartnerID string
}

// RenewalRequested is the Payload of credential.renewal_requested: what the learner has to do again, and by when.
type RenewalRequested struct {
	CredentialID, DefinitionID string
	LearnerID, PartnerID       string
	CourseIDs, PathIDs         []string
	DueAt                      time.Time
}

// Subscriber acts on an event in the transaction that caused it; an error undoes the whole.
type Subscriber func(ctx context.Context, e Event) error

// Feed delivers events to subscribers.
type Feed struct {
	subscribers map[string][]Subscriber
}

// New returns a Feed without subscribers.
func New() *Feed { return &Feed{subscribers: map[string][]Subscriber{}} }

// Subscribe lets s act on events of a type. All subscriptions are made before the first event.
func (f *Feed) Subscribe(eventType string, s Subscriber) {
	f.subscribers[eventType] = append(f.subscribers[eventType], s)
}

// Deliver hands an event to its subscribers.
func (f *Feed) Deliver(ctx context.Context, e Event) error {
	for _, s := range f.subscribers[e.Type] {
		if err := s(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Append stores events. It must be the last thing a transaction does: the sequence is a counter row that stays locked until
// the commit, so that numbers become visible in their order and a reader behind a cursor misses none.
func Append(ctx context.Context, tx *store.Tx, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	last, err := tx.AdvanceCounter(ctx, store.AdvanceCounterParams{Name: "events", Step: int64(len(events))})
	if err != nil {
		return err
	}
	recordedAt := store.Micros(time.Now())
	for i, e := range events {
		facts, err := encode(e.Facts)
		if err != nil {
			return err
		}
		actor, err := encode(e.Actor)
		if err != nil {
			return err
		}
		changed, err := encode(e.ChangedFields)
		if err != nil {
			return err
		}
		if err := tx.InsertEvent(ctx, store.InsertEventParams{
			Sequence: last - int64(len(events)-1-i), ID: ids.New(ids.Event, e.OccurredAt),
			Type: e.Type, ResourceType: e.ResourceType, ResourceID: e.ResourceID, Revision: e.Revision,
			PartnerID: e.PartnerID, Audience: string(e.Audience), Actor: actor, Facts: facts, ChangedFields: changed,
			RequestID: e.RequestID, OccurredAt: store.Micros(e.OccurredAt), RecordedAt: recordedAt, State: e.State, PartnerState: e.PartnerState,
		}); err != nil {
			return err
		}
	}
	return nil
}

func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}
