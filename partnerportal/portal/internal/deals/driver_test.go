package deals_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// start is a Sunday in November; day ends of the programme are in UTC.
var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

var tests = context.Background()

// room is a portal with nothing in it but the deals room: each operation is one transaction.
type room struct {
	*deals.Service
	store *store.Store
	feed  *feed.Feed
	mu    sync.Mutex
	now   time.Time
}

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

func newRoom(t fataler, change func(p *policy.Program)) *room {
	t.Helper()
	return newRoomOn(t, "sqlite::memory:", change)
}

func newRoomOn(t fataler, dsn string, change func(p *policy.Program)) *room {
	t.Helper()
	s, err := store.Open(tests, dsn)
	require.NoError(t, err)
	r := &room{Service: deals.New(nil), store: s, feed: feed.New(), now: start}
	r.Subscribe(r.feed)
	p := policy.Default()
	if change != nil {
		change(&p)
	}
	r.putProgram(t, p)
	return r
}

func roomFor(t *testing.T, change func(p *policy.Program)) *room {
	t.Helper()
	r := newRoom(t, change)
	t.Cleanup(func() { require.NoError(t, r.store.Close()) })
	return r
}

func (r *room) putProgram(t fataler, p policy.Program) {
	t.Helper()
	doc, err := json.Marshal(p)
	require.NoError(t, err)
	require.NoError(t, r.store.Write(tests, func(tx *store.Tx) error {
		return tx.PutProgram(tests, store.PutProgramParams{ID: p.ID, Doc: string(doc)})
	}))
}

// partner adds a partner and returns it as a caller.
func (r *room) partner(t fataler, id string, change ...func(p *policy.Partner)) who {
	t.Helper()
	p := policy.Partner{ID: id, Name: id, Status: "active", ProgramID: policy.DefaultID, CreatedAt: r.now}
	for _, f := range change {
		f(&p)
	}
	doc, err := json.Marshal(p)
	require.NoError(t, err)
	require.NoError(t, r.store.Write(tests, func(tx *store.Tx) error {
		return tx.InsertPartner(tests, store.InsertPartnerParams{ID: p.ID, Status: string(p.Status), ProgramID: p.ProgramID, Doc: string(doc), CreatedAt: store.Micros(r.now)})
	}))
	return who{r, call.Caller{Side: partnerportal.SidePartner, PartnerID: id, ClientID: "cli_" + id, Name: "Clerk of " + id, Scopes: []string{"deals:read", "deals:write"}}}
}

func (r *room) vendor() who {
	return who{r, call.Caller{Side: partnerportal.SideVendor, ClientID: "cli_vendor", Name: "Dana Reviewer", Scopes: []string{"deals:read", "deals:review"}}}
}

func (r *room) reserve(t fataler, holder contract.Holder, customer partnerportal.Organization, key string) {
	t.Helper()
	doc, err := json.Marshal(customer)
	require.NoError(t, err)
	require.NoError(t, r.store.Write(tests, func(tx *store.Tx) error {
		if err := tx.PutReservedAccount(tests, store.PutReservedAccountParams{ID: key, Holder: string(holder), Doc: string(doc)}); err != nil {
			return err
		}
		return tx.PutReservedKey(tests, store.PutReservedKeyParams{MatchKey: key, AccountID: key})
	}))
}

// advance turns the clock and acts on what falls due meanwhile, in its order.
func (r *room) advance(t fataler, d time.Duration) {
	t.Helper()
	until := r.now.Add(d)
	for {
		due, err := r.store.Read().DueTimers(tests, store.DueTimersParams{Now: store.Micros(until)})
		require.NoError(t, err)
		if len(due) == 0 {
			break
		}
		at := store.Time(due[0].DueAt)
		r.now = at
		require.NoError(t, who{r, call.System}.do(func(ctx context.Context) error {
			taken, err := call.From(ctx).Tx.TakeTimer(ctx, store.TakeTimerParams{ResourceID: due[0].ResourceID, Kind: due[0].Kind, DueAt: due[0].DueAt})
			if err != nil || taken == 0 {
				return err
			}
			return r.Fire(ctx, due[0].Kind, due[0].ResourceID, at)
		}))
	}
	r.now = until
}

// skip turns the clock without serving the timers, as a portal that was down.
func (r *room) skip(d time.Duration) { r.now = r.now.Add(d) }

// events lists what was told of a resource, oldest first.
func (r *room) events(t fataler, side partnerportal.Side, id, partnerID string) []string {
	t.Helper()
	page, err := feed.Timeline(tests, r.store.Read(), id, side, partnerID, store.Page{Limit: 1000}, func(e feed.Event, _ partnerportal.Side) string { return e.Type })
	require.NoError(t, err)
	types := []string{}
	for i := range page.Items {
		types = append(types, page.Items[len(page.Items)-1-i].Type)
	}
	return types
}

// who is a caller of the room.
type who struct {
	room   *room
	caller call.Caller
}

// do runs one operation as the pipeline would: in a transaction that is undone if it fails.
func (w who) do(operation func(ctx context.Context) error) error {
	return w.room.store.Write(tests, func(tx *store.Tx) error {
		w.room.mu.Lock()
		now := w.room.now
		w.room.mu.Unlock()
		c := &call.Call{Caller: w.caller, Now: now, Tx: tx, Feed: w.room.feed, RequestID: "req_test", Live: true}
		if err := operation(call.With(tests, c)); err != nil {
			return err
		}
		return c.Flush(tests)
	})
}

// ask runs an operation that answers something.
func ask[T any](w who, operation func(ctx context.Context) (T, error)) (answer T, err error) {
	err = w.do(func(ctx context.Context) error {
		answer, err = operation(ctx)
		return err
	})
	return answer, err
}

func (w who) register(r contract.Registration) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Register(ctx, &r) })
}

func (w who) create(r contract.Registration) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Create(ctx, &r) })
}

func (w who) submit(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) {
		return w.room.Submit(ctx, id, "", &contract.Submission{})
	})
}

func (w who) resubmit(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Resubmit(ctx, id, "") })
}

func (w who) recall(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Recall(ctx, id, "") })
}

func (w who) withdraw(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) {
		return w.room.Withdraw(ctx, id, "", &contract.Closing{})
	})
}

func (w who) approve(id string, a contract.Approval) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Approve(ctx, id, "", &a) })
}

func (w who) reject(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) {
		return w.room.Reject(ctx, id, "", &contract.Rejection{Code: contract.RejectionCodeNotQualified, Text: "No budget.", InternalNote: "INTERNAL"})
	})
}

func (w who) requestChanges(id string, pointers ...string) (*contract.Deal, error) {
	body := contract.ChangeRequest{Message: "Please look again.", InternalNote: "INTERNAL"}
	for _, p := range pointers {
		body.Changes = append(body.Changes, contract.RequestedChange{Pointer: p, Message: "wrong"})
	}
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.RequestChanges(ctx, id, "", &body) })
}

func (w who) update(id string, p contract.Patch) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Update(ctx, id, "", &p) })
}

func (w who) get(id string) (*contract.Deal, error) {
	return ask(w, func(ctx context.Context) (*contract.Deal, error) { return w.room.Get(ctx, id) })
}

func (w who) list(p contract.ListParams) (*contract.Page, error) {
	return ask(w, func(ctx context.Context) (*contract.Page, error) { return w.room.List(ctx, &p) })
}

func (w who) conflicts(dealID string) ([]contract.Conflict, error) {
	page, err := ask(w, func(ctx context.Context) (*contract.ConflictPage, error) {
		return w.room.ListDealConflicts(ctx, dealID, &contract.ListDealConflictsParams{Limit: 1000})
	})
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

func (w who) preCheck(p contract.PreCheckParams) (*contract.PreCheck, error) {
	return ask(w, func(ctx context.Context) (*contract.PreCheck, error) { return w.room.PreCheck(ctx, &p) })
}

func decodes(text string, v *any) bool { return json.Unmarshal([]byte(text), v) == nil }

// acme is a customer, gtx a registration of it that is complete.
var acme = partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"}

func gtx(change ...func(r *contract.Registration)) contract.Registration {
	r := contract.Registration{
		Customer: acme, Products: []contract.Product{{Family: "GTX"}}, Amount: partnerportal.MustMoney("125000.00", "USD"),
		ExpectedCloseOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func families(names ...string) func(r *contract.Registration) {
	return func(r *contract.Registration) {
		r.Products = nil
		for _, name := range names {
			r.Products = append(r.Products, contract.Product{Family: name})
		}
	}
}

func allowReview(p *policy.Program) { p.Deal.SubmitOnConflict = "allow_review" }

// problem is the refusal that err must be.
func problem(t *testing.T, err error) *partnerportal.Error {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	return e
}

func isProblem(err error) bool {
	var e *partnerportal.Error
	return errors.As(err, &e)
}

const day = 24 * time.Hour
