package training_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/training"
)

// All partners hear of courses, paths, their sessions and rules, as soon as they may read them, and of drafts nobody but the vendor.
func TestWhatPartnersHearOfTheCatalogue(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		course, path, rule := got[training.Course](s), got[training.Path](s), got[training.Rule](s)
		draft := course(s.vendor.CreateCourse(ctx, training.NewCourse{Code: "GTX-101", Title: "GTX", Modality: training.ModalityClassroom}))
		draft = course(s.vendor.UpdateCourse(ctx, draft.ID, training.CoursePatch{Title: partnerportal.Set("Not yet")}, partnerportal.IfMatch(draft)))
		way := path(s.vendor.CreatePath(ctx, training.NewPath{Code: "GTX", Title: "GTX", Steps: []training.PathStep{{CourseID: draft.ID}}}))
		way = path(s.vendor.UpdatePath(ctx, way.ID, training.PathPatch{Title: partnerportal.Set("Not yet")}, partnerportal.IfMatch(way)))
		s.session(draft, 1, 0)
		heard := func(pp *partnerportal.Client) (types []string) {
			t.Helper()
			for _, e := range got[events.Page](s)(events.New(pp).List(ctx, events.ListParams{Type: []string{"training.*"}, Limit: 1000})).Items {
				assert.Equal(t, "vendor", e.Tenant)
				types = append(types, e.Type)
			}
			return types
		}
		assert.Equal(t, []string{training.EventCourseUpdated, training.EventPathUpdated, training.EventSessionScheduled}, heard(s.Vendor))
		assert.Empty(t, heard(s.Acme))

		open := course(s.vendor.PublishCourse(ctx, draft.ID))
		open = course(s.vendor.UpdateCourse(ctx, open.ID, training.CoursePatch{Title: partnerportal.Set("GTX")}, partnerportal.IfMatch(open)))
		s.session(open, 1, 0)
		path(s.vendor.PublishPath(ctx, way.ID))
		mandatory := rule(s.vendor.PutRule(ctx, "all", training.RuleForm{Name: "All", PathID: way.ID}))
		assert.NoError(t, s.vendor.DeleteRule(ctx, "all", partnerportal.IfMatch(mandatory)))
		path(s.vendor.RetirePath(ctx, way.ID))
		course(s.vendor.RetireCourse(ctx, open.ID))
		want := []string{
			training.EventCoursePublished, training.EventCourseUpdated, training.EventSessionScheduled, training.EventPathPublished,
			training.EventRuleChanged, training.EventRuleRemoved, training.EventPathRetired, training.EventCourseRetired,
		}
		assert.Equal(t, want, heard(s.Acme))
		assert.Equal(t, want, heard(s.Globex))
		assert.Len(t, heard(s.Vendor), 3+len(want), "each once")
		for _, e := range got[events.Page](s)(events.New(s.Acme).List(ctx, events.ListParams{ResourceType: []string{"course"}})).Items {
			assert.Equal(t, map[string]any{"code": "GTX-101"}, e.Data.Facts)
			assert.Empty(t, e.Data.Actor.ID, "who at the vendor did it")
			course(s.acme.GetCourse(ctx, e.Subject.ID))
		}
	})
}
