package source

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training"
)

// Person is one of a partner's people, as the LMS knows it.
type Person struct {
	// Ref is who it is in the LMS; at most 255 characters. See [Account].
	Ref       string
	PartnerID string
	Name      string
	Email     string
	Roles     []training.Role
	// Left says that it is with the partner no longer.
	Left bool
}

// Verb is what somebody did, named as xAPI does.
type Verb string

// The verbs that count. A portal leaves others out.
const (
	VerbRegistered  Verb = "registered"
	VerbInitialized Verb = "initialized"
	VerbProgressed  Verb = "progressed"
	VerbCompleted   Verb = "completed"
	VerbPassed      Verb = "passed"
	VerbFailed      Verb = "failed"
	// VerbVoided takes back the record with the same ID, whether it was told before or is told later, and for good. Nothing else of such a
	// record counts.
	VerbVoided Verb = "voided"
)

// Record is one thing that the LMS says of somebody and a course. A course with a pass score is completed by [VerbPassed], or by
// [VerbCompleted] with a score that is high enough; [VerbCompleted] without a score is not yet a pass. One without is completed by either.
type Record struct {
	// ID is the record's id in the LMS, by which it is known again; at most 255 characters.
	ID string
	// Person is who it is in the LMS (the learner's lms_user_ref; see [Account]), or its e-mail address.
	Person string
	// PartnerID says whose person it is, where the LMS knows. Otherwise one whom several partners claim is nobody's.
	PartnerID string
	// Course is the course's code.
	Course string
	Verb   Verb
	// At is when it happened.
	At time.Time
	// Score is a percentage with up to two decimals, such as "92.5"; "" for none.
	Score string
	// Progress is how far the learner is with [VerbProgressed], from 0 to 100 percent.
	Progress int
}

// Account splits who somebody is in an LMS whose accounts are of several home pages: "https://lms.example.com u-7" is the account u-7 of that home
// page, and of another one u-7 is another person (xAPI 1.0.3, part 2, 2.4.2.4). Otherwise all of it is the name.
//
// A learner whose lms_user_ref is a name alone has it at the home page of the first record that is taken, and at no other from then on.
func Account(ref string) (homePage, name string) {
	first, rest, several := strings.Cut(strings.TrimSpace(ref), " ")
	if !several {
		return "", ref
	}
	u, err := url.Parse(first)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return "", ref
	}
	u.Host = strings.ToLower(u.Host)
	return strings.TrimSuffix(u.String(), "/"), strings.TrimSpace(rest)
}

// Resumer is an [LMS] that can tell what is new. A portal asks it with the instant as of which its last reading was.
type Resumer interface {
	LMS
	// LMSSince reads what the system has learned after an instant, zero for all.
	LMSSince(ctx context.Context, since time.Time) (*Learning, error)
}

// Launcher is an [LMS] that gives addresses at which somebody begins a course, without signing in again.
type Launcher interface {
	// Launch makes an address for one person, its [Record.Person], and one course, by its code. It is called while that person
	// waits, for at most ten seconds. An error that is [ErrNoLaunch] says that this course is not begun like this; any other, that the system
	// does not answer.
	Launch(ctx context.Context, person, course string) (*Launch, error)
}

// Launch is where somebody begins a course.
type Launch struct {
	// URL is an absolute https address.
	URL string
	// ExpiresAt is until when it works.
	ExpiresAt time.Time
}

// ErrNoLaunch says that the LMS gives no address for a course.
var ErrNoLaunch = errors.New("source: the LMS gives no address for this course")
