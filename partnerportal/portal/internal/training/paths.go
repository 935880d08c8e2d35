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

// ListPaths returns a page of learning paths; to partners those that are or were published.
func (s *Service) ListPaths(ctx context.Context, params *contract.ListPathsParams) (*contract.PathPage, error) {
	w := begin(ctx)
	q := store.Query{Table: "learning_paths", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	w.publishedOnly(&q)
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "status", params.Status)
	whereAny(&q, "id IN (SELECT path_id FROM path_courses WHERE course_id IN (%s))", params.CourseID)
	items, page, err := list[contract.Path](ctx, w, q)
	for i := range items {
		w.viewPath(&items[i])
	}
	return &contract.PathPage{Items: items, Page: page}, err
}

// GetPath returns a learning path.
func (s *Service) GetPath(ctx context.Context, pathID string) (*contract.Path, error) {
	w := begin(ctx)
	path, err := loadPath(ctx, w.Tx, pathID)
	if err != nil {
		return nil, err
	}
	if w.Caller.Side == partnerportal.SidePartner && path.PublishedAt.IsZero() {
		return nil, call.NotFound("learning path")
	}
	return w.viewPath(path), nil
}

// CreatePath adds a learning path as a draft.
func (s *Service) CreatePath(ctx context.Context, body *contract.NewPath) (*contract.Path, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, err
	}
	path := &contract.Path{
		ID: ids.New(ids.Path, w.Now), Status: draft, Code: body.Code, Title: body.Title, Summary: body.Summary, Steps: body.Steps, Roles: body.Roles,
		ValidityMonths: body.ValidityMonths, ExternalRefs: body.ExternalRefs, Revision: 1, CreatedAt: w.Now, UpdatedAt: w.Now,
	}
	if err := w.checkPath(ctx, path); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(path)
	if err != nil {
		return nil, err
	}
	if err := w.Tx.InsertLearningPath(ctx, store.InsertLearningPathParams{
		ID: path.ID, Bucket: store.Bucket(path.ID), Code: path.Code, Status: string(path.Status), Revision: 1,
		CreatedAt: store.Micros(w.Now), UpdatedAt: store.Micros(w.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	return w.viewPath(path), w.tagPath(ctx, path)
}

// UpdatePath changes a learning path, and lets those who are on it go on by its new steps.
func (s *Service) UpdatePath(ctx context.Context, pathID, ifMatch string, body *contract.PathPatch) (*contract.Path, error) {
	w, path, err := s.actOnPath(ctx, pathID, ifMatch, contract.PublicationActionUpdate)
	if err != nil {
		return nil, err
	}
	body.Code.Apply(&path.Code)
	body.Title.Apply(&path.Title)
	body.Summary.Apply(&path.Summary)
	body.Steps.Apply(&path.Steps)
	body.Roles.Apply(&path.Roles)
	body.ValidityMonths.Apply(&path.ValidityMonths)
	body.ExternalRefs.Apply(&path.ExternalRefs)
	if err := w.checkPath(ctx, path); err != nil {
		return nil, err
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := w.savePath(ctx, path, contract.EventPathUpdated, named...); err != nil {
		return nil, err
	}
	if body.Steps.IsZero() {
		return w.viewPath(path), nil
	}
	people, err := w.Tx.LearnersOnPath(ctx, path.ID)
	if err != nil {
		return nil, err
	}
	return w.viewPath(path), soon(ctx, w.Call, pathsDeadline, people...)
}

// PublishPath lets partners enrol, if they can in its courses.
func (s *Service) PublishPath(ctx context.Context, pathID, ifMatch string) (*contract.Path, error) {
	w, path, err := s.actOnPath(ctx, pathID, ifMatch, contract.PublicationActionPublish)
	if err != nil {
		return nil, err
	}
	var f problem.Fields
	for i, step := range path.Steps {
		course, err := w.course(ctx, step.CourseID)
		if err != nil {
			return nil, err
		}
		if course.Status != published {
			f.Add(fmt.Sprintf("/steps/%d/course_id", i), "invalid_state", "The course "+course.Code+" is not published. Publish it first.")
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	path.Status, path.PublishedAt = published, w.Now
	if err := w.savePath(ctx, path, contract.EventPathPublished, "/status"); err != nil {
		return nil, err
	}
	return w.viewPath(path), w.opened(ctx, target{pathID: path.ID})
}

// RetirePath lets nobody enrol any more.
func (s *Service) RetirePath(ctx context.Context, pathID, ifMatch string) (*contract.Path, error) {
	w, path, err := s.actOnPath(ctx, pathID, ifMatch, contract.PublicationActionRetire)
	if err != nil {
		return nil, err
	}
	path.Status = retired
	if err := w.savePath(ctx, path, contract.EventPathRetired, "/status"); err != nil {
		return nil, err
	}
	return w.viewPath(path), w.opened(ctx, target{pathID: path.ID})
}

func (s *Service) actOnPath(ctx context.Context, pathID, ifMatch string, action contract.PublicationAction) (*work, *contract.Path, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, nil, err
	}
	path, err := loadPath(ctx, w.Tx, pathID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The learning path", ifMatch, path.Revision); err != nil {
		return nil, nil, err
	}
	w.paths[pathID] = path
	w.viewPath(path)
	return w, path, publications.Check("learning path", path.Status, action, w.Caller, path.AllowedActions)
}

// checkPath holds a learning path against the rules: everybody must be able to come to its end.
func (w *work) checkPath(ctx context.Context, path *contract.Path) error {
	var f problem.Fields
	f.Text("/title", path.Title, 200)
	f.Text("/code", path.Code, 64)
	at := map[string]int{}
	for i, step := range path.Steps {
		pointer := fmt.Sprintf("/steps/%d/course_id", i)
		if _, twice := at[step.CourseID]; twice {
			f.Add(pointer, "duplicate_key", "Lead through each course once.")
		}
		at[step.CourseID] = i
		if _, err := w.course(ctx, step.CourseID); errors.Is(err, partnerportal.ErrNotFound) {
			f.Add(pointer, "invalid_value", "There is no such course.")
		} else if err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(path.Steps, func(s contract.PathStep) bool { return !s.Optional }) {
		f.Add("/steps", "too_few", "Give the path a step that is not optional.")
	}
	for i, step := range path.Steps {
		for j, id := range step.UnlockAfter {
			if before, ok := at[id]; !ok {
				f.Add(fmt.Sprintf("/steps/%d/unlock_after/%d", i, j), "invalid_value", "Name another course on the path.")
			} else if path.Steps[before].Optional && !step.Optional {
				f.Add(fmt.Sprintf("/steps/%d/unlock_after/%d", i, j), "invalid_value", "A step that is not optional cannot wait for one that is.")
			}
		}
	}
	if len(f) == 0 && waitsForItself(path.Steps) {
		f.Add("/steps", "invalid_value", "Some steps wait for each other: nobody could come to the end.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	doc, err := w.Tx.LearningPathByCode(ctx, path.Code)
	return codeIsFree(doc, err, path.ID, "learning path")
}

// waitsForItself says that some steps never unlock, whatever is completed.
func waitsForItself(steps []contract.PathStep) bool {
	left, done := slices.Clone(steps), map[string]bool{}
	for len(left) > 0 {
		before := len(left)
		left = slices.DeleteFunc(left, func(s contract.PathStep) bool {
			if slices.ContainsFunc(s.UnlockAfter, func(id string) bool { return !done[id] }) {
				return false
			}
			done[s.CourseID] = true
			return true
		})
		if len(left) == before {
			return true
		}
	}
	return false
}

func (w *work) savePath(ctx context.Context, path *contract.Path, event string, changed ...string) error {
	read := path.Revision
	path.Revision, path.UpdatedAt = read+1, w.Now
	path.AllowedActions, path.EditableFields = nil, nil
	doc, err := json.Marshal(path)
	if err != nil {
		return err
	}
	if err := store.Changed(w.Tx.UpdateLearningPath(ctx, store.UpdateLearningPathParams{
		ID: path.ID, Revision: read, Code: path.Code, Status: string(path.Status), PublishedAt: store.Micros(path.PublishedAt),
		UpdatedAt: store.Micros(path.UpdatedAt), Doc: string(doc),
	})); err != nil {
		return err
	}
	if err := w.tagPath(ctx, path); err != nil {
		return err
	}
	return w.announce(ctx, feed.Event{
		Type: event, ResourceType: pathResource, ResourceID: path.ID, Revision: path.Revision,
		Facts: map[string]any{"code": path.Code}, ChangedFields: changed, State: string(path.Status),
	}, path.PublishedAt)
}

// tagPath notes through which courses it leads.
func (w *work) tagPath(ctx context.Context, path *contract.Path) error {
	if err := w.Tx.DropPathCourses(ctx, path.ID); err != nil {
		return err
	}
	for _, step := range path.Steps {
		if err := w.Tx.PutPathCourse(ctx, store.PutPathCourseParams{CourseID: step.CourseID, PathID: path.ID}); err != nil {
			return err
		}
	}
	return nil
}

func loadPath(ctx context.Context, tx *store.Tx, id string) (*contract.Path, error) {
	doc, err := tx.LearningPath(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "learning path")
	}
	path := new(contract.Path)
	return path, decode(doc, path)
}
