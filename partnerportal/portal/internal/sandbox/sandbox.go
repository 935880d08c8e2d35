// Package sandbox is the room of the sandbox operations: it turns the clock and plays the vendor for a partner's tests. It
// decides nothing itself; what the vendor does goes through the rooms' own operations and rules.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// Clock is the clock that all deadlines are measured against.
type Clock interface {
	Now() time.Time
	Advance(ctx context.Context, d time.Duration) (fired int, err error)
}

// Desk is what a vendor can do, and what a caller can see, in the rooms of deals, leads, market development funds, quotes, orders and training. Each method works in the
// transaction and with the caller of ctx.
type Desk interface {
	SeeDeal(ctx context.Context, dealID string) error
	SeeLead(ctx context.Context, leadID string) error
	DecideDeal(ctx context.Context, dealID string, action sandbox.DealAction, text string) (status string, err error)
	DecideLead(ctx context.Context, leadID string, action sandbox.LeadAction, text string) (status string, err error)
	SeeMDFRequest(ctx context.Context, requestID string) error
	SeeMDFClaim(ctx context.Context, claimID string) error
	DecideMDFRequest(ctx context.Context, requestID string, action sandbox.MDFRequestAction, text string) (status string, err error)
	DecideMDFClaim(ctx context.Context, claimID string, action sandbox.MDFClaimAction, text string) (status string, err error)
	SeeEnrolment(ctx context.Context, enrolmentID string) error
	DecideEnrolment(ctx context.Context, enrolmentID string, how *sandbox.EnrolmentSimulation) (status string, err error)
	AllocateMDF(ctx context.Context, partnerID string, amount partnerportal.Money) (allocationID, status string, err error)
	OfferLead(ctx context.Context, partnerID, title string, acceptWithinHours int) (leadID, status string, err error)
	SeeQuote(ctx context.Context, quoteID string) error
	SeeSpecialPricing(ctx context.Context, specialPricingID string) error
	SeeOrder(ctx context.Context, orderID string) error
	DecideQuote(ctx context.Context, quoteID string, action sandbox.QuoteAction, text string) (status string, err error)
	DecideSpecialPricing(ctx context.Context, specialPricingID string, action sandbox.SpecialPricingAction, text string) (status string, err error)
	DecideOrder(ctx context.Context, orderID string, action sandbox.OrderAction, text string) (status string, err error)
}

// Service implements sandbox.Server.
type Service struct {
	clock Clock // nil outside of a sandbox
	desk  Desk
}

var _ sandbox.Server = (*Service)(nil)

// New returns the room. Without a clock it is closed: every operation answers that it does not exist.
func New(clock Clock, desk Desk) *Service { return &Service{clock: clock, desk: desk} }

// vendor is who acts when the vendor is played.
var vendor = call.Caller{
	Side: partnerportal.SideVendor, Name: "Simulated vendor",
	Scopes: []string{"deals:read", "deals:review", "leads:read", "leads:review", "mdf:read", "mdf:review",
		"quotes:read", "quotes:review", "orders:read", "orders:review", "training:read", "training:review"},
}

func (s *Service) open() error {
	if s.clock == nil {
		return call.NotFound("operation outside of a sandbox")
	}
	return nil
}

// Clock returns the sandbox's time.
func (s *Service) Clock(context.Context) (*sandbox.ClockState, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return &sandbox.ClockState{Now: s.clock.Now()}, nil
}

// longestTurn keeps a slip of the keyboard from ending every deadline of a sandbox for good.
const longestTurn = 10 * 365 * 24 * time.Hour

// lastYear keeps many turns from reaching what a time.Duration holds: beyond it the clock would jump back for good.
const lastYear = 2199

// Advance turns the clock forward.
func (s *Service) Advance(ctx context.Context, turn *sandbox.Turn) (*sandbox.ClockState, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	d, err := s.turn(turn)
	if err != nil {
		return nil, err
	}
	if s.clock.Now().Add(d).Year() > lastYear {
		return nil, fault("/advance", "out_of_range", fmt.Sprintf("A sandbox's time ends with the year %d.", lastYear))
	}
	fired, err := s.clock.Advance(ctx, d)
	if err != nil {
		return nil, err
	}
	return &sandbox.ClockState{Now: s.clock.Now(), Fired: fired}, nil
}

func (s *Service) turn(turn *sandbox.Turn) (time.Duration, error) {
	if (turn.Advance == "") == turn.To.IsZero() {
		return 0, fault("/advance", "required", "Give either advance or to.")
	}
	if turn.Advance == "" {
		d := turn.To.Sub(s.clock.Now())
		if d < 0 || d > longestTurn {
			return 0, fault("/to", "out_of_range", "Give an instant between the sandbox's now and ten years later.")
		}
		return d, nil
	}
	d, err := parseDuration(turn.Advance)
	if err != nil || d > longestTurn {
		return 0, fault("/advance", "out_of_range", `Give an ISO 8601 duration of at most ten years, such as "P30D" or "PT36H".`)
	}
	return d, nil
}

// hush keeps from a partner what a refusal tells the vendor alone, such as which deal of another partner stands in the way.
func hush(c *call.Call, err error) error {
	if e, ok := errors.AsType[*partnerportal.Error](err); ok && !c.Caller.Vendor() {
		e.Extensions = nil
	}
	return err
}

// SimulateDeal plays the vendor's part for a deal that the caller can see.
func (s *Service) SimulateDeal(ctx context.Context, dealID string, body *sandbox.DealSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, dealID, s.desk.SeeDeal, func() (string, error) { return s.desk.DecideDeal(ctx, dealID, body.Action, body.Text) })
}

// SimulateLead plays the vendor's part for a lead that the caller can see.
func (s *Service) SimulateLead(ctx context.Context, leadID string, body *sandbox.LeadSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, leadID, s.desk.SeeLead, func() (string, error) { return s.desk.DecideLead(ctx, leadID, body.Action, body.Text) })
}

// simulate lets the vendor decide on what the caller can see.
func (s *Service) simulate(ctx context.Context, id string, see func(context.Context, string) error, decide func() (string, error)) (*sandbox.Outcome, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := see(ctx, id); err != nil {
		return nil, err
	}
	c, out := call.From(ctx), &sandbox.Outcome{ID: id}
	err := c.As(vendor, func() (err error) {
		out.Status, err = decide()
		return err
	})
	return out, hush(c, err)
}

// CreateLead offers an invented lead to the partner that calls.
func (s *Service) CreateLead(ctx context.Context, body *sandbox.NewLead) (*sandbox.Outcome, error) {
	const onlyPartner = "Only a partner is offered an invented lead; the vendor creates and distributes leads of its own."
	return s.invent(ctx, onlyPartner, func(partnerID string) (string, string, error) {
		return s.desk.OfferLead(ctx, partnerID, body.Title, body.AcceptWithinHours)
	})
}

// invent lets the vendor make something for the partner that calls; onlyPartner is what the vendor itself is told.
func (s *Service) invent(ctx context.Context, onlyPartner string, do func(partnerID string) (id, status string, err error)) (*sandbox.Outcome, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	c := call.From(ctx)
	partnerID := c.Caller.PartnerID
	if partnerID == "" {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation, Detail: onlyPartner}
	}
	out := new(sandbox.Outcome)
	err := c.As(vendor, func() (err error) {
		out.ID, out.Status, err = do(partnerID)
		return err
	})
	return out, err
}

func fault(pointer, code, message string) error {
	return &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation, Detail: message,
		Fields: []partnerportal.FieldError{{Pointer: pointer, Code: code, Message: message}}}
}
