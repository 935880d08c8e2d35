package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// skew is how far another system's clock may be ahead.
const skew = 5 * time.Minute

// The states of a record that was told.
const (
	recordWaits   = "waiting" // for its person or course
	recordTaken   = "taken"
	recordRefused = "refused"
	recordVoiding = "voiding" // taken back, and the enrolment that it was taken for does not know yet
	recordVoided  = "voided"
)

// kept is a record as it is stored, without its person. Of one that was taken it is what that meant, for which enrolments are worked out anew when
// another one is taken back.
type kept struct {
	PartnerID string      `json:"partner_id,omitzero"`
	Course    string      `json:"course,omitzero"`
	Verb      source.Verb `json:"verb"`
	At        time.Time   `json:"at"`
	Score     string      `json:"score,omitzero"`
	Progress  int         `json:"progress,omitzero"`
}

// TakeRecords takes what the learning system says that people did, the earliest first, and says what of it contradicts the portal. A record that
// was told before is no news.
func (s *Service) TakeRecords(ctx context.Context, system string, records []source.Record) (conflicts []string, err error) {
	w := begin(ctx)
	for _, r := range slices.SortedFunc(slices.Values(records), func(a, b source.Record) int { return a.At.Compare(b.At) }) {
		refusal, err := w.takeRecord(ctx, system, r)
		if err != nil {
			return nil, err
		}
		if refusal != "" {
			conflicts = append(conflicts, fmt.Sprintf("The record %s is not taken: %s.", clip(r.ID, 100), refusal))
		}
	}
	return conflicts, nil
}

func (w *work) takeRecord(ctx context.Context, system string, r source.Record) (refusal string, err error) {
	if refusal := malformed(r, w.Now); refusal != "" {
		return refusal, nil
	}
	if r.Verb == source.VerbVoided {
		return "", w.void(ctx, system, r.ID)
	}
	k := kept{PartnerID: r.PartnerID, Course: r.Course, Verb: r.Verb, At: r.At.UTC().Truncate(time.Microsecond), Score: r.Score, Progress: r.Progress}
	doc, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	person := whoIs(r.Person)
	news, err := w.Tx.KeepTrainingRecord(ctx, store.KeepTrainingRecordParams{
		System: system, ID: r.ID, State: recordWaits, Person: person.name, Home: person.home, Course: r.Course, At: store.Micros(k.At), Doc: string(doc),
	})
	if err != nil || news == 0 {
		return "", err
	}
	return w.match(ctx, system, r.ID, person, k)
}

// malformed says what is wrong with a record, or "".
func malformed(r source.Record, now time.Time) string {
	switch {
	case !plain(r.ID, 255):
		return "its id is no plain text of up to 255 characters"
	case r.Verb == source.VerbVoided:
		return ""
	case !plain(r.Person, 511) || !plain(accountName(r.Person), 255):
		return "its person is no plain text of up to 255 characters"
	case !plain(r.Course, 255):
		return "its course is no plain text of up to 255 characters"
	case r.PartnerID != "" && !plain(r.PartnerID, 64):
		return "its partner is no plain text of up to 64 characters"
	case !slices.Contains([]source.Verb{source.VerbRegistered, source.VerbInitialized, source.VerbProgressed, source.VerbCompleted, source.VerbPassed, source.VerbFailed}, r.Verb):
		return fmt.Sprintf("the portal does not know the verb %q", clip(string(r.Verb), 40))
	case r.At.IsZero() || r.At.After(now.Add(skew)):
		return "it is of no time, or of one that is yet to come"
	case r.Score != "" && !source.IsPercent(r.Score):
		return "its score is no percentage"
	case r.Progress < 0 || r.Progress > 100:
		return "its progress is no percentage"
	}
	return ""
}

func plain(s string, most int) bool {
	return strings.TrimSpace(s) != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// match finds the learner and the course of a record, and adds it to what is known of the enrolment. One of which there is none waits.
func (w *work) match(ctx context.Context, system, id string, person who, k kept) (refusal string, err error) {
	l, refusal, err := w.personOf(ctx, person, k.PartnerID)
	if err != nil || l == nil {
		return refusal, err
	}
	doc, err := w.Tx.CourseByCode(ctx, k.Course)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	course := new(contract.Course)
	if err := decode(doc, course); err != nil {
		return "", err
	}
	n, refusal := settle(course, k.Verb, k.Score, k.Progress)
	if refusal != "" {
		_, err := w.Tx.SettleTrainingRecord(ctx, store.SettleTrainingRecordParams{System: system, ID: id, State: recordRefused, LearnerID: l.ID})
		return refusal, err
	}
	if err := w.lockLearner(ctx, l.ID); err != nil { // before anything of it is written
		return "", err
	}
	if err := w.bind(ctx, l, person); err != nil {
		return "", err
	}
	n.attempt.At = k.At
	n.attempt.Source = partnerportal.SourceStamp{System: system, Kind: source.KindLMS, RecordID: id, AsOf: k.At, FetchedAt: w.Now}
	return "", w.hearOf(ctx, l, target{courseID: course.ID}, n)
}

// hearOf adds what a record says to the enrolment that it is about, unless it was taken back meanwhile. The learner must be ours.
func (w *work) hearOf(ctx context.Context, l *contract.Learner, t target, n news) error {
	all, err := w.enrolmentsOf(ctx, l.ID)
	if err != nil {
		return err
	}
	e := chosen(all, t, n)
	if e == nil {
		e = w.newEnrolment(l, t, enrolled)
		e.EnrolledAt, e.Heard = n.attempt.At, true
	}
	doc, err := json.Marshal(kept{Verb: n.verb, At: n.attempt.At, Progress: n.progress})
	if err != nil {
		return err
	}
	settled, err := w.Tx.SettleTrainingRecord(ctx, store.SettleTrainingRecordParams{
		System: n.attempt.Source.System, ID: n.attempt.Source.RecordID, State: recordTaken, LearnerID: l.ID, EnrolmentID: e.ID, Doc: string(doc),
	})
	if err != nil || settled == 0 {
		return err
	}
	return w.learn(ctx, e, n)
}

// recognise takes the records that have waited for a person.
func (w *work) recognise(ctx context.Context, l *contract.Learner) error {
	for _, name := range []string{secret(l.Email), whoIs(l.LMSUserRef).name} {
		rows, err := w.Tx.TrainingRecordsOfPerson(ctx, name) // of nobody there are none
		if err != nil {
			return err
		}
		for _, row := range rows {
			var k kept
			if err := decode(row.Doc, &k); err != nil {
				return err
			}
			if _, err := w.match(ctx, row.System, row.ID, who{row.Person, row.Home}, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// hear has the records taken, soon, that have waited for a course.
func (w *work) hear(ctx context.Context, code string) error {
	people, err := w.Tx.LearnersWaitingForCourse(ctx, code)
	if err != nil {
		return err
	}
	return soon(ctx, w.Call, heardDeadline, people...)
}

// recogniseLearner takes the records that have waited of a learner.
func (w *work) recogniseLearner(ctx context.Context, id string) error {
	if err := w.lockLearner(ctx, id); err != nil {
		return err
	}
	l, err := w.alive(ctx, id)
	if err != nil || l == nil {
		return err
	}
	return w.recognise(ctx, l)
}
