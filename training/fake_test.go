package training_test

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/training"
)

// academy stands in for a portal: it has a course that needs another one, and a class that is full. What it does not do, no test asks of
// it.
type academy struct {
	training.Server
}

func (*academy) AddLearner(_ context.Context, body *training.NewLearner) (*training.Learner, error) {
	if body.Email == "ada@acme.com" && body.Name != "Ada Lovelace" {
		return nil, refused(training.ErrDuplicateLearner, "existing_id", "lrn_1")
	}
	return &training.Learner{ID: "lrn_1", PartnerID: "par_1", Status: training.LearnerStatusActive, Name: body.Name, Email: body.Email, Roles: body.Roles}, nil
}

func (*academy) Enrol(_ context.Context, body *training.NewEnrolment) (*training.Enrolment, error) {
	switch {
	case body.CourseID == "crs_expert":
		return nil, refused(training.ErrPrerequisite, "missing", []string{"crs_basics"})
	case body.SessionID != "" && !body.Waitlist:
		return nil, refused(training.ErrNoSeats, "waitlist_open", true)
	case body.SessionID != "":
		return &training.Enrolment{ID: "enr_2", LearnerID: body.LearnerID, CourseID: body.CourseID, SessionID: body.SessionID, Status: training.StatusWaitlisted, WaitlistPosition: 1}, nil
	}
	return &training.Enrolment{ID: "enr_1", LearnerID: body.LearnerID, CourseID: body.CourseID, Status: training.StatusEnrolled}, nil
}

func (*academy) ListReportLines(_ context.Context, params *training.ListReportLinesParams) (*training.ReportLinePage, error) {
	day := partnerportal.Date{Year: 2026, Month: time.December, Day: 31}
	if params.WithinDays < 60 {
		return &training.ReportLinePage{}, nil
	}
	return &training.ReportLinePage{Items: []training.ReportLine{
		{Kind: training.LineKindOverdue, LearnerName: "Bob", Title: "GTX in depth", On: day.AddDays(-40), DaysLeft: -1},
		{Kind: training.LineKindExpiring, LearnerName: "Ada", Title: "GTX fundamentals", On: day, DaysLeft: 39},
	}}, nil
}

func (*academy) Report(context.Context, *training.ReportParams) (*training.Report, error) {
	return &training.Report{
		Counts: training.ReportCounts{Learners: 2, Open: 1, Overdue: 1, Completed: 1, Expiring: 1},
		LMS:    partnerportal.SourceStamp{System: "cornerstone", Kind: "lms", AsOf: time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)},
	}, nil
}

func (*academy) Launch(context.Context, string) (*training.Launch, error) {
	e := refused(training.ErrLMSUnavailable, "", nil)
	e.Status, e.RetryAfter = http.StatusServiceUnavailable, 2*time.Minute
	return nil, e
}

func refused(code partnerportal.ErrorCode, name string, value any) *partnerportal.Error {
	e := &partnerportal.Error{Status: http.StatusConflict, Code: code}
	if raw, err := json.Marshal(value); err == nil && name != "" {
		e.Extensions = map[string]json.RawMessage{name: raw}
	}
	return e
}

func newClient() *training.Client {
	router := partnerportal.NewRouter()
	training.Mount(router, new(academy))
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return training.New(pp)
}
