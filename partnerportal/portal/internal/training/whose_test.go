package training_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// known adds one of Acme's people as somebody in the learning system.
func (s *school) known(name, ref string) (*training.Learner, error) {
	return s.vendor.AddLearner(s.t.Context(), training.NewLearner{PartnerID: s.AcmeID, Name: name, Email: name + "@acmepartners.com", LMSUserRef: ref})
}

func of(person string) func(*source.Record) { return func(r *source.Record) { r.Person = person } }

// Two accounts of one name at two home pages are two people, and whoever is known by the name alone stays known.
func TestNamesakesAtTwoHomePages(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		course, second := s.course("GTX-101"), s.course("GTX-201")
		ada := got[training.Learner](s)(s.known("ada", "u-7"))
		s.tell(s.record(ada, &training.Course{Code: "elsewhere"}, source.VerbPassed, of("https://two.example u-7")))
		s.tell(s.record(ada, course, source.VerbPassed, of("https://one.example/ U-7")))
		require.Len(t, s.of(ada), 1, "what is of no use says nothing of who somebody is")
		s.tell(s.record(ada, second, source.VerbPassed, of("https://two.example u-7")))
		assert.Len(t, s.of(ada), 1, "somebody else")
		assert.Empty(t, s.conflicts(), "the learning system knows many people")
		s.tell(s.record(ada, second, source.VerbInitialized, of("u-7")))
		assert.Len(t, s.of(ada), 2, "files have no home pages")

		bob := got[training.Learner](s)(s.known("bob", "https://TWO.example u-7"))
		assert.Equal(t, training.StatusCompleted, s.only(bob).Status, "whose record has waited")
		_, err := s.known("eve", "U-7")
		require.ErrorIs(t, err, training.ErrDuplicateLearner)
		_, err = s.known("eve", "https://two.example/ u-7")
		require.ErrorIs(t, err, training.ErrDuplicateLearner)
		_, err = s.known("eve", "https://one.example u-7")
		require.ErrorIs(t, err, training.ErrDuplicateLearner, "which Ada is found to be")
		got[training.Learner](s)(s.known("eve", "https://three.example u-7"))

		ada = got[training.Learner](s)(s.vendor.GetLearner(ctx, ada.ID))
		assert.Equal(t, "u-7", ada.LMSUserRef, "nobody has changed what the vendor said")
		ada = got[training.Learner](s)(s.vendor.UpdateLearner(ctx, ada.ID, training.LearnerPatch{LMSUserRef: partnerportal.Set("https://four.example u-7")}, partnerportal.IfMatch(ada)))
		third := s.course("GTX-301")
		s.tell(s.record(ada, third, source.VerbPassed, of("https://one.example u-7")))
		assert.Len(t, s.of(ada), 2)
		s.tell(s.record(ada, third, source.VerbPassed, of("https://four.example u-7")))
		assert.Len(t, s.of(ada), 3)
	})
}

// People whom the learning system names with their home pages are told apart, also when they come back.
func TestPeopleOfTwoHomePages(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		say := func(people ...source.Person) {
			t.Helper()
			s.Advance(time.Second)
			s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.Now()}, People: people}
			require.NoError(t, s.Pull(ctx))
			require.Empty(t, s.conflicts())
		}
		person := func(ref, name string) source.Person {
			return source.Person{Ref: ref, PartnerID: s.AcmeID, Name: name, Email: name + "@acmepartners.com"}
		}
		one, two := person("https://one.example u-7", "one"), person("https://two.example u-7", "two")
		say(one, two)
		names := func() (found []string) {
			for _, l := range got[training.LearnerPage](s)(s.acme.ListLearners(ctx, training.ListLearnersParams{Sort: partnerportal.SortOldestFirst})).Items {
				found = append(found, l.Name+" "+string(l.Status))
			}
			return found
		}
		assert.Equal(t, []string{"one active", "two active"}, names())
		two.Left = true
		say(one, two)
		one.Left, two.Left, one.Email, one.Name = true, false, "new@acmepartners.com", "new"
		say(one, two)
		assert.Equal(t, []string{"one left", "two active"}, names())
		one.Left = false
		say(one)
		assert.Equal(t, []string{"new active", "two active"}, names())
	})
}

// Whoever was away may find that the account is somebody else's by now.
func TestAnAccountHasGoneOn(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course := s.course("GTX-101")
	ada := got[training.Learner](s)(s.known("ada", "u-7"))
	s.tell(s.record(ada, course, source.VerbPassed, of("https://one.example u-7")))
	got[training.Learner](s)(s.acme.Offboard(ctx, ada.ID))
	bob := got[training.Learner](s)(s.known("bob", "https://one.example u-7"))
	got[training.Learner](s)(s.acme.Return(ctx, ada.ID))
	s.tell(s.record(bob, course, source.VerbPassed, of("https://one.example u-7")))
	assert.Equal(t, training.StatusCompleted, s.only(bob).Status)
	assert.Len(t, s.of(ada), 1)
}

// The vendor changes who is who, whatever others are called there, and what people are called in files does not undo it.
func TestTheVendorSaysWhoIsWho(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		ada := got[training.Learner](s)(s.known("ada", "https://one.example u-7"))
		got[training.Learner](s)(s.known("bob", "u-7"))
		got[training.Learner](s)(s.known("eve", "https://two.example u-7"))
		for _, ref := range []string{"u-8", "https://two.example u-9", "https://one.example u-9"} {
			ada = got[training.Learner](s)(s.vendor.UpdateLearner(ctx, ada.ID, training.LearnerPatch{LMSUserRef: partnerportal.Set(ref)}, partnerportal.IfMatch(ada)))
		}

		s.Advance(time.Second)
		s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.Now()}, People: []source.Person{
			{Ref: "U-9", PartnerID: s.AcmeID, Name: "ada", Email: "ada@acmepartners.com"},
		}}
		require.NoError(t, s.Pull(ctx))
		assert.Equal(t, "https://one.example u-9", got[training.Learner](s)(s.vendor.GetLearner(ctx, ada.ID)).LMSUserRef)
	})
}

// An account that is another partner's person is nobody else's of that name, whatever the learning system says of the partner.
func TestAnAccountIsSomebodyElses(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		course := s.course("GTX-101")
		ada := got[training.Learner](s)(s.known("ada", "u-7"))
		bob := got[training.Learner](s)(s.vendor.AddLearner(t.Context(), training.NewLearner{
			PartnerID: s.GlobexID, Name: "bob", Email: "bob@globex.com", LMSUserRef: "https://one.example u-7",
		}))
		ours := func(r *source.Record) { r.Person, r.PartnerID = "https://one.example u-7", s.AcmeID }
		s.tell(s.record(ada, course, source.VerbPassed, ours))
		assert.Empty(t, append(s.of(ada), s.of(bob)...))
		s.tell(s.record(bob, course, source.VerbPassed, of("https://one.example u-7")))
		assert.Equal(t, training.StatusCompleted, s.only(bob).Status)
	})
}
