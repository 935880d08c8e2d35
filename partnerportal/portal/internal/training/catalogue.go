package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// ListCourses returns a page of courses; to partners those that are or were published.
func (s *Service) ListCourses(ctx context.Context, params *contract.ListCoursesParams) (*contract.CoursePage, error) {
	w := begin(ctx)
	q := store.Query{Table: "courses", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	w.publishedOnly(&q)
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "code", params.Code)
	store.WhereIn(&q, "modality", params.Modality)
	whereAny(&q, "id IN (SELECT course_id FROM course_products WHERE product IN (%s))", params.Product)
	items, page, err := list[contract.Course](ctx, w, q)
	for i := range items {
		w.viewCourse(&items[i])
	}
	return &contract.CoursePage{Items: items, Page: page}, err
}

// publishedOnly keeps partners to what is or was published.
func (w *work) publishedOnly(q *store.Query) {
	if w.Caller.Side == partnerportal.SidePartner {
		q.Where("published_at > 0")
	}
}

// whereAny keeps rows with one of the values; no values keep all.
func whereAny[T ~string](q *store.Query, condition string, values []T) {
	if len(values) == 0 {
		return
	}
	args, marks := make([]any, len(values)), ""
	for i, v := range values {
		args[i], marks = string(v), marks+", ?"
	}
	q.Where(fmt.Sprintf(condition, marks[2:]), args...)
}

// GetCourse returns a course.
func (s *Service) GetCourse(ctx context.Context, courseID string) (*contract.Course, error) {
	w := begin(ctx)
	course, err := loadCourse(ctx, w.Tx, courseID)
	if err != nil {
		return nil, err
	}
	if w.Caller.Side == partnerportal.SidePartner && course.PublishedAt.IsZero() {
		return nil, call.NotFound(courseResource)
	}
	return w.viewCourse(course), nil
}

// CreateCourse adds a course as a draft.
func (s *Service) CreateCourse(ctx context.Context, body *contract.NewCourse) (*contract.Course, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, err
	}
	course := &contract.Course{
		ID: ids.New(ids.Course, w.Now), Status: draft, Code: body.Code, Title: body.Title, Summary: body.Summary, Modality: body.Modality,
		DurationMinutes: body.DurationMinutes, Locales: body.Locales, Products: body.Products, Roles: body.Roles, Prerequisites: body.Prerequisites,
		PassScore: body.PassScore, MaxAttempts: body.MaxAttempts, ValidityMonths: body.ValidityMonths, Price: body.Price, Launch: body.Launch,
		ExternalRefs: body.ExternalRefs, Revision: 1, CreatedAt: w.Now, UpdatedAt: w.Now,
	}
	if err := w.checkCourse(ctx, course); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(course)
	if err != nil {
		return nil, err
	}
	if err := w.Tx.InsertCourse(ctx, store.InsertCourseParams{
		ID: course.ID, Bucket: store.Bucket(course.ID), Code: course.Code, Status: string(course.Status), Modality: string(course.Modality),
		Revision: 1, CreatedAt: store.Micros(w.Now), UpdatedAt: store.Micros(w.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	if err := w.tagCourse(ctx, course); err != nil {
		return nil, err
	}
	return w.viewCourse(course), w.hear(ctx, course.Code) // what was told of it before it was here
}

// UpdateCourse changes a course.
func (s *Service) UpdateCourse(ctx context.Context, courseID, ifMatch string, body *contract.CoursePatch) (*contract.Course, error) {
	w, course, err := s.actOnCourse(ctx, courseID, ifMatch, contract.PublicationActionUpdate)
	if err != nil {
		return nil, err
	}
	code := course.Code
	body.Code.Apply(&course.Code)
	body.Title.Apply(&course.Title)
	body.Summary.Apply(&course.Summary)
	body.Modality.Apply(&course.Modality)
	body.DurationMinutes.Apply(&course.DurationMinutes)
	body.Locales.Apply(&course.Locales)
	body.Products.Apply(&course.Products)
	body.Roles.Apply(&course.Roles)
	body.Prerequisites.Apply(&course.Prerequisites)
	body.PassScore.Apply(&course.PassScore)
	body.MaxAttempts.Apply(&course.MaxAttempts)
	body.ValidityMonths.Apply(&course.ValidityMonths)
	body.Price.Apply(&course.Price)
	body.Launch.Apply(&course.Launch)
	body.ExternalRefs.Apply(&course.ExternalRefs)
	if err := w.checkCourse(ctx, course); err != nil {
		return nil, err
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := w.saveCourse(ctx, course, contract.EventCourseUpdated, named...); err != nil {
		return nil, err
	}
	if course.Code != code {
		err = w.hear(ctx, course.Code)
	}
	return w.viewCourse(course), err
}

// PublishCourse lets partners enrol.
func (s *Service) PublishCourse(ctx context.Context, courseID, ifMatch string) (*contract.Course, error) {
	w, course, err := s.actOnCourse(ctx, courseID, ifMatch, contract.PublicationActionPublish)
	if err != nil {
		return nil, err
	}
	course.Status, course.PublishedAt = published, w.Now
	if err := w.saveCourse(ctx, course, contract.EventCoursePublished, "/status"); err != nil {
		return nil, err
	}
	return w.viewCourse(course), w.opened(ctx, target{courseID: course.ID})
}

// RetireCourse lets nobody enrol any more.
func (s *Service) RetireCourse(ctx context.Context, courseID, ifMatch string) (*contract.Course, error) {
	w, course, err := s.actOnCourse(ctx, courseID, ifMatch, contract.PublicationActionRetire)
	if err != nil {
		return nil, err
	}
	course.Status = retired
	if err := w.saveCourse(ctx, course, contract.EventCourseRetired, "/status"); err != nil {
		return nil, err
	}
	return w.viewCourse(course), w.opened(ctx, target{courseID: course.ID})
}

// actOnCourse takes a course out for something that the vendor does with it, if its state allows.
func (s *Service) actOnCourse(ctx context.Context, courseID, ifMatch string, action contract.PublicationAction) (*work, *contract.Course, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, nil, err
	}
	course, err := loadCourse(ctx, w.Tx, courseID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The course", ifMatch, course.Revision); err != nil {
		return nil, nil, err
	}
	w.viewCourse(course)
	return w, course, publications.Check("course", course.Status, action, w.Caller, course.AllowedActions)
}

// checkCourse holds what is said of a course against the rules.
func (w *work) checkCourse(ctx context.Context, course *contract.Course) error {
	var f problem.Fields
	if course.Modality == "" {
		course.Modality = contract.ModalityOnline
	}
	f.Text("/title", course.Title, 200)
	f.Text("/code", course.Code, 64)
	checkScore(&f, "/pass_score", course.PassScore)
	for i, id := range course.Prerequisites {
		at := fmt.Sprintf("/prerequisites/%d", i)
		if id == course.ID || slices.Contains(course.Prerequisites[:i], id) {
			f.Add(at, "invalid_value", "Name other courses, each once.")
		} else if around, err := w.leadsTo(ctx, id, course.ID, map[string]bool{}); errors.Is(err, partnerportal.ErrNotFound) {
			f.Add(at, "invalid_value", "There is no such course.")
		} else if err != nil {
			return err
		} else if around {
			f.Add(at, "invalid_value", "This course asks for the other one itself: nobody could begin.")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	doc, err := w.Tx.CourseByCode(ctx, course.Code)
	return codeIsFree(doc, err, course.ID, "course")
}

// leadsTo says that one needs the target, however many courses lie between, before one begins a course.
func (w *work) leadsTo(ctx context.Context, courseID, target string, seen map[string]bool) (bool, error) {
	if seen[courseID] {
		return false, nil
	}
	seen[courseID] = true
	course, err := w.course(ctx, courseID)
	if err != nil || slices.Contains(course.Prerequisites, target) {
		return err == nil, err
	}
	for _, id := range course.Prerequisites {
		if found, err := w.leadsTo(ctx, id, target, seen); err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// codeIsFree refuses a code that another one has, whose document was looked for.
func codeIsFree(doc string, err error, id, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	var holder struct {
		ID string `json:"id"`
	}
	if err := errors.Join(err, decode(doc, &holder)); err != nil || holder.ID == id {
		return err
	}
	e := conflict(contract.ErrDuplicateCode, "Another "+what+" has this code.")
	e.Fields = []partnerportal.FieldError{problem.Field("/code", "duplicate_key", "Another "+what+" has this code.")}
	return problem.With(e, "existing_id", holder.ID)
}

func (w *work) saveCourse(ctx context.Context, course *contract.Course, event string, changed ...string) error {
	read := course.Revision
	course.Revision, course.UpdatedAt = read+1, w.Now
	course.AllowedActions, course.EditableFields = nil, nil
	doc, err := json.Marshal(course)
	if err != nil {
		return err
	}
	if err := store.Changed(w.Tx.UpdateCourse(ctx, store.UpdateCourseParams{
		ID: course.ID, Revision: read, Code: course.Code, Status: string(course.Status), Modality: string(course.Modality),
		PublishedAt: store.Micros(course.PublishedAt), UpdatedAt: store.Micros(course.UpdatedAt), Doc: string(doc),
	})); err != nil {
		return err
	}
	if err := w.tagCourse(ctx, course); err != nil {
		return err
	}
	return w.announce(ctx, feed.Event{
		Type: event, ResourceType: courseResource, ResourceID: course.ID, Revision: course.Revision,
		Facts: map[string]any{"code": course.Code}, ChangedFields: changed, State: string(course.Status),
	}, course.PublishedAt)
}

// tagCourse notes by what lists are filtered.
func (w *work) tagCourse(ctx context.Context, course *contract.Course) error {
	if err := w.Tx.DropCourseProducts(ctx, course.ID); err != nil {
		return err
	}
	for _, product := range course.Products {
		if err := w.Tx.PutCourseProduct(ctx, store.PutCourseProductParams{Product: product, CourseID: course.ID}); err != nil {
			return err
		}
	}
	return nil
}

func loadCourse(ctx context.Context, tx *store.Tx, id string) (*contract.Course, error) {
	doc, err := tx.Course(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, courseResource)
	}
	course := new(contract.Course)
	return course, decode(doc, course)
}
