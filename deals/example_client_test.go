package deals_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// register stands in for a portal with two deals. Outside of examples, a portal is at the other end of a URL.
type register struct {
	deals.Server
	held []deals.Deal
}

func newRegister() *deals.Client {
	held := []deals.Deal{
		{ID: "deal_1", Number: "D-000001", Revision: 1, Status: deals.StatusSubmitted, Customer: partnerportal.Organization{Name: "Acme Corporation"}},
		{ID: "deal_2", Number: "D-000002", Revision: 4, Status: deals.StatusApproved, Customer: partnerportal.Organization{Name: "Initech"}},
	}
	router := partnerportal.NewRouter()
	deals.Mount(router, &register{held: held})
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return deals.New(pp)
}

func (r *register) find(id string) (*deals.Deal, error) {
	i := slices.IndexFunc(r.held, func(d deals.Deal) bool { return d.ID == id })
	if i < 0 {
		return nil, &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	return &r.held[i], nil
}

func (r *register) List(_ context.Context, params *deals.ListParams) (*deals.Page, error) {
	page := &deals.Page{Items: []deals.Deal{}}
	for _, d := range r.held {
		if len(params.Status) == 0 || slices.Contains(params.Status, d.Status) {
			page.Items = append(page.Items, d)
		}
	}
	return page, nil
}

func (r *register) Get(_ context.Context, id string) (*deals.Deal, error) { return r.find(id) }

func (r *register) Update(_ context.Context, id, ifMatch string, body *deals.Patch) (*deals.Deal, error) {
	d, err := r.find(id)
	if err != nil {
		return nil, err
	}
	if ifMatch != d.ETag() {
		return nil, &partnerportal.Error{Status: http.StatusPreconditionFailed, Code: "revision_mismatch"}
	}
	body.Probability.Apply(&d.Probability)
	body.BusinessProblem.Apply(&d.BusinessProblem)
	d.Revision++
	return d, nil
}

func (r *register) Approve(_ context.Context, id, _ string, _ *deals.Approval) (*deals.Deal, error) {
	d, err := r.find(id)
	if err != nil {
		return nil, err
	}
	if d.Status != deals.StatusSubmitted {
		return nil, &partnerportal.Error{
			Status: http.StatusConflict, Code: partnerportal.ErrInvalidState,
			CurrentState: string(d.Status), AllowedActions: []string{string(deals.ActionWin), string(deals.ActionLose)},
		}
	}
	d.Status = deals.StatusApproved
	d.Protection.ExpiresAt = time.Date(2027, 2, 21, 0, 0, 0, 0, time.UTC)
	return d, nil
}

func (r *register) PreCheck(_ context.Context, body *deals.PreCheckParams) (*deals.PreCheck, error) {
	check := &deals.PreCheck{Result: deals.PreCheckResultClear, CheckID: "chk_1", Advisory: true, Matches: []deals.Match{}}
	if body.Customer.Domain == "acme.com" {
		check.Result = deals.PreCheckResultBlocked
		check.Matches = append(check.Matches, deals.Match{Holder: deals.HolderOtherPartner, Options: []deals.WayOut{deals.WayOutJoinAsServices}})
	}
	return check, nil
}

func (r *register) RequestExtension(_ context.Context, id string, body *deals.ExtensionRequest) (*deals.Extension, error) {
	return &deals.Extension{ID: "ext_1", DealID: id, Status: deals.RequestStatusPending, RequestedUntil: body.RequestedUntil, Reason: body.Reason}, nil
}

func (r *register) Upsert(_ context.Context, system, refID, _ string, body *deals.Registration) (*deals.Deal, error) {
	return &deals.Deal{
		ID: "deal_3", Revision: 1, Status: deals.StatusDraft, Customer: body.Customer,
		ExternalRefs: []partnerportal.ExternalRef{{System: system, ID: refID}},
	}, nil
}

// All reads a list to its end, page by page, as the loop goes on.
func ExampleClient_All() {
	for deal, err := range newRegister().All(context.Background(), deals.ListParams{Status: []deals.Status{deals.StatusApproved}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(deal.Number, deal.Customer.Name)
	}
	// Output: D-000002 Initech
}

// A change names the revision that it was made on; when somebody else was faster it is refused.
func ExampleClient_Update() {
	reg, ctx := newRegister(), context.Background()
	read, err := reg.Get(ctx, "deal_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	change := deals.Patch{Probability: partnerportal.Set(60), BusinessProblem: partnerportal.Null[string]()}
	changed, err := reg.Update(ctx, read.ID, change, partnerportal.IfMatch(read))
	fmt.Println(changed.Probability, changed.Revision, err)

	_, err = reg.Update(ctx, read.ID, change, partnerportal.IfMatch(read)) // read is no longer how the deal stands
	fmt.Println(errors.Is(err, partnerportal.ErrStale))
	// Output:
	// 60 2 <nil>
	// true
}

// The vendor approves. When the deal's state does not allow it, the error says what the state is and what can be done.
func ExampleClient_Approve() {
	reg, ctx := newRegister(), context.Background()
	deal, err := reg.Approve(ctx, "deal_1", deals.Approval{Comment: "Good luck."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Status, "until", deal.Protection.ExpiresAt.Format(time.DateOnly))

	_, err = reg.Approve(ctx, "deal_2", deals.Approval{})
	if e, ok := errors.AsType[*partnerportal.Error](err); ok && errors.Is(err, partnerportal.ErrInvalidState) {
		fmt.Println(e.CurrentState, e.AllowedActions)
	}
	// Output:
	// approved until 2027-02-21
	// approved [win lose]
}

// A pre-check tells beforehand whether a registration would meet a conflict.
func ExampleClient_PreCheck() {
	check, err := newRegister().PreCheck(context.Background(), deals.PreCheckParams{
		Customer:        partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
		ProductFamilies: []string{"GTX"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, match := range check.Matches {
		fmt.Println(check.Result, match.Holder, match.Options)
	}
	// Output: blocked other_partner [join_as_services]
}

func ExampleClient_RequestExtension() {
	extension, err := newRegister().RequestExtension(context.Background(), "deal_2", deals.ExtensionRequest{
		RequestedUntil: partnerportal.Date{Year: 2027, Month: 5, Day: 31},
		Reason:         "The tender was postponed.",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(extension.Status, extension.RequestedUntil)
	// Output: pending 2027-05-31
}

// A CRM keeps a draft in step by its own id. The call may be repeated.
func ExampleClient_Upsert() {
	deal, err := newRegister().Upsert(context.Background(), "crm", "006-4711", deals.Registration{
		Customer: partnerportal.Organization{Name: "Hooli Inc."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Status, deal.Customer.Name, deal.ExternalRefs[0].ID)
	// Output: draft Hooli Inc. 006-4711
}

// A refusal as an own duplicate, or a duplicate reference, names the deal that stands in the way.
func ExampleExistingID() {
	_, err := deals.New(newClient()).Create(context.Background(), deals.Registration{Customer: partnerportal.Organization{Name: "Acme Corporation"}})
	if errors.Is(err, deals.ErrDuplicateRef) {
		fmt.Println("exists as", deals.ExistingID(err))
	}
	// Output: exists as deal_1
}

// A portal of one's own implements Server, or as much of it as it needs, and mounts it on a Router: an http.Handler.
func ExampleMount() {
	router := partnerportal.NewRouter()
	deals.Mount(router, &register{held: []deals.Deal{{ID: "deal_7", Number: "D-000007", Revision: 1, Status: deals.StatusDraft}}})

	pp, err := partnerportal.New("", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	deal, err := deals.New(pp).Get(context.Background(), "deal_7")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.Number, deal.ETag())
	// Output: D-000007 "r1"
}
