package sandbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	room "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/sandbox"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type clock struct {
	at   time.Time
	fail error
}

func (c *clock) Now() time.Time { return c.at }

func (c *clock) Advance(_ context.Context, d time.Duration) (int, error) {
	if c.fail == nil {
		c.at = c.at.Add(d)
	}
	return 2, c.fail
}

// desk notes as whom each thing was done.
type desk struct {
	unseen error
	did    []string
}

func (d *desk) note(ctx context.Context, what string) {
	d.did = append(d.did, string(call.From(ctx).Caller.Side)+" "+what)
}

func (d *desk) SeeDeal(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) SeeLead(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) DecideDeal(ctx context.Context, id string, action sandbox.DealAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "approved", nil
}

func (d *desk) DecideLead(ctx context.Context, id string, action sandbox.LeadAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "new", nil
}

func (d *desk) OfferLead(ctx context.Context, partnerID, title string, _ int) (string, string, error) {
	d.note(ctx, "offers "+title+" to "+partnerID)
	return "lead_1", "offered", nil
}

func (d *desk) SeeMDFRequest(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) SeeMDFClaim(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) DecideMDFRequest(ctx context.Context, id string, action sandbox.MDFRequestAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "approved", nil
}

func (d *desk) DecideMDFClaim(ctx context.Context, id string, action sandbox.MDFClaimAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "paid", nil
}

func (d *desk) SeeEnrolment(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) DecideEnrolment(ctx context.Context, id string, how *sandbox.EnrolmentSimulation) (string, error) {
	d.note(ctx, string(how.Action)+"s "+id+" "+how.Text)
	return "completed", nil
}

func (d *desk) AllocateMDF(ctx context.Context, partnerID string, amount partnerportal.Money) (string, string, error) {
	d.note(ctx, "gives "+amount.String()+" to "+partnerID)
	return "alc_1", "active", nil
}

func (d *desk) SeeQuote(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) SeeSpecialPricing(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) SeeOrder(ctx context.Context, id string) error {
	d.note(ctx, "sees "+id)
	return d.unseen
}

func (d *desk) DecideQuote(ctx context.Context, id string, action sandbox.QuoteAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "ready", nil
}

func (d *desk) DecideSpecialPricing(ctx context.Context, id string, action sandbox.SpecialPricingAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "approved", nil
}

func (d *desk) DecideOrder(ctx context.Context, id string, action sandbox.OrderAction, text string) (string, error) {
	d.note(ctx, string(action)+"s "+id+" "+text)
	return "acknowledged", nil
}

func asPartner(t *testing.T) context.Context {
	t.Helper()
	return call.With(t.Context(), &call.Call{Caller: call.Caller{Side: partnerportal.SidePartner, PartnerID: "par_acme"}})
}

func TestVendorIsPlayedForWhatTheCallerSees(t *testing.T) {
	t.Parallel()
	d := new(desk)
	s, ctx := room.New(&clock{at: noon}, d), asPartner(t)
	out, err := s.SimulateDeal(ctx, "deal_1", &sandbox.DealSimulation{Action: sandbox.DealActionApprove, Text: "ok"})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "deal_1", Status: "approved"}, *out)
	_, err = s.SimulateLead(ctx, "lead_1", &sandbox.LeadSimulation{Action: sandbox.LeadActionRecall})
	require.NoError(t, err)
	_, err = s.CreateLead(ctx, &sandbox.NewLead{Title: "Refresh"})
	require.NoError(t, err)
	_, err = s.AllocateMDF(ctx, &sandbox.MDFAllocation{Amount: partnerportal.MustMoney("5000", "USD")})
	require.NoError(t, err)
	_, err = s.SimulateMDFRequest(ctx, "mdf_1", &sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove})
	require.NoError(t, err)
	_, err = s.SimulateMDFClaim(ctx, "clm_1", &sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionPay})
	require.NoError(t, err)
	_, err = s.SimulateQuote(ctx, "quo_1", &sandbox.QuoteSimulation{Action: sandbox.QuoteActionApprove})
	require.NoError(t, err)
	_, err = s.SimulateSpecialPricing(ctx, "spc_1", &sandbox.SpecialPricingSimulation{Action: sandbox.SpecialPricingActionReject})
	require.NoError(t, err)
	_, err = s.SimulateOrder(ctx, "ord_1", &sandbox.OrderSimulation{Action: sandbox.OrderActionAcknowledge})
	require.NoError(t, err)
	_, err = s.SimulateEnrolment(ctx, "enr_1", &sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionComplete})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"partner sees deal_1", "vendor approves deal_1 ok", "partner sees lead_1", "vendor recalls lead_1 ", "vendor offers Refresh to par_acme",
		"vendor gives 5000.00 USD to par_acme", "partner sees mdf_1", "vendor approves mdf_1 ", "partner sees clm_1", "vendor pays clm_1 ",
		"partner sees quo_1", "vendor approves quo_1 ", "partner sees spc_1", "vendor rejects spc_1 ", "partner sees ord_1", "vendor acknowledges ord_1 ",
		"partner sees enr_1", "vendor completes enr_1 ",
	}, d.did)
	assert.Equal(t, partnerportal.SidePartner, call.From(ctx).Caller.Side, "the caller is itself again")
}

func TestOthersResourcesAreNotPlayedWith(t *testing.T) {
	t.Parallel()
	d := &desk{unseen: call.NotFound("deal")}
	s, ctx := room.New(&clock{at: noon}, d), asPartner(t)
	_, err := s.SimulateDeal(ctx, "deal_1", &sandbox.DealSimulation{Action: sandbox.DealActionApprove})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateLead(ctx, "lead_1", &sandbox.LeadSimulation{Action: sandbox.LeadActionRecall})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateMDFRequest(ctx, "mdf_1", &sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateMDFClaim(ctx, "clm_1", &sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionPay})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateQuote(ctx, "quo_1", &sandbox.QuoteSimulation{Action: sandbox.QuoteActionApprove})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateSpecialPricing(ctx, "spc_1", &sandbox.SpecialPricingSimulation{Action: sandbox.SpecialPricingActionReject})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateOrder(ctx, "ord_1", &sandbox.OrderSimulation{Action: sandbox.OrderActionAcknowledge})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.SimulateEnrolment(ctx, "enr_1", &sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionFail})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.Equal(t, []string{
		"partner sees deal_1", "partner sees lead_1", "partner sees mdf_1", "partner sees clm_1", "partner sees quo_1", "partner sees spc_1", "partner sees ord_1", "partner sees enr_1",
	}, d.did)
}

func TestInventionsAreForPartners(t *testing.T) {
	t.Parallel()
	d := new(desk)
	ctx := call.With(t.Context(), &call.Call{Caller: call.Caller{Side: partnerportal.SideVendor}})
	_, err := room.New(&clock{at: noon}, d).CreateLead(ctx, &sandbox.NewLead{Title: "x"})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	_, err = room.New(&clock{at: noon}, d).AllocateMDF(ctx, &sandbox.MDFAllocation{})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	assert.Empty(t, d.did)
}

func TestClosedOutsideOfASandbox(t *testing.T) {
	t.Parallel()
	s, ctx := room.New(nil, new(desk)), asPartner(t)
	_, err1 := s.Clock(ctx)
	_, err2 := s.Advance(ctx, &sandbox.Turn{Advance: "P1D"})
	_, err3 := s.SimulateDeal(ctx, "deal_1", &sandbox.DealSimulation{})
	_, err4 := s.SimulateLead(ctx, "lead_1", &sandbox.LeadSimulation{})
	_, err5 := s.CreateLead(ctx, &sandbox.NewLead{})
	_, err6 := s.AllocateMDF(ctx, &sandbox.MDFAllocation{})
	_, err7 := s.SimulateMDFRequest(ctx, "mdf_1", &sandbox.MDFRequestSimulation{})
	_, err8 := s.SimulateMDFClaim(ctx, "clm_1", &sandbox.MDFClaimSimulation{})
	_, err9 := s.SimulateQuote(ctx, "quo_1", &sandbox.QuoteSimulation{})
	_, err10 := s.SimulateSpecialPricing(ctx, "spc_1", &sandbox.SpecialPricingSimulation{})
	_, err11 := s.SimulateOrder(ctx, "ord_1", &sandbox.OrderSimulation{})
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11} {
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"P2W": 14 * 24 * time.Hour, "P30D": 30 * 24 * time.Hour, "PT36H": 36 * time.Hour, "P1DT2H3M4S": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"PT90M": 90 * time.Minute, "P0D": 0,
	} {
		c := &clock{at: noon}
		state, err := room.New(c, nil).Advance(t.Context(), &sandbox.Turn{Advance: text})
		require.NoError(t, err, text)
		assert.Equal(t, sandbox.ClockState{Now: noon.Add(want), Fired: 2}, *state, text)
	}
	for _, text := range []string{"P", "PT", "P1", "1D", "P1Y", "P1M", "P-1D", "P1.5D", "PT1D", "P1H", "PT1S1H", "P1W1D", "P1DT", "P1D ", "P99999999999D", "P3651D", "PT9223372036854775807S"} {
		_, err := room.New(&clock{at: noon}, nil).Advance(t.Context(), &sandbox.Turn{Advance: text})
		require.ErrorIs(t, err, partnerportal.ErrValidation, text)
	}
	for _, turn := range []sandbox.Turn{{}, {Advance: "P1D", To: noon.Add(time.Hour)}, {To: noon.Add(-time.Second)}, {To: noon.AddDate(11, 0, 0)}} {
		_, err := room.New(&clock{at: noon}, nil).Advance(t.Context(), &turn)
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	}
	_, err := room.New(&clock{at: time.Date(2198, 1, 1, 0, 0, 0, 0, time.UTC)}, nil).Advance(t.Context(), &sandbox.Turn{Advance: "P900D"})
	require.ErrorIs(t, err, partnerportal.ErrValidation, "many turns do not break the clock")
	broken := errors.New("broken")
	_, err = room.New(&clock{at: noon, fail: broken}, nil).Advance(t.Context(), &sandbox.Turn{To: noon.Add(time.Hour)})
	require.ErrorIs(t, err, broken)
}

func FuzzTurn(f *testing.F) {
	for _, text := range []string{"P2W", "P1DT2H3M4S", "PT", "P99999999999999999999D", "P1DT1D"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		c := &clock{at: noon}
		_, err := room.New(c, nil).Advance(t.Context(), &sandbox.Turn{Advance: text})
		if err != nil {
			require.ErrorIs(t, err, partnerportal.ErrValidation)
		}
		require.False(t, c.at.Before(noon), "the clock never goes back")
	})
}
