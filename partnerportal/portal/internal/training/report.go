package training

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// defaultAhead is how many days ahead a report looks when nothing is said.
const defaultAhead = 90

// scope is what a report is about.
type scope struct {
	partnerID string // "" for everybody
	days      int
	horizon   time.Time
}

func (w *work) scope(partnerID string, days int) (scope, error) {
	if days == 0 {
		days = defaultAhead
	}
	r := scope{partnerID, days, w.Now.Add(time.Duration(days) * day)}
	if w.Caller.Side != partnerportal.SidePartner {
		return r, nil
	}
	if partnerID != "" && partnerID != w.Caller.PartnerID {
		return r, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners.")
	}
	r.partnerID = w.Caller.PartnerID
	return r, nil
}

// Report counts who is due.
func (s *Service) Report(ctx context.Context, params *contract.ReportParams) (*contract.Report, error) {
	w := begin(ctx)
	r, err := w.scope(params.PartnerID, params.WithinDays)
	if err != nil {
		return nil, err
	}
	n, err := w.Tx.CountTraining(ctx, store.CountTrainingParams{PartnerID: r.partnerID, Now: store.Micros(w.Now), Horizon: store.Micros(r.horizon)})
	if err != nil {
		return nil, err
	}
	people, err := w.Tx.CountLearners(ctx, r.partnerID)
	if err != nil {
		return nil, err
	}
	stamp, err := s.stamp(ctx, w)
	return &contract.Report{
		AsOf: w.Now, PartnerID: r.partnerID, WithinDays: r.days, LMS: stamp,
		Counts: contract.ReportCounts{
			Learners: int(people), Open: int(n.StillOpen), Due: int(n.Due), Overdue: int(n.Overdue), Completed: int(n.Completed),
			Expiring: int(n.Expiring), Expired: int(n.Expired),
		},
	}, err
}

// ListReportLines returns a page of what a report counts, the most urgent first.
func (s *Service) ListReportLines(ctx context.Context, params *contract.ListReportLinesParams) (*contract.ReportLinePage, error) {
	w := begin(ctx)
	r, err := w.scope(params.PartnerID, params.WithinDays)
	if err != nil {
		return nil, err
	}
	lines, next, err := w.lines(ctx, r, params.Kind, store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment})
	return &contract.ReportLinePage{Items: lines, Page: partnerportal.PageInfo{NextCursor: next}}, err
}

// lines reads a page of a report. What is due now is not for the query to say: a cursor is of one query, and the next page is asked for later.
func (w *work) lines(ctx context.Context, r scope, kinds []contract.LineKind, page store.Page) (lines []contract.ReportLine, next string, err error) {
	q := store.Query{Table: "enrolments", Sort: "attention_at", Page: page}
	q.Where("attention_at > 0")
	q.Where("learner_id IN (SELECT id FROM learners WHERE status = 'active')")
	if r.partnerID != "" {
		q.Where("partner_id = ?", r.partnerID)
	}
	found, next, err := store.List(ctx, w.Tx, q, func(dest func(...any) error) (*enrolment, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return nil, err
		}
		return decodeEnrolment(doc)
	})
	if err != nil {
		return nil, "", err
	}
	people, err := w.peopleOf(ctx, found)
	if err != nil {
		return nil, "", err
	}
	lines = []contract.ReportLine{}
	for _, e := range found {
		line, at, err := w.line(ctx, e, people[e.LearnerID])
		if err != nil {
			return nil, "", err
		}
		if at.After(r.horizon) {
			if page.Segment == "" { // the rest is later still
				next = ""
			}
			continue
		}
		if len(kinds) == 0 || slices.Contains(kinds, line.Kind) {
			lines = append(lines, line)
		}
	}
	return lines, next, nil
}

// peopleOf are the names of those who are enrolled, by their ids.
func (w *work) peopleOf(ctx context.Context, found []*enrolment) (map[string]string, error) {
	names := map[string]string{}
	for _, e := range found {
		names[e.LearnerID] = ""
	}
	if len(names) == 0 { // or else it would be everybody
		return names, nil
	}
	q := store.Query{Table: "learners", Sort: "created_at", Page: store.Page{Limit: len(names)}}
	store.WhereIn(&q, "id", slices.Sorted(maps.Keys(names)))
	all, _, err := list[contract.Learner](ctx, w, q)
	for _, l := range all {
		names[l.ID] = l.Name
	}
	return names, err
}

// line is why an enrolment is in a report, and as of when.
func (w *work) line(ctx context.Context, e *enrolment, learner string) (line contract.ReportLine, at time.Time, err error) {
	p, err := w.program(ctx, e.PartnerID)
	if err != nil {
		return line, at, err
	}
	line = contract.ReportLine{
		PartnerID: e.PartnerID, LearnerID: e.LearnerID, LearnerName: learner, EnrolmentID: e.ID, CourseID: e.CourseID, PathID: e.PathID, Status: e.Status,
		Mandatory: e.Mandatory, On: e.ExpiresOn,
	}
	soon, late := contract.LineKindExpiring, contract.LineKindExpired
	if e.open() {
		line.On, soon, late = e.DueOn, contract.LineKindDue, contract.LineKindOverdue
	}
	at, line.Kind, line.DaysLeft = p.EndOfDay(line.On), soon, line.On.DaysSince(p.Today(w.Now))
	if !at.After(w.Now) {
		line.Kind = late
	}
	line.Code, line.Title, err = w.title(ctx, e.target())
	return line, at, err
}

// title is what a course or path is called.
func (w *work) title(ctx context.Context, t target) (code, title string, err error) {
	if t.courseID != "" {
		course, err := w.course(ctx, t.courseID)
		if err != nil {
			return "", "", err
		}
		return course.Code, course.Title, nil
	}
	path, err := w.path(ctx, t.pathID)
	if err != nil {
		return "", "", err
	}
	return path.Code, path.Title, nil
}

// ExportReport returns the lines of a report for a spreadsheet.
func (s *Service) ExportReport(ctx context.Context, params *contract.ExportReportParams) (*partnerportal.Download, error) {
	w := begin(ctx)
	r, err := w.scope(params.PartnerID, params.WithinDays)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	_ = out.Write([]string{"kind", "on", "days_left", "partner_id", "learner_id", "learner", "code", "title", "status", "mandatory"}) // to memory
	page := store.Page{Limit: 1000}
	for {
		lines, next, err := w.lines(ctx, r, nil, page)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			_ = out.Write([]string{
				string(l.Kind), l.On.String(), strconv.Itoa(l.DaysLeft), l.PartnerID, l.LearnerID, cell(l.LearnerName), cell(l.Code), cell(l.Title),
				string(l.Status), strconv.FormatBool(l.Mandatory),
			})
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	out.Flush()
	return &partnerportal.Download{
		ReadCloser: io.NopCloser(bytes.NewReader(b.Bytes())), Name: "training-" + partnerportal.DateOf(w.Now).String() + ".csv", MediaType: "text/csv",
		Size: int64(b.Len()),
	}, out.Error()
}

// cell is a text that no spreadsheet takes for a formula.
func cell(text string) string {
	if strings.IndexAny(strings.TrimSpace(text), "=+-@＝＋－＠") == 0 {
		return "'" + text
	}
	return text
}
