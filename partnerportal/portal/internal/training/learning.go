package training

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// skew is how far another system's clock may be ahead.
const skew = 5 * time.Minute

// The states of a record that was told.
const (
	recordWaits   = "waiting" // for its person or course
	recordTaken   = "taken"
	recordRefused = "refused"
)

// kept is a record as it is stored, without its person.
type kept struct {
	PartnerID string      `json:"partner_id,omitzero"`
	Course    string      `json:"course"`
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
	k := kept{PartnerID: r.PartnerID, Course: r.Course, Verb: r.Verb, At: r.At.UTC().Truncate(time.Microsecond), Score: r.Score, Progress: r.Progress}
	doc, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	news, err := w.Tx.KeepTrainingRecord(ctx, store.KeepTrainingRecordParams{
		System: system, ID: r.ID, State: recordWaits, Person: secret(r.Person), Course: r.Course, At: store.Micros(k.At), Doc: string(doc),
	})
	if err != nil || news == 0 {
		return "", err
	}
	return w.match(ctx, system, r.ID, secret(r.Person), k)
}

// malformed says what is wrong with a record, or "".
func malformed(r source.Record, now time.Time) string {
	switch {
	case !plain(r.ID, 255):
		return "its id is no plain text of up to 255 characters"
	case !plain(r.Person, 255):
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

// secret is how the person of a record that waits is kept, "" for nobody: the learning system knows many people who are nobody's here.
func secret(person string) string {
	name := folded(person)
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// match finds the learner and the course of a record, and adds it to what is known of the enrolment. One of which there is none waits.
func (w *work) match(ctx context.Context, system, id, key string, k kept) (refusal string, err error) {
	l, refusal, err := w.personOf(ctx, key, k.PartnerID)
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
	state := recordTaken
	if refusal != "" {
		state = recordRefused
	} else {
		n.attempt.At = k.At
		n.attempt.Source = partnerportal.SourceStamp{System: system, Kind: source.KindLMS, RecordID: id, AsOf: k.At, FetchedAt: w.Now}
		if err := w.hearOf(ctx, l, target{courseID: course.ID}, n); err != nil {
			return "", err
		}
	}
	return refusal, w.Tx.SettleTrainingRecord(ctx, store.SettleTrainingRecordParams{System: system, ID: id, State: state, LearnerID: l.ID})
}

// hearOf adds a piece of news to the enrolment that it is about.
func (w *work) hearOf(ctx context.Context, l *contract.Learner, t target, n news) error {
	if err := w.lockLearner(ctx, l.ID); err != nil {
		return err
	}
	all, err := w.enrolmentsOf(ctx, l.ID)
	if err != nil {
		return err
	}
	e := chosen(all, t, n)
	if e == nil {
		e = w.newEnrolment(l, t, enrolled)
		e.EnrolledAt = n.attempt.At
	}
	return w.learn(ctx, e, n)
}

// personOf finds the learner whom a record means: by who it is in the learning system, or by its e-mail address. An address that several
// partners claim, or one in another partner's own domain, is nobody's, or else a partner could take the credit for other partners' people.
func (w *work) personOf(ctx context.Context, key, partnerID string) (l *contract.Learner, refusal string, err error) {
	byRef, err := w.people(ctx, w.Tx.LearnersByLMSRef, key, partnerID)
	if err != nil || len(byRef) == 1 {
		return first(byRef), "", err
	}
	byEmail, err := w.people(ctx, w.Tx.LearnersByEmail, key, partnerID)
	if err != nil || len(byEmail) == 0 {
		return nil, "", err
	}
	if partnerID == "" {
		if byEmail, err = w.ofOwners(ctx, byEmail); err != nil {
			return nil, "", err
		}
	}
	if len(byEmail) != 1 {
		return nil, "several partners, or one whose domain it is not, claim its person", nil
	}
	return byEmail[0], "", nil
}

func (w *work) people(ctx context.Context, find func(context.Context, string) ([]string, error), key, partnerID string) ([]*contract.Learner, error) {
	docs, err := find(ctx, key)
	if err != nil {
		return nil, err
	}
	var found []*contract.Learner
	for _, doc := range docs {
		l, err := directory.DecodeLearner(doc)
		if err != nil {
			return nil, err
		}
		if partnerID == "" || l.PartnerID == partnerID {
			found = append(found, l)
		}
	}
	return found, nil
}

func first(found []*contract.Learner) *contract.Learner {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// ofOwners are the learners of one address whose partner has the address's domain, or the nearest one above it; all of them when nobody has one,
// or nobody can, such as a free mailer's.
func (w *work) ofOwners(ctx context.Context, found []*contract.Learner) ([]*contract.Learner, error) {
	host, err := match.Domain(found[0].Email)
	if err != nil {
		return found, nil //nolint:nilerr // it says that the domain identifies nobody
	}
	for domain := host.Name; ; _, domain, _ = strings.Cut(domain, ".") {
		holders, err := w.Tx.PartnersOfDomain(ctx, domain)
		if err != nil {
			return nil, err
		}
		owners := map[string]bool{}
		for _, holder := range holders {
			if holder.Status != string(program.PartnerStatusTerminated) && holder.Status != string(program.PartnerStatusRejected) {
				owners[holder.ID] = true
			}
		}
		if len(owners) > 0 {
			return slices.DeleteFunc(found, func(l *contract.Learner) bool { return !owners[l.PartnerID] }), nil
		}
		if domain == host.Site {
			return found, nil
		}
	}
}

// recognise takes the records that have waited for a person.
func (w *work) recognise(ctx context.Context, l *contract.Learner) error {
	for _, name := range []string{l.Email, l.LMSUserRef} {
		rows, err := w.Tx.TrainingRecordsOfPerson(ctx, secret(name)) // of nobody there are none
		if err != nil {
			return err
		}
		for _, row := range rows {
			var k kept
			if err := decode(row.Doc, &k); err != nil {
				return err
			}
			if _, err := w.match(ctx, row.System, row.ID, row.Person, k); err != nil {
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
