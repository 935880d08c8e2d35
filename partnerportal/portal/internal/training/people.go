package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// TakePeople adds the people whom the learning system knows to the learners, and changes what it says otherwise. Who is refused is a
// conflict.
func (s *Service) TakePeople(ctx context.Context, people []source.Person) (conflicts []string, err error) {
	w := begin(ctx)
	for _, p := range people {
		err := w.takePerson(ctx, p)
		if refusal, ok := errors.AsType[*partnerportal.Error](err); ok {
			conflicts = append(conflicts, fmt.Sprintf("The person %s is not taken: %s", clip(p.Ref, 100), refusal.Detail))
		} else if err != nil {
			return nil, err
		}
	}
	return conflicts, nil
}

func (w *work) takePerson(ctx context.Context, p source.Person) error {
	if !plain(p.Ref, 255) || !plain(p.PartnerID, 64) || !plain(p.Name, 200) || !plain(p.Email, 254) || len(p.Roles) > 20 {
		return &partnerportal.Error{Detail: "It has no reference, partner, name or address, or one that is too long or no plain text."}
	}
	for _, role := range p.Roles {
		if !slices.Contains(roles, role) {
			return &partnerportal.Error{Detail: fmt.Sprintf("The portal does not know the role %q.", clip(string(role), 40))}
		}
	}
	l, err := w.known(ctx, p)
	switch {
	case err != nil:
		return err
	case l == nil && p.Left:
		return nil
	case l == nil:
		_, err := w.addLearner(ctx, p.PartnerID, &contract.NewLearner{Name: p.Name, Email: p.Email, Roles: p.Roles, LMSUserRef: p.Ref})
		return err
	}
	if err := w.lockLearner(ctx, l.ID); err != nil {
		return err
	}
	if l, err = directory.Learner(ctx, w.Tx, l.ID); err != nil { // as it is now that it is ours
		return err
	}
	there := l.Status == contract.LearnerStatusActive
	switch {
	case p.Left && there:
		return w.offboard(ctx, l)
	case p.Left:
		return nil
	case !there:
		if err := w.comeBack(ctx, l); err != nil {
			return err
		}
	}
	patch := contract.LearnerPatch{}
	if l.Name != p.Name {
		patch.Name = partnerportal.Set(p.Name)
	}
	if l.Email != p.Email {
		patch.Email = partnerportal.Set(p.Email)
	}
	if !whoIs(p.Ref).names(whoIs(l.LMSUserRef)) {
		patch.LMSUserRef = partnerportal.Set(p.Ref)
	}
	if p.Roles != nil && !slices.Equal(l.Roles, p.Roles) {
		patch.Roles = partnerportal.Set(p.Roles)
	}
	if named, err := call.Named(&patch); err != nil || len(named) == 0 {
		return err
	}
	return w.changeLearner(ctx, l, &patch)
}

// roles are those of the contract.
var roles = []contract.Role{
	contract.RoleSeller, contract.RolePresales, contract.RoleEngineer, contract.RoleConsultant, contract.RoleMarketing, contract.RoleSupport,
	contract.RoleManager, contract.RoleOther,
}

// known is the partner's learner whom the learning system means, if need be one who has left, or nil.
func (w *work) known(ctx context.Context, p source.Person) (*contract.Learner, error) {
	person := whoIs(p.Ref)
	if l, err := w.byRef(ctx, person, p.PartnerID); err != nil || l != nil {
		return l, err
	}
	byEmail, err := w.byEmail(ctx, secret(p.Email), p.PartnerID)
	if err != nil {
		return nil, err
	}
	if len(byEmail) > 0 {
		return byEmail[0], nil
	}
	doc, err := w.Tx.LeftLearner(ctx, store.LeftLearnerParams{PartnerID: p.PartnerID, Email: secret(p.Email), LmsUserRef: person.name, LmsHome: person.home})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody
	}
	if err != nil {
		return nil, err
	}
	return directory.DecodeLearner(doc)
}

// reading is how far the learning system was read.
type reading struct {
	System   string    `json:"system"`
	AsOf     time.Time `json:"as_of,omitzero"`
	PulledAt time.Time `json:"pulled_at,omitzero"`
	Error    string    `json:"error,omitzero"`
}

func loadReading(ctx context.Context, tx *store.Tx) (*reading, error) {
	r := new(reading)
	doc, err := tx.TrainingReading(ctx, source.KindLMS)
	if errors.Is(err, store.ErrNotFound) {
		return r, nil
	}
	return r, errors.Join(err, decode(doc, r))
}

func (r *reading) save(ctx context.Context, tx *store.Tx) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.PutTrainingReading(ctx, store.PutTrainingReadingParams{Kind: source.KindLMS, Doc: string(doc)})
}

// ReadUpTo says which learning system was read, and up to when; zero for never.
func ReadUpTo(ctx context.Context, tx *store.Tx) (system string, asOf time.Time, err error) {
	r, err := loadReading(ctx, tx)
	return r.System, r.AsOf, err
}

// Read notes that the learning system was read.
func (s *Service) Read(ctx context.Context, stamp source.Stamp) error {
	w := begin(ctx)
	r := &reading{System: stamp.System, AsOf: stamp.AsOf.UTC(), PulledAt: w.Now}
	return r.save(ctx, w.Tx)
}

// Failed notes that the learning system could not be read. What it said last stays.
func (s *Service) Failed(ctx context.Context, failure error) error {
	w := begin(ctx)
	r, err := loadReading(ctx, w.Tx)
	if err != nil {
		return err
	}
	r.PulledAt, r.Error = w.Now, clip(failure.Error(), 400)
	return r.save(ctx, w.Tx)
}

// stamp says how old the news is. The vendor's machines are nobody else's business.
func (s *Service) stamp(ctx context.Context, w *work) (partnerportal.SourceStamp, error) {
	if !s.lms {
		return partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: w.Now, Error: "No learning system is connected: the vendor records results by hand."}, nil
	}
	r, err := loadReading(ctx, w.Tx)
	stamp := partnerportal.SourceStamp{System: r.System, Kind: source.KindLMS, AsOf: r.AsOf, FetchedAt: r.PulledAt, Stale: r.AsOf.Before(w.Now.Add(-s.freshFor)), Error: r.Error}
	if stamp.System == "" {
		stamp.System = source.KindLMS
	}
	switch {
	case r.AsOf.IsZero() && r.Error == "":
		stamp.Error = "The system has not been read yet."
	case r.Error != "" && !w.Caller.Vendor():
		stamp.Error = "The last reading failed."
	}
	return stamp, err
}

// clip keeps what is shown short.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
