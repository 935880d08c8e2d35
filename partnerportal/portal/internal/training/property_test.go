package training_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	trainingroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/training"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// refusal says that an error is the portal's word and no failure.
func refusal(err error) bool {
	e, ok := errors.AsType[*partnerportal.Error](err)
	return ok && e.Status >= 400 && e.Status < 500
}

// Whatever people do in whatever order: a session never has more people than seats nor more waiting than its waitlist, nobody waits while a
// seat is free, and who is seated is enrolled.
func TestSeatsProperty(t *testing.T) {
	t.Parallel()
	s, ctx, round := open(t), t.Context(), 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		course := s.course(fmt.Sprintf("GTX-%d", round), inClass)
		sessions := []*training.Session{s.session(course, rapid.IntRange(1, 2).Draw(r, "seats"), 2), s.session(course, 2, 1)}
		people := map[int]*training.Learner{}
		for range rapid.IntRange(3, 10).Draw(r, "steps") {
			who, session := rapid.IntRange(0, 3).Draw(r, "who"), sessions[rapid.IntRange(0, 1).Draw(r, "where")]
			if people[who] == nil {
				people[who] = s.learner(fmt.Sprintf("p%d-%d", round, who))
			}
			l := people[who]
			open := func() string {
				for _, e := range s.of(l) {
					if e.Open() {
						return e.ID
					}
				}
				return "enr_none"
			}
			var err error
			switch rapid.SampledFrom([]string{"sit", "move", "withdraw", "learn", "unlearn", "resize", "leave"}).Draw(r, "what") {
			case "sit":
				_, err = s.sit(l, session, rapid.Bool().Draw(r, "wait"))
			case "move":
				_, err = s.acme.SignUp(ctx, open(), training.SignUp{SessionID: session.ID, Waitlist: true})
			case "withdraw":
				_, err = s.acme.Withdraw(ctx, open(), training.Withdrawal{})
			case "learn":
				s.tell(s.record(l, course, rapid.SampledFrom([]source.Verb{source.VerbInitialized, source.VerbPassed, source.VerbFailed}).Draw(r, "verb")))
			case "unlearn":
				s.tell(source.Record{ID: fmt.Sprintf("rec-%d", rapid.IntRange(max(1, s.n-3), max(1, s.n)).Draw(r, "which")), Verb: source.VerbVoided})
			case "resize":
				now := got[training.Session](s)(s.vendor.GetSession(ctx, session.ID))
				_, err = s.vendor.UpdateSession(ctx, session.ID, training.SessionPatch{Seats: partnerportal.Set(rapid.IntRange(1, 4).Draw(r, "seats"))}, partnerportal.IfMatch(now))
			case "leave":
				if _, err = s.acme.Offboard(ctx, l.ID); err == nil {
					_, err = s.acme.Return(ctx, l.ID)
				}
			}
			require.True(r, err == nil || refusal(err), "%v", err)
			for _, now := range got[training.SessionPage](s)(s.vendor.ListSessions(ctx, training.ListSessionsParams{CourseID: []string{course.ID}})).Items {
				require.LessOrEqual(r, now.Taken, now.Seats)
				require.LessOrEqual(r, now.Waiting, now.Waitlist)
				require.True(r, now.Waiting == 0 || now.Taken == now.Seats, "somebody waits while a seat is free")
			}
		}
	})
}

// Whatever is told in whatever order, an enrolment is completed if and only if somebody has told so who may: a record of that person and
// that course that was not taken back, or the vendor with evidence. A path is completed only when its steps are.
func TestNothingIsInvented(t *testing.T) {
	t.Parallel()
	s, ctx, round := open(t), t.Context(), 0
	courses := []*training.Course{
		s.course("A"), s.course("B", func(c *training.NewCourse) { c.PassScore = "80" }), s.course("C", func(c *training.NewCourse) { c.MaxAttempts = 1 }),
	}
	void := map[string]bool{}
	path := s.path("ALL", training.PathStep{CourseID: courses[0].ID}, training.PathStep{CourseID: courses[1].ID, UnlockAfter: []string{courses[0].ID}})
	rapid.Check(t, func(r *rapid.T) {
		round++
		people := []*training.Learner{s.learner(fmt.Sprint("ada-", round)), s.learner(fmt.Sprint("bob-", round))}
		stands, passed := map[string][2]string{}, map[[2]string]bool{} // by record; by person and course
		for range rapid.IntRange(2, 9).Draw(r, "steps") {
			l, course := people[rapid.IntRange(0, 1).Draw(r, "who")], courses[rapid.IntRange(0, 2).Draw(r, "what")]
			var err error
			switch rapid.SampledFrom([]string{"enrol", "path", "tell", "tell", "tell", "void", "withdraw", "retry", "record", "time"}).Draw(r, "step") {
			case "enrol":
				_, err = s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: l.ID, CourseID: course.ID})
			case "path":
				_, err = s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: l.ID, PathID: path.ID})
			case "tell":
				verb := rapid.SampledFrom(verbs).Draw(r, "verb")
				score := rapid.SampledFrom([]string{"", "79.9", "80", "100"}).Draw(r, "score")
				record := s.record(l, course, verb, scored(score), at(s.Now().Add(-time.Duration(rapid.IntRange(0, 72).Draw(r, "ago"))*time.Hour)))
				s.tell(record)
				enough := course.PassScore == "" || score == "80" || score == "100"
				if !void[record.ID] && (verb == source.VerbPassed && (enough || score == "") || verb == source.VerbCompleted && enough) {
					stands[record.ID] = [2]string{l.ID, course.ID}
				}
			case "void":
				record := source.Record{ID: fmt.Sprintf("rec-%d", rapid.IntRange(max(1, s.n-8), s.n+1).Draw(r, "which")), Verb: source.VerbVoided} // one may be yet to come
				s.tell(record)
				void[record.ID] = true
				delete(stands, record.ID)
			case "withdraw":
				if all := s.of(l); len(all) > 0 {
					_, err = s.acme.Withdraw(ctx, all[len(all)-1].ID, training.Withdrawal{})
				}
			case "retry":
				if all := s.of(l); len(all) > 0 {
					_, err = s.acme.Retry(ctx, all[len(all)-1].ID)
				}
			case "record":
				if all := s.of(l); len(all) > 0 {
					e := all[len(all)-1]
					if _, err = s.vendor.RecordResult(ctx, e.ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "On paper."}); err == nil {
						stands["by hand "+e.ID] = [2]string{l.ID, e.CourseID}
					}
				}
			case "time":
				s.Advance(time.Duration(rapid.IntRange(1, 48).Draw(r, "hours")) * time.Hour)
			}
			require.True(r, err == nil || refusal(err), "%v", err)
		}
		for _, what := range stands {
			passed[what] = true
		}
		for _, l := range people {
			all := s.of(l)
			for _, course := range courses {
				done := slices.ContainsFunc(all, func(e training.Enrolment) bool {
					return e.CourseID == course.ID && e.Status == training.StatusCompleted
				})
				require.Equal(r, passed[[2]string{l.ID, course.ID}], done, "%s and %s", l.Name, course.Code)
			}
			for _, e := range all {
				if e.Status == training.StatusCompleted {
					require.NotEmpty(r, e.Source.RecordID)
					require.False(r, e.CompletedAt.IsZero())
				}
				if e.PathID != "" && e.Open() {
					require.False(r, passed[[2]string{l.ID, courses[0].ID}] && passed[[2]string{l.ID, courses[1].ID}], "a path whose steps are completed is")
				}
				if e.PathID != "" && e.Status == training.StatusCompleted {
					require.True(r, passed[[2]string{l.ID, courses[0].ID}] && passed[[2]string{l.ID, courses[1].ID}])
				}
			}
		}
	})
}

// The same records make the same enrolment in whatever order they come.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	course := &training.Course{PassScore: "80"}
	rapid.Check(t, func(r *rapid.T) {
		n := 0
		records := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) source.Record {
			n++
			return source.Record{
				ID: fmt.Sprint(n), Verb: rapid.SampledFrom(verbs).Draw(r, "verb"), Score: rapid.SampledFrom([]string{"", "50", "90"}).Draw(r, "score"),
				At: noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(r, "minute")) * time.Hour / 2),
			}
		}), 1, 8).Draw(r, "records")
		retriedAt := noon.Add(time.Duration(rapid.IntRange(-1, 30).Draw(r, "retried")) * time.Hour)
		where := func(records []source.Record) []any {
			var told trainingroom.Told
			for _, record := range records {
				told.Tell(course, record)
			}
			status, at, score, attempts := told.Where(retriedAt)
			return []any{status, at, score, attempts}
		}
		require.Equal(r, where(records), where(rapid.Permutation(records).Draw(r, "order")))
	})
}

// verbs are those that count.
var verbs = []source.Verb{
	source.VerbRegistered, source.VerbInitialized, source.VerbProgressed, source.VerbCompleted, source.VerbPassed, source.VerbFailed,
}

// The whole portal makes of them the same, whichever comes first.
func TestLateNews(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Advance(24 * time.Hour)
	course := s.course("GTX-101", func(c *training.NewCourse) { c.PassScore = "80" })
	said := []struct {
		verb  source.Verb
		score string
		hour  int
	}{{source.VerbRegistered, "", 1}, {source.VerbInitialized, "", 2}, {source.VerbFailed, "50", 3}, {source.VerbPassed, "90", 4}, {source.VerbInitialized, "", 5}}
	for i, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {3, 0, 4, 2, 1}, {1, 4, 0, 3, 2}} {
		l := s.learner(fmt.Sprintf("p%d", i))
		for _, n := range order {
			s.tell(s.record(l, course, said[n].verb, scored(said[n].score), at(noon.Add(time.Duration(said[n].hour)*time.Hour))))
		}
		e := s.only(l)
		assert.Equal(t, training.StatusCompleted, e.Status, order)
		assert.Equal(t, noon.Add(4*time.Hour), e.CompletedAt, order)
		assert.Equal(t, noon.Add(time.Hour), e.EnrolledAt, order)
		assert.Equal(t, noon.Add(2*time.Hour), e.StartedAt, order)
		assert.Len(t, e.Attempts, 2, order)
	}
}
