package mdf

import (
	"cmp"
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// request is a request as it is stored: what the contract shows of it, and what only the portal knows.
type request struct {
	contract.Request

	Held       partnerportal.Money `json:"held,omitzero"` // of the allocation, for this request
	Unclaimed  contract.Unclaimed  `json:"unclaimed,omitempty"`
	NoticeDays []int               `json:"notice_days,omitempty"`
	Courses    map[string]course   `json:"courses,omitempty"` // by activity
}

// course is what only the portal knows of an activity.
type course struct {
	DueAt time.Time `json:"due_at"` // when the last day for claims is over
	// Ended is canceled or expired: what comes back from a claim is not committed again then.
	Ended contract.ActivityStatus `json:"ended,omitempty"`
	// Proved counts, by requirement, the proof that approved claims have brought.
	Proved map[string]int `json:"proved,omitempty"`
}

// dossier is a request while one operation works on it, with the allocation that pays once money moves.
type dossier struct {
	request

	purse     *purse
	counted   []figures.Part // what it adds to the partner's sums as it is stored
	deadlines []deadline
	told      []happened

	timing partnerportal.Timing // of this call, as it was reported
	filled []string             // JSON pointers of what the portal filled in
}

// happened is an event of a resource that is still to be saved.
type happened struct {
	event   string
	facts   map[string]any
	fields  []string
	payload any
}

func readRequest(ctx context.Context, c *call.Call, id string) (*request, error) {
	doc, err := c.Tx.MDFRequest(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "request")
	}
	r, err := decode[request](doc)
	if err != nil {
		return nil, err
	}
	if !mine(c, r.PartnerID) || c.Caller.Vendor() && r.Status == contract.RequestStatusDraft {
		return nil, call.NotFound("request")
	}
	return r, nil
}

// openRequest takes a request out to be changed. Until the transaction ends nobody else does.
func openRequest(ctx context.Context, c *call.Call, id string) (*dossier, error) {
	if r := rehearsing(ctx); r != nil {
		return r.request(id)
	}
	if err := c.Tx.Lock(ctx, "mdf/request/"+id); err != nil {
		return nil, err
	}
	r, err := readRequest(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &dossier{request: *r, counted: r.parts(), deadlines: r.due()}, nil
}

// openRequestFor takes a request out for an action of the caller that its state must allow.
func openRequestFor(ctx context.Context, c *call.Call, id string, action contract.RequestAction, ifMatch string) (*dossier, error) {
	if !requests.Concerns(states.SideOf(c.Caller), action) {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	d, err := openRequest(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("It", ifMatch, d.Revision); err != nil {
		return nil, err
	}
	if !slices.Contains(d.allowed(c), action) {
		return nil, invalidState("request", d.Status, action, d.allowed(c))
	}
	return d, nil
}

// opensPurse takes out the allocation that pays, once.
func (d *dossier) opensPurse(ctx context.Context, c *call.Call) (err error) {
	if d.purse == nil && d.AllocationID != "" {
		d.purse, err = openPurse(ctx, c, d.AllocationID)
	}
	return err
}

// tell notes what happened, to be published when the request is saved.
func (d *dossier) tell(event string, facts map[string]any, fields ...string) {
	d.told = append(d.told, happened{event: event, facts: facts, fields: fields})
}

// save writes the request with its deadlines and the money that moved, and says what happened.
func (d *dossier) save(ctx context.Context, c *call.Call) error {
	before := d.Revision
	d.Revision, d.UpdatedAt = before+1, c.Now
	if err := d.total(); err != nil {
		return err
	}
	if err := d.store(ctx, c, before); err != nil {
		return err
	}
	if d.purse == nil {
		return nil
	}
	return d.purse.save(ctx, c)
}

// store writes the request over the revision before, and publishes what happened.
func (d *dossier) store(ctx context.Context, c *call.Call, before int64) error {
	if r := rehearsing(ctx); r != nil {
		r.saveRequest(d)
		return nil
	}
	doc, err := encode(d.request)
	if err != nil {
		return err
	}
	at := store.Micros(c.Now)
	if before == 0 {
		err = c.Tx.InsertMDFRequest(ctx, store.InsertMDFRequestParams{
			ID: d.ID, Number: d.Number, Bucket: store.Bucket(d.ID), PartnerID: d.PartnerID, FundID: d.FundID, CampaignID: d.CampaignID,
			Status: string(d.Status), Revision: d.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	} else {
		err = store.Changed(c.Tx.UpdateMDFRequest(ctx, store.UpdateMDFRequestParams{
			ID: d.ID, Revision: before, FundID: d.FundID, CampaignID: d.CampaignID, Status: string(d.Status), UpdatedAt: at, Doc: doc,
		}))
	}
	if err != nil {
		return err
	}
	if err := figures.Move(ctx, c.Tx, d.PartnerID, c.Now, d.counted, d.parts()); err != nil {
		return err
	}
	if err := setDeadlines(ctx, c, d.ID, d.deadlines, d.due()); err != nil {
		return err
	}
	return d.publish(ctx, c)
}

// publish says what happened. A draft is nobody's business but the partner's.
func (d *dossier) publish(ctx context.Context, c *call.Call) error {
	audience := feed.Both
	if d.SubmittedAt.IsZero() {
		audience = feed.Partner
	}
	for _, h := range d.told {
		if err := publish(ctx, c, feed.Event{
			Type: h.event, ResourceType: kindRequest, ResourceID: d.ID, Revision: d.Revision, PartnerID: d.PartnerID, Audience: audience,
			State: string(d.Status), Facts: h.facts, ChangedFields: h.fields, Payload: h.payload,
		}); err != nil {
			return err
		}
	}
	d.told = nil
	return nil
}

// total adds the activities up.
func (r *request) total() (err error) {
	currency := r.currency()
	if currency == "" {
		return nil
	}
	if r.RequestedTotal, err = sum(currency, r.Activities, func(a *contract.Activity) partnerportal.Money { return a.RequestedAmount }); err != nil {
		return err
	}
	cost, err := sum(currency, r.Activities, func(a *contract.Activity) partnerportal.Money {
		if a.Decision == contract.ActivityDecisionRejected {
			return partnerportal.Money{}
		}
		return a.Cost
	})
	if err != nil {
		return err
	}
	if cost.Sign() == 0 { // not known yet
		return nil
	}
	paysFor := r.RequestedTotal
	if !r.ApprovedAt.IsZero() {
		if r.ApprovedTotal, err = sum(currency, r.Activities, func(a *contract.Activity) partnerportal.Money { return a.ApprovedAmount }); err != nil {
			return err
		}
		paysFor = r.ApprovedTotal
	}
	r.PartnerShare, err = cost.Sub(paysFor)
	return err
}

// currency is that of the activities; they all have the same when the request has been submitted, and in a draft the first counts.
func (r *request) currency() string {
	for _, a := range r.Activities {
		return cmp.Or(a.Cost, a.RequestedAmount).Currency()
	}
	return ""
}

// answer saves the request and shows it.
func (d *dossier) answer(ctx context.Context, c *call.Call) (*contract.Request, error) {
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return d.seenBy(c), nil
}

// enter changes the state, as the table has it.
func (d *dossier) enter(c *call.Call, action contract.RequestAction, to contract.RequestStatus) error {
	return requests.Enter(&d.Status, states.SideOf(c.Caller), action, to)
}

// activity finds one of the request's activities.
func (r *request) activity(id string) *contract.Activity {
	i := slices.IndexFunc(r.Activities, func(a contract.Activity) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Activities[i]
}

// GetRequest returns a request that the caller may know of.
func (s *Service) GetRequest(ctx context.Context, id string) (*contract.Request, error) {
	c := call.From(ctx)
	r, err := readRequest(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return r.seenBy(c), nil
}

// allowed is what the caller may do with the request.
func (r *request) allowed(c *call.Call) []contract.RequestAction {
	waits := r.Amendment.Status == contract.AmendmentStatusPending
	return slices.DeleteFunc(requests.Allowed(r.Status, c.Caller, domain), func(a contract.RequestAction) bool {
		switch a {
		case contract.RequestActionAmend:
			return waits
		case contract.RequestActionApproveAmendment, contract.RequestActionRejectAmendment:
			return !waits
		}
		return false
	})
}

// seenBy is the request with what the caller may do with it.
func (r *request) seenBy(c *call.Call) *contract.Request {
	seen := r.Request
	seen.AllowedActions, seen.EditableFields = r.allowed(c), []string{}
	if slices.Contains(seen.AllowedActions, contract.RequestActionUpdate) {
		seen.EditableFields = r.editable()
	}
	seen.Activities = slices.Clone(r.Activities)
	for i := range seen.Activities {
		a := &seen.Activities[i]
		a.AllowedActions = r.activityActions(c, a)
	}
	return &seen
}

// editable are the members that a partner may change while the request is its to write. Once submitted it stays with its allocation.
func (r *request) editable() []string {
	members := []string{"/title", "/objective", "/campaign_id", "/vendor_brand_use", "/activities", "/expected", "/attachments", "/custom"}
	if r.Status == contract.RequestStatusDraft {
		members = append(members, "/fund_id", "/allocation_id")
	}
	return members
}
