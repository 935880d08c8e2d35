package training_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/training"
)

// A partner adds one of its people and enrols it.
func Example() {
	ctx := context.Background()
	school := newClient() // training.New(pp)

	ada, err := school.AddLearner(ctx, training.NewLearner{Name: "Ada Lovelace", Email: "ada@acme.com", Roles: []training.Role{training.RoleEngineer}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := school.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: "crs_basics"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ada.Name, "is", e.Status)
	// Output: Ada Lovelace is enrolled
}

// Who is due, overdue or has to renew something within 90 days, the most urgent first; and how old the learning system's news is.
func ExampleClient_AllReportLines() {
	ctx := context.Background()
	school := newClient()

	report, err := school.Report(ctx, training.ReportParams{WithinDays: 90})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Counts.Overdue, "overdue, as of", report.LMS.AsOf.Format(time.DateOnly))
	for line, err := range school.AllReportLines(ctx, training.ListReportLinesParams{WithinDays: 90}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(line.On, line.LearnerName, line.Kind, line.Title)
	}
	// Output:
	// 1 overdue, as of 2026-11-22
	// 2026-11-21 Bob overdue GTX in depth
	// 2026-12-31 Ada expiring GTX fundamentals
}

// A class may be full. Whoever wants to wait for a seat says so.
func ExampleWaitlistOpen() {
	ctx := context.Background()
	school := newClient()

	form := training.NewEnrolment{LearnerID: "lrn_1", CourseID: "crs_class", SessionID: "cls_1"}
	e, err := school.Enrol(ctx, form)
	if errors.Is(err, training.ErrNoSeats) && training.WaitlistOpen(err) {
		form.Waitlist = true
		e, err = school.Enrol(ctx, form)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Status, "at place", e.WaitlistPosition)
	// Output: waitlisted at place 1
}

// A course may ask for others before.
func ExampleMissingCourses() {
	_, err := newClient().Enrol(context.Background(), training.NewEnrolment{LearnerID: "lrn_1", CourseID: "crs_expert"})
	if errors.Is(err, training.ErrPrerequisite) {
		fmt.Println("first:", training.MissingCourses(err))
	}
	// Output: first: [crs_basics]
}

// What is there already is named, so that nobody has to look for it.
func ExampleExistingID() {
	_, err := newClient().AddLearner(context.Background(), training.NewLearner{Name: "Ada L.", Email: "ada@acme.com"})
	if errors.Is(err, training.ErrDuplicateLearner) {
		fmt.Println("use", training.ExistingID(err))
	}
	// Output: use lrn_1
}

func ExampleEnrolment_Open() {
	for _, status := range []training.Status{training.StatusAssigned, training.StatusFailed, training.StatusCompleted} {
		fmt.Println(status, (&training.Enrolment{Status: status}).Open())
	}
	// Output:
	// assigned true
	// failed true
	// completed false
}

func ExampleSession_Full() {
	session := &training.Session{Seats: 12, Waitlist: 4, Taken: 12, Waiting: 1}
	fmt.Println(session.Full(), session.WaitlistOpen())
	// Output: true true
}
