package training

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// void takes back a record, also one that is yet to be told. What it was taken for is told by [Service.Unlearn]: a reading may bring another record in
// its place, so that nothing has to end and begin again.
func (w *work) void(ctx context.Context, system, id string) error {
	isNew, err := w.Tx.KeepTrainingRecord(ctx, store.KeepTrainingRecordParams{System: system, ID: id, State: recordVoided})
	if err != nil || isNew > 0 {
		return err
	}
	for _, from := range []struct{ state, becomes string }{{recordWaits, recordVoided}, {recordTaken, recordVoiding}} { // in which order it may change meanwhile
		changed, err := w.Tx.VoidTrainingRecord(ctx, store.VoidTrainingRecordParams{System: system, ID: id, State: from.state, Becomes: from.becomes})
		if err != nil || changed > 0 {
			return err
		}
	}
	return nil
}

// ToUnlearn are the enrolments for which records were taken that are taken back.
func ToUnlearn(ctx context.Context, tx *store.Tx) (ids []string, err error) {
	return tx.EnrolmentsToUnlearn(ctx)
}

// Unlearn works out anew where enrolments stand of which a system has taken records back.
func (s *Service) Unlearn(ctx context.Context, system string, ids []string) error {
	w := begin(ctx)
	for _, id := range ids {
		if err := w.unlearn(ctx, system, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) unlearn(ctx context.Context, system, id string) error {
	e, err := w.hold(ctx, id)
	if err != nil {
		return err
	}
	voided, err := w.Tx.VoidedTrainingRecords(ctx, id)
	if err != nil || voided == 0 { // somebody else was faster
		return err
	}
	left, err := w.toldStill(ctx, e)
	if err != nil {
		return err
	}
	was, is := e.Told.verdict(e.RetriedAt), left.verdict(e.RetriedAt)
	before := e.Enrolment
	if at := e.Told.RegisteredAt; !at.Equal(left.RegisteredAt) && at.Equal(e.EnrolledAt) {
		if e.EnrolledAt = left.RegisteredAt; e.EnrolledAt.IsZero() && e.AssignedAt.IsZero() {
			e.EnrolledAt = e.CreatedAt
		}
	}
	e.Told, e.StartedAt, e.ProgressPercent, e.Attempts = left, left.StartedAt, left.Progress, is.shown()
	e.Source = partnerportal.SourceStamp{System: system, Kind: source.KindLMS, AsOf: w.Now, FetchedAt: w.Now}
	var seat string
	switch {
	case is.status == completed && !e.CompletedAt.IsZero():
		e.Source = is.source
		err = w.complete(ctx, e, is)
	case is.status != was.status && e.Status != withdrawn:
		seat, err = w.stepBack(ctx, e, is.status)
	}
	if err != nil {
		return err
	}
	if err := w.saveVoided(ctx, e, before); err != nil {
		return err
	}
	if tries := len(before.Attempts) - len(e.Attempts); tries > 0 && before.Status == withdrawn {
		if err := w.giveBack(ctx, e, tries); err != nil {
			return err
		}
	}
	if err := w.promote(ctx, seat); err != nil {
		return err
	}
	if err := w.retrace(ctx, e); err != nil {
		return err
	}
	l, err := w.alive(ctx, e.LearnerID)
	if err != nil || l == nil {
		return err
	}
	return w.applyRules(ctx, l) // what a rule asks for may have counted as done
}

// toldStill is what is known of an enrolment by the records that stand, and by the vendor.
func (w *work) toldStill(ctx context.Context, e *enrolment) (left told, err error) {
	records, err := w.Tx.TrainingRecordsOfEnrolment(ctx, e.ID)
	if err != nil {
		return left, err
	}
	type name struct{ system, id string }
	gone := map[name]bool{}
	for _, r := range records {
		if r.State != recordTaken { // or is being voided at this moment
			gone[name{r.System, r.ID}] = true
			continue
		}
		var k kept
		if err := decode(r.Doc, &k); err != nil {
			return left, err
		}
		left.note(k.Verb, k.At, k.Progress)
	}
	for _, try := range e.Told.Tries {
		if !gone[name{try.Source.System, try.Source.RecordID}] {
			left.note(source.VerbCompleted, try.At, 0)
			left.Tries = append(left.Tries, try)
		}
	}
	return left, nil
}

// stepBack puts an enrolment where what is left of it says; nobody is asked for what is over, or for what another one is there for. A session is
// returned that somebody has left.
func (w *work) stepBack(ctx context.Context, e *enrolment, status contract.Status) (seat string, err error) {
	over := e.Status == expired || e.RenewedBy != "" || e.Idle
	all, err := w.enrolmentsOf(ctx, e.LearnerID)
	if err != nil {
		return "", err
	}
	if other := openFor(all, e.target()); other != nil && other.ID != e.ID {
		over = true
	}
	if status == "" || status == enrolled && e.CourseID != "" && e.Told.RegisteredAt.IsZero() {
		if status, err = w.untold(ctx, e); err != nil {
			return "", err
		}
	}
	if over || status == withdrawn {
		if seat, err = w.leaveSeat(ctx, e); err != nil {
			return "", err
		}
		status, e.WithdrawnAt, e.RuleID, e.Mandatory = withdrawn, w.Now, "", false
		e.Reason = "The learning system has taken back what it had told of it."
	}
	e.Status, e.CompletedAt, e.Score, e.ExpiresOn = status, time.Time{}, "", partnerportal.Date{}
	return seat, w.succeed(ctx, e)
}

// untold is where an enrolment stands of which nothing was told: what only the learning system has begun, nobody has.
func (w *work) untold(ctx context.Context, e *enrolment) (contract.Status, error) {
	course, err := w.course(ctx, e.CourseID)
	switch {
	case err != nil:
		return "", err
	case e.Heard && e.RuleID == "":
		return withdrawn, nil
	case e.Heard, e.EnrolledAt.IsZero(), inClass(course) && e.Seat != seated:
		return assigned, nil
	}
	return enrolled, nil
}

// saveVoided stores an enrolment of which something was taken back, and tells what that has changed.
func (w *work) saveVoided(ctx context.Context, e *enrolment, before contract.Enrolment) error {
	if err := w.save(ctx, e); err != nil {
		return err
	}
	switch {
	case e.Status == before.Status && e.CompletedAt.Equal(before.CompletedAt):
		return nil
	case e.Status == before.Status:
		return w.tell(ctx, e, contract.EventUpdated, nil, "/completed_at")
	}
	if err := w.tellWith(ctx, e, contract.EventVoided, feed.TrainingVoided{
		LearnerID: e.LearnerID, CourseID: e.CourseID, PathID: e.PathID, CompletedAt: before.CompletedAt,
	}, nil, "/status"); err != nil {
		return err
	}
	p, err := w.program(ctx, e.PartnerID)
	if err != nil || !w.overdue(e, p) {
		return err
	}
	return w.Tx.PutTimer(ctx, store.PutTimerParams{Kind: overdueDeadline, ResourceID: e.ID, DueAt: store.Micros(w.Now)}) // which had passed without effect
}
