package training

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

const (
	// oneTry is within what failures are one attempt: learning systems tell some twice, of the exam and of the course around it.
	oneTry = time.Minute
	// oneCompletion is within what completions are one: a system that says "completed" and "passed" means the same.
	oneCompletion = 24 * time.Hour
	// mostShown is how many attempts an enrolment shows, the latest.
	mostShown = 50
	// mostTries is how many are kept.
	mostTries = 500
)

// told is what is known of an enrolment from outside. Pieces of news are added in any order, and make the same.
type told struct {
	RegisteredAt time.Time          `json:"registered_at,omitzero"`
	StartedAt    time.Time          `json:"started_at,omitzero"` // first
	ResumedAt    time.Time          `json:"resumed_at,omitzero"` // last
	Progress     int                `json:"progress,omitzero"`
	Tries        []contract.Attempt `json:"tries,omitempty"` // all of them, the oldest first
}

// news is one piece: what a record or the vendor says.
type news struct {
	verb     source.Verb // of completed and passed, only completed
	progress int
	attempt  contract.Attempt // with when and who says so, whatever the verb
}

// add notes a piece of news.
func (t *told) add(n news) {
	t.note(n.verb, n.attempt.At, n.progress)
	if n.attempt.Outcome == "" {
		return
	}
	t.Tries = append(t.Tries, n.attempt)
	slices.SortFunc(t.Tries, func(a, b contract.Attempt) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Source.RecordID, b.Source.RecordID))
	})
	t.Tries = t.Tries[max(0, len(t.Tries)-mostTries):]
}

// note notes since when and how far somebody is.
func (t *told) note(verb source.Verb, at time.Time, progress int) {
	switch verb {
	case source.VerbRegistered:
		t.RegisteredAt = earlier(t.RegisteredAt, at)
	case source.VerbInitialized, source.VerbProgressed:
		t.StartedAt, t.Progress = earlier(t.StartedAt, at), max(t.Progress, progress)
		if at.After(t.ResumedAt) {
			t.ResumedAt = at
		}
	case source.VerbCompleted, source.VerbFailed:
		t.StartedAt = earlier(t.StartedAt, at)
	}
}

// verdict is where an enrolment stands by what was told.
type verdict struct {
	status      contract.Status // "" while nothing was told
	completedAt time.Time
	score       string
	source      partnerportal.SourceStamp // of the completion
	attempts    []contract.Attempt
}

// shown are the attempts that an enrolment shows.
func (v verdict) shown() []contract.Attempt {
	return append([]contract.Attempt{}, v.attempts[max(0, len(v.attempts)-mostShown):]...)
}

// verdict works it out. What was told of before retriedAt, when the learner began anew, has failed no longer.
func (t *told) verdict(retriedAt time.Time) verdict {
	var v verdict
	var failedAt time.Time
	for _, try := range t.Tries {
		last := len(v.attempts) - 1
		switch {
		case try.Outcome == contract.OutcomeCompleted && !v.completedAt.IsZero() && try.At.Sub(v.completedAt) <= oneCompletion:
			if v.score == "" {
				v.score, v.attempts[last].Score = try.Score, try.Score
			}
			continue
		case try.Outcome == contract.OutcomeCompleted:
			v.completedAt, v.score, v.source = try.At, try.Score, try.Source
		case !v.completedAt.IsZero() && try.At.Sub(v.completedAt) <= oneCompletion, last >= 0 && !failedAt.IsZero() && try.At.Sub(failedAt) <= oneTry:
			continue
		default:
			failedAt = try.At
		}
		try.Number = len(v.attempts) + 1
		v.attempts = append(v.attempts, try)
	}
	switch {
	case !v.completedAt.IsZero():
		v.status = completed
	case !failedAt.IsZero() && failedAt.After(retriedAt) && !t.ResumedAt.After(failedAt):
		v.status = failed
	case !t.StartedAt.IsZero() && (retriedAt.IsZero() || t.ResumedAt.After(retriedAt)):
		v.status = inProgress
	case !t.RegisteredAt.IsZero() || !retriedAt.IsZero():
		v.status = enrolled
	}
	return v
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// settle says what a verb and a score mean in a course: news, or why they contradict each other.
func settle(course *contract.Course, verb source.Verb, score string, progress int) (n news, refusal string) {
	n = news{verb: verb, progress: progress, attempt: contract.Attempt{Score: score}}
	enough := course.PassScore == "" || score != "" && hundredths(score) >= hundredths(course.PassScore)
	switch {
	case verb == source.VerbPassed && score != "" && !enough:
		return n, "it says passed with a score of " + score + " %, and the course wants " + course.PassScore + " %"
	case verb == source.VerbPassed, verb == source.VerbCompleted && enough:
		n.verb, n.attempt.Outcome = source.VerbCompleted, contract.OutcomeCompleted
	case verb == source.VerbCompleted && score == "": // to the end, and the exam is to come
		n.verb, n.progress = source.VerbProgressed, 100
	case verb == source.VerbCompleted, verb == source.VerbFailed:
		n.verb, n.attempt.Outcome = source.VerbFailed, contract.OutcomeFailed
	}
	return n, ""
}

// hundredths are a percentage with up to two decimals as a whole number. What was checked before is one.
func hundredths(percent string) int {
	whole, decimals, _ := strings.Cut(percent, ".")
	n, _ := strconv.Atoi(whole + (decimals + "00")[:2])
	return n
}
