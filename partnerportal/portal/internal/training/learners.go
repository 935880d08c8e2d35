package training

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// ListLearners returns a page of learners, a partner's own.
func (s *Service) ListLearners(ctx context.Context, params *contract.ListLearnersParams) (*contract.LearnerPage, error) {
	w := begin(ctx)
	q := store.Query{Table: "learners", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if err := w.ownOnly(&q, params.PartnerID); err != nil {
		return nil, err
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "status", params.Status)
	whereAny(&q, "id IN (SELECT learner_id FROM learner_roles WHERE role IN (%s))", params.Role)
	if params.Email != "" {
		q.Where("email = ?", secret(params.Email))
	}
	items, page, err := list[contract.Learner](ctx, w, q)
	for i := range items {
		w.viewLearner(&items[i])
	}
	return &contract.LearnerPage{Items: items, Page: page}, err
}

// GetLearner returns a learner.
func (s *Service) GetLearner(ctx context.Context, learnerID string) (*contract.Learner, error) {
	w := begin(ctx)
	l, err := w.learner(ctx, learnerID)
	if err != nil {
		return nil, err
	}
	return w.viewLearner(l), nil
}

// learner returns one whom the caller may know.
func (w *work) learner(ctx context.Context, id string) (*contract.Learner, error) {
	l, err := directory.Learner(ctx, w.Tx, id)
	if err != nil {
		return nil, call.OrNotFound(err, learnerResource)
	}
	if !w.owns(l.PartnerID) {
		return nil, call.NotFound(learnerResource)
	}
	return l, nil
}

// AddLearner adds one of a partner's people.
func (s *Service) AddLearner(ctx context.Context, body *contract.NewLearner) (*contract.Learner, error) {
	w := begin(ctx)
	partnerID := body.PartnerID
	if w.Caller.Side == partnerportal.SidePartner {
		if partnerID != "" && partnerID != w.Caller.PartnerID {
			return nil, problem.Invalid("/partner_id", "not_permitted", "You can only add your own people.")
		}
		partnerID = w.Caller.PartnerID
	}
	l, err := w.addLearner(ctx, partnerID, body)
	if err != nil {
		return nil, err
	}
	return w.viewLearner(l), nil
}

func (w *work) addLearner(ctx context.Context, partnerID string, body *contract.NewLearner) (*contract.Learner, error) {
	if _, err := directory.LoadPartner(ctx, w.Tx, partnerID); err != nil {
		return nil, orInvalid(err, "/partner_id", "There is no such partner.")
	}
	l := &contract.Learner{
		ID: ids.New(ids.Learner, w.Now), PartnerID: partnerID, Status: contract.LearnerStatusActive, Name: body.Name, Email: body.Email, Roles: body.Roles,
		LMSUserRef: body.LMSUserRef, ExternalRefs: body.ExternalRefs, Revision: 1, CreatedAt: w.Now, UpdatedAt: w.Now,
	}
	if err := w.checkLearner(ctx, l, ""); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	known := whoIs(l.LMSUserRef)
	if err := w.Tx.InsertLearner(ctx, store.InsertLearnerParams{
		ID: l.ID, Bucket: store.Bucket(l.ID), PartnerID: l.PartnerID, Status: string(l.Status), Email: secret(l.Email), LmsUserRef: known.name, LmsHome: known.home,
		Revision: 1, CreatedAt: store.Micros(w.Now), UpdatedAt: store.Micros(w.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	if err := w.tagLearner(ctx, l); err != nil {
		return nil, err
	}
	if err := w.tellLearner(ctx, l, contract.EventLearnerAdded, "/status"); err != nil {
		return nil, err
	}
	return l, w.settleIn(ctx, l)
}

// settleIn gives a learner what it is known for already: what was told of it, and what rules ask of it.
func (w *work) settleIn(ctx context.Context, l *contract.Learner) error {
	if err := w.recognise(ctx, l); err != nil {
		return err
	}
	return w.applyRules(ctx, l)
}

// UpdateLearner changes what is said of a learner.
func (s *Service) UpdateLearner(ctx context.Context, learnerID, ifMatch string, body *contract.LearnerPatch) (*contract.Learner, error) {
	w, l, err := s.actOnLearner(ctx, learnerID, ifMatch, contract.LearnerActionUpdate)
	if err != nil {
		return nil, err
	}
	if err := w.changeLearner(ctx, l, body); err != nil {
		return nil, err
	}
	return w.viewLearner(l), nil
}

func (w *work) changeLearner(ctx context.Context, l *contract.Learner, body *contract.LearnerPatch) error {
	before := *l
	body.Name.Apply(&l.Name)
	body.Email.Apply(&l.Email)
	body.Roles.Apply(&l.Roles)
	body.LMSUserRef.Apply(&l.LMSUserRef)
	body.ExternalRefs.Apply(&l.ExternalRefs)
	if err := w.checkLearner(ctx, l, before.LMSUserRef); err != nil {
		return err
	}
	named, err := call.Named(body)
	if err != nil {
		return err
	}
	if l.LMSUserRef != before.LMSUserRef {
		if err := w.unbind(ctx, l); err != nil {
			return err
		}
	}
	if err := w.saveLearner(ctx, l, contract.EventLearnerUpdated, named...); err != nil {
		return err
	}
	if l.Email == before.Email && l.LMSUserRef == before.LMSUserRef && slices.Equal(l.Roles, before.Roles) {
		return nil
	}
	return w.settleIn(ctx, l)
}

// Offboard notes that a learner has left.
func (s *Service) Offboard(ctx context.Context, learnerID, ifMatch string) (*contract.Learner, error) {
	w, l, err := s.actOnLearner(ctx, learnerID, ifMatch, contract.LearnerActionOffboard)
	if err != nil {
		return nil, err
	}
	if err := w.offboard(ctx, l); err != nil {
		return nil, err
	}
	return w.viewLearner(l), nil
}

func (w *work) offboard(ctx context.Context, l *contract.Learner) error {
	l.Status, l.LeftAt = contract.LearnerStatusLeft, w.Now
	if err := w.saveLearner(ctx, l, contract.EventLearnerLeft, "/status"); err != nil {
		return err
	}
	return w.eachEnrolment(ctx, l.ID, func(e *enrolment) error {
		e.Idle = true
		if e.open() {
			return w.withdraw(ctx, e, "The learner has left the partner.")
		}
		return w.save(ctx, e)
	})
}

// Return notes that a learner is back.
func (s *Service) Return(ctx context.Context, learnerID, ifMatch string) (*contract.Learner, error) {
	w, l, err := s.actOnLearner(ctx, learnerID, ifMatch, contract.LearnerActionReturn)
	if err != nil {
		return nil, err
	}
	if err := w.comeBack(ctx, l); err != nil {
		return nil, err
	}
	return w.viewLearner(l), nil
}

func (w *work) comeBack(ctx context.Context, l *contract.Learner) error {
	l.Status, l.LeftAt = contract.LearnerStatusActive, time.Time{}
	if err := w.checkLearner(ctx, l, l.LMSUserRef); err != nil {
		return err
	}
	if err := w.unbind(ctx, l); err != nil { // the account may be somebody else's by now
		return err
	}
	if err := w.saveLearner(ctx, l, contract.EventLearnerReturned, "/status"); err != nil {
		return err
	}
	if err := w.eachEnrolment(ctx, l.ID, func(e *enrolment) error {
		e.Idle = false
		return w.save(ctx, e)
	}); err != nil {
		return err
	}
	return w.settleIn(ctx, l)
}

// actOnLearner takes a learner out for something that is done with it, if its state allows. Nobody else changes what the learner is
// enrolled in meanwhile.
func (s *Service) actOnLearner(ctx context.Context, learnerID, ifMatch string, action contract.LearnerAction) (*work, *contract.Learner, error) {
	w := begin(ctx)
	if err := w.lockLearner(ctx, learnerID); err != nil {
		return nil, nil, err
	}
	l, err := w.learner(ctx, learnerID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The learner", ifMatch, l.Revision); err != nil {
		return nil, nil, err
	}
	w.viewLearner(l)
	return w, l, learners.Check("learner", l.Status, action, w.Caller, l.AllowedActions)
}

func (w *work) lockLearner(ctx context.Context, id string) error {
	return directory.LockLearner(ctx, w.Tx, id)
}

// checkLearner holds what is said of a learner against the rules.
func (w *work) checkLearner(ctx context.Context, l *contract.Learner, ref string) error {
	var f problem.Fields
	l.Name, l.Email = strings.TrimSpace(l.Name), strings.TrimSpace(l.Email)
	if l.Roles == nil {
		l.Roles = []contract.Role{}
	}
	f.Text("/name", l.Name, 200)
	if name, domain, ok := strings.Cut(l.Email, "@"); !ok || name == "" || domain == "" || len(l.Email) > 254 || strings.ContainsAny(l.Email, " \t\r\n") {
		f.Add("/email", "invalid_format", "Give an e-mail address.")
	}
	if l.LMSUserRef != ref && !w.Caller.Vendor() {
		f.Add("/lms_user_ref", "not_permitted", "Only the vendor says who somebody is in the learning system.")
	}
	if err := f.Err(); err != nil || l.Status != contract.LearnerStatusActive {
		return err
	}
	byEmail, err := w.byEmail(ctx, secret(l.Email), l.PartnerID)
	if err != nil {
		return err
	}
	for _, other := range byEmail {
		if other.ID != l.ID {
			return duplicate("/email", other.ID)
		}
	}
	if l.LMSUserRef == "" {
		return nil
	}
	return w.checkRef(ctx, l)
}

// checkRef refuses a learner who is somebody in the learning system whom another one is.
func (w *work) checkRef(ctx context.Context, l *contract.Learner) error {
	person := whoIs(l.LMSUserRef)
	rows, err := w.Tx.LearnersByLMSRef(ctx, person.name)
	if err != nil {
		return err
	}
	for _, row := range rows {
		other, err := directory.DecodeLearner(row.Doc)
		if err != nil {
			return err
		}
		if other.ID != l.ID && (whoIs(other.LMSUserRef) == person || row.LmsHome == person.home) {
			return duplicate("/lms_user_ref", other.ID)
		}
	}
	return nil
}

func duplicate(pointer, existingID string) error {
	e := conflict(contract.ErrDuplicateLearner, "The learner is there already.")
	e.Fields = []partnerportal.FieldError{problem.Field(pointer, "duplicate_key", "Another learner has it.")}
	return problem.With(e, "existing_id", existingID)
}

// folded is how people's names in other systems are compared.
func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func (w *work) saveLearner(ctx context.Context, l *contract.Learner, event string, changed ...string) error {
	read := l.Revision
	l.Revision, l.UpdatedAt = read+1, w.Now
	l.AllowedActions, l.EditableFields = nil, nil
	doc, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := store.Changed(w.Tx.UpdateLearner(ctx, store.UpdateLearnerParams{
		ID: l.ID, Revision: read, Status: string(l.Status), Email: secret(l.Email), LmsUserRef: whoIs(l.LMSUserRef).name,
		UpdatedAt: store.Micros(l.UpdatedAt), Doc: string(doc),
	})); err != nil {
		return err
	}
	if err := w.tagLearner(ctx, l); err != nil {
		return err
	}
	return w.tellLearner(ctx, l, event, changed...)
}

// tagLearner notes by what lists are filtered.
func (w *work) tagLearner(ctx context.Context, l *contract.Learner) error {
	if err := w.Tx.DropLearnerRoles(ctx, l.ID); err != nil {
		return err
	}
	for _, role := range l.Roles {
		if err := w.Tx.PutLearnerRole(ctx, store.PutLearnerRoleParams{Role: string(role), LearnerID: l.ID}); err != nil {
			return err
		}
	}
	return nil
}

// tellLearner tells what became of a learner, and nothing that is personal.
func (w *work) tellLearner(ctx context.Context, l *contract.Learner, event string, changed ...string) error {
	e := feed.Event{
		Type: event, ResourceType: learnerResource, ResourceID: l.ID, Revision: l.Revision, PartnerID: l.PartnerID, Audience: feed.Both,
		ChangedFields: changed, State: string(l.Status),
	}
	if event == contract.EventLearnerLeft || event == contract.EventLearnerReturned {
		e.Payload = feed.LearnerMoved{LearnerID: l.ID, PartnerID: l.PartnerID}
	}
	return w.Emit(ctx, e)
}

// orInvalid refuses a field that names something that is not there.
func orInvalid(err error, pointer, message string) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, partnerportal.ErrNotFound) {
		return problem.Invalid(pointer, "invalid_value", message)
	}
	return err
}
