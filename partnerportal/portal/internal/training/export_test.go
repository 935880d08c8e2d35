package training

import (
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// Told is what was told of an enrolment.
type Told struct{ told }

// Tell adds a record, unless it contradicts the course.
func (t *Told) Tell(course *contract.Course, r source.Record) {
	n, refusal := settle(course, r.Verb, r.Score, r.Progress)
	if refusal != "" {
		return
	}
	n.attempt.At, n.attempt.Source = r.At, partnerportal.SourceStamp{RecordID: r.ID}
	t.add(n)
}

// Where is where the enrolment stands by it.
func (t *Told) Where(retriedAt time.Time) (status contract.Status, completedAt time.Time, score string, attempts []contract.Attempt) {
	v := t.verdict(retriedAt)
	return v.status, v.completedAt, v.score, v.attempts
}

// Cell is a text that no spreadsheet takes for a formula.
func Cell(text string) string { return cell(text) }
