package sandbox_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fake is a sandbox that remembers what it was asked for.
type fake struct {
	turn  sandbox.Turn
	deal  sandbox.DealSimulation
	lead  sandbox.LeadSimulation
	offer sandbox.NewLead
	fail  error

	quote   sandbox.QuoteSimulation
	special sandbox.SpecialPricingSimulation
	order   sandbox.OrderSimulation
	request sandbox.MDFRequestSimulation
	claim   sandbox.MDFClaimSimulation
	money   sandbox.MDFAllocation
	attempt sandbox.EnrolmentSimulation
}

func (f *fake) Clock(context.Context) (*sandbox.ClockState, error) {
	return &sandbox.ClockState{Now: noon}, f.fail
}

func (f *fake) Advance(_ context.Context, body *sandbox.Turn) (*sandbox.ClockState, error) {
	f.turn = *body
	return &sandbox.ClockState{Now: noon, Fired: 3}, f.fail
}

func (f *fake) SimulateDeal(_ context.Context, dealID string, body *sandbox.DealSimulation) (*sandbox.Outcome, error) {
	f.deal = *body
	return &sandbox.Outcome{ID: dealID, Status: "approved"}, f.fail
}

func (f *fake) SimulateLead(_ context.Context, leadID string, body *sandbox.LeadSimulation) (*sandbox.Outcome, error) {
	f.lead = *body
	return &sandbox.Outcome{ID: leadID, Status: "new"}, f.fail
}

func (f *fake) CreateLead(_ context.Context, body *sandbox.NewLead) (*sandbox.Outcome, error) {
	f.offer = *body
	return &sandbox.Outcome{ID: "lead_1", Status: "offered"}, f.fail
}

func (f *fake) SimulateMDFRequest(_ context.Context, requestID string, body *sandbox.MDFRequestSimulation) (*sandbox.Outcome, error) {
	f.request = *body
	return &sandbox.Outcome{ID: requestID, Status: "approved"}, f.fail
}

func (f *fake) SimulateMDFClaim(_ context.Context, claimID string, body *sandbox.MDFClaimSimulation) (*sandbox.Outcome, error) {
	f.claim = *body
	return &sandbox.Outcome{ID: claimID, Status: "paid"}, f.fail
}

func (f *fake) SimulateQuote(_ context.Context, quoteID string, body *sandbox.QuoteSimulation) (*sandbox.Outcome, error) {
	f.quote = *body
	return &sandbox.Outcome{ID: quoteID, Status: "ready"}, f.fail
}

func (f *fake) SimulateSpecialPricing(_ context.Context, specialPricingID string, body *sandbox.SpecialPricingSimulation) (*sandbox.Outcome, error) {
	f.special = *body
	return &sandbox.Outcome{ID: specialPricingID, Status: "rejected"}, f.fail
}

func (f *fake) SimulateOrder(_ context.Context, orderID string, body *sandbox.OrderSimulation) (*sandbox.Outcome, error) {
	f.order = *body
	return &sandbox.Outcome{ID: orderID, Status: "in_progress"}, f.fail
}

func (f *fake) SimulateEnrolment(_ context.Context, enrolmentID string, body *sandbox.EnrolmentSimulation) (*sandbox.Outcome, error) {
	f.attempt = *body
	return &sandbox.Outcome{ID: enrolmentID, Status: "completed"}, f.fail
}

func (f *fake) AllocateMDF(_ context.Context, body *sandbox.MDFAllocation) (*sandbox.Outcome, error) {
	f.money = *body
	return &sandbox.Outcome{ID: "alc_1", Status: "active"}, f.fail
}

func connect(t testing.TB, f *fake) *sandbox.Client {
	t.Helper()
	router := partnerportal.NewRouter()
	sandbox.Mount(router, f)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	require.NoError(t, err)
	return sandbox.New(pp)
}

func TestEveryOperationTravels(t *testing.T) {
	t.Parallel()
	f := new(fake)
	sb, ctx := connect(t, f), t.Context()

	state, err := sb.Clock(ctx)
	require.NoError(t, err)
	assert.Equal(t, noon, state.Now)

	state, err = sb.Advance(ctx, sandbox.Days(30))
	require.NoError(t, err)
	assert.Equal(t, 3, state.Fired)
	assert.Equal(t, sandbox.Turn{Advance: "P30D"}, f.turn)

	deal, err := sb.SimulateDeal(ctx, "deal_1", sandbox.DealSimulation{Action: sandbox.DealActionApprove, Text: "Good."})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "deal_1", Status: "approved"}, *deal)
	assert.Equal(t, sandbox.DealSimulation{Action: sandbox.DealActionApprove, Text: "Good."}, f.deal)

	lead, err := sb.SimulateLead(ctx, "lead_1", sandbox.LeadSimulation{Action: sandbox.LeadActionRecall})
	require.NoError(t, err)
	assert.Equal(t, "new", lead.Status)
	assert.Equal(t, sandbox.LeadActionRecall, f.lead.Action)

	offer, err := sb.CreateLead(ctx, sandbox.NewLead{Title: "Storage refresh", AcceptWithinHours: 4})
	require.NoError(t, err)
	assert.Equal(t, "offered", offer.Status)
	assert.Equal(t, sandbox.NewLead{Title: "Storage refresh", AcceptWithinHours: 4}, f.offer)

	money, err := sb.AllocateMDF(ctx, sandbox.MDFAllocation{Amount: partnerportal.MustMoney("5000.00", "USD")})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "alc_1", Status: "active"}, *money)
	assert.Equal(t, "5000.00 USD", f.money.Amount.String())

	request, err := sb.SimulateMDFRequest(ctx, "mdf_1", sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove})
	require.NoError(t, err)
	assert.Equal(t, "approved", request.Status)
	assert.Equal(t, sandbox.MDFRequestActionApprove, f.request.Action)

	claim, err := sb.SimulateMDFClaim(ctx, "clm_1", sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionPay, Text: "Thanks."})
	require.NoError(t, err)
	assert.Equal(t, "paid", claim.Status)
	assert.Equal(t, sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionPay, Text: "Thanks."}, f.claim)

	quote, err := sb.SimulateQuote(ctx, "quo_1", sandbox.QuoteSimulation{Action: sandbox.QuoteActionApprove})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "quo_1", Status: "ready"}, *quote)
	assert.Equal(t, sandbox.QuoteActionApprove, f.quote.Action)

	special, err := sb.SimulateSpecialPricing(ctx, "spc_1", sandbox.SpecialPricingSimulation{Action: sandbox.SpecialPricingActionReject, Text: "Too low."})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "spc_1", Status: "rejected"}, *special)
	assert.Equal(t, "Too low.", f.special.Text)

	order, err := sb.SimulateOrder(ctx, "ord_1", sandbox.OrderSimulation{Action: sandbox.OrderActionShip})
	require.NoError(t, err)
	assert.Equal(t, sandbox.Outcome{ID: "ord_1", Status: "in_progress"}, *order)
	assert.Equal(t, sandbox.OrderActionShip, f.order.Action)

	attempt, err := sb.SimulateEnrolment(ctx, "enr_1", sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionComplete, Score: "92.5"})
	require.NoError(t, err)
	assert.Equal(t, "completed", attempt.Status)
	assert.Equal(t, "92.5", f.attempt.Score)
}

func TestTurns(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "PT129600S", sandbox.By(36*time.Hour).Advance)
	assert.Equal(t, noon, sandbox.To(noon).To)
	assert.Empty(t, sandbox.To(noon).Advance)
}

func TestRealPortalHasNoSandbox(t *testing.T) {
	t.Parallel()
	sb := connect(t, &fake{fail: &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"}})
	_, err := sb.Advance(t.Context(), sandbox.Days(1))
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = sb.Clock(t.Context())
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "sandbox.clock", e.Operation)
}
