// Package training is the portal's room for training: learners, courses, learning paths, class sessions, enrolments, the rules that make
// training mandatory, and who is due.
//
// What people have done comes from the vendor's learning system (learning.go) or is recorded by the vendor by hand, and from nowhere else. What
// was told of an enrolment is kept apart from where it stands (told.go), which is worked out anew with each piece of news, and with each that is
// taken back (void.go): so their order does not matter, and nothing is completed that nobody has told.
package training

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// What the feed calls the resources.
const (
	learnerResource   = "learner"
	courseResource    = "course"
	pathResource      = "learning_path"
	sessionResource   = "class_session"
	enrolmentResource = "enrolment"
	ruleResource      = "training_rule"
)

// Service implements the training operations of the contract.
type Service struct {
	launcher source.Launcher // nil when the learning system gives no addresses
	lms      bool            // there is a learning system
	freshFor time.Duration
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that reads from a learning system, nil for none, whose news is fresh for a time.
func New(lms source.LMS, freshFor time.Duration) *Service {
	launcher, _ := lms.(source.Launcher)
	return &Service{launcher: launcher, lms: lms != nil, freshFor: freshFor}
}

// Subscribe lets what happens in the other rooms count: a partner's tier decides on what its people have to do, and a credential that is to be
// renewed on what they have to do again.
func (s *Service) Subscribe(f *feed.Feed) {
	for _, event := range []string{"membership.enrolled", "membership.tier_changed", "membership.lapsed", "membership.terminated", "partner.approved", "partner.updated"} {
		f.Subscribe(event, func(ctx context.Context, e feed.Event) error { return reconsider(ctx, call.From(ctx), e.PartnerID) })
	}
	f.Subscribe("credential.renewal_requested", assignRenewal)
}

// work is an operation under way, with what it has looked up: each once.
type work struct {
	*call.Call

	programs map[string]*policy.Program // by partner
	courses  map[string]*contract.Course
	paths    map[string]*contract.Path
}

func begin(ctx context.Context) *work {
	return &work{Call: call.From(ctx), programs: map[string]*policy.Program{}, courses: map[string]*contract.Course{}, paths: map[string]*contract.Path{}}
}

// program is the one whose days a partner's deadlines are of.
func (w *work) program(ctx context.Context, partnerID string) (*policy.Program, error) {
	if p := w.programs[partnerID]; p != nil {
		return p, nil
	}
	partner, err := directory.LoadPartner(ctx, w.Tx, partnerID)
	if err != nil {
		return nil, err
	}
	p, err := directory.Load(ctx, w.Tx, partner.ProgramID)
	if err == nil {
		w.programs[partnerID] = p
	}
	return p, err
}

func (w *work) course(ctx context.Context, id string) (*contract.Course, error) {
	if found := w.courses[id]; found != nil {
		return found, nil
	}
	found, err := loadCourse(ctx, w.Tx, id)
	if err == nil {
		w.courses[id] = found
	}
	return found, err
}

func (w *work) path(ctx context.Context, id string) (*contract.Path, error) {
	if found := w.paths[id]; found != nil {
		return found, nil
	}
	found, err := loadPath(ctx, w.Tx, id)
	if err == nil {
		w.paths[id] = found
	}
	return found, err
}

// onlyVendor refuses what is the vendor's to do.
func (w *work) onlyVendor() error {
	if w.Caller.Vendor() {
		return nil
	}
	return problem.WrongSide(w.Caller.Side)
}

// owns says that a partner's people are the caller's to see.
func (w *work) owns(partnerID string) bool {
	return w.Caller.Side != partnerportal.SidePartner || w.Caller.PartnerID == partnerID
}

// ownOnly keeps a partner to its own people, and the vendor to the partners that it asks for.
func (w *work) ownOnly(q *store.Query, partners []string) error {
	if w.Caller.Side == partnerportal.SidePartner {
		if len(partners) > 0 {
			return problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners.")
		}
		q.Where("partner_id = ?", w.Caller.PartnerID)
	}
	store.WhereIn(q, "partner_id", partners)
	return nil
}

// announce tells all partners of what they may read, which is what is or was published, and the vendor alone of the rest.
func (w *work) announce(ctx context.Context, e feed.Event, publishedAt time.Time) error {
	e.Audience = feed.Vendor
	if !publishedAt.IsZero() {
		e.PartnerID, e.Audience = feed.Everyone, feed.Both
	}
	return w.Emit(ctx, e)
}

// list reads a page of documents.
func list[T any](ctx context.Context, w *work, q store.Query) (items []T, page partnerportal.PageInfo, err error) {
	items, page.NextCursor, err = store.List(ctx, w.Tx, q, func(dest func(...any) error) (item T, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return item, err
		}
		return item, decode(doc, &item)
	})
	return items, page, err
}

func decode(doc string, into any) error {
	if err := json.Unmarshal([]byte(doc), into); err != nil {
		return fmt.Errorf("a document of training: %w", err)
	}
	return nil
}

// conflict refuses what stands in the way of something.
func conflict(code partnerportal.ErrorCode, detail string) *partnerportal.Error {
	return problem.New(http.StatusConflict, code, detail)
}
