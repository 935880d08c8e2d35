package leads_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// room is a leads room on a store of its own, driven as the portal's pipeline would.
type room struct {
	t     *testing.T
	store *store.Store
	feed  *feed.Feed
	*leads.Service

	now       time.Time
	converted []feed.LeadConversion
}

func newRoom(t *testing.T, partnerIDs ...string) *room {
	t.Helper()
	return newRoomOn(t, "sqlite::memory:", partnerIDs...)
}

func newRoomOn(t *testing.T, dsn string, partnerIDs ...string) *room {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r := &room{t: t, store: s, feed: feed.New(), Service: leads.New(), now: noon}
	r.feed.Subscribe(contract.EventConverted, func(_ context.Context, e feed.Event) error {
		conversion, ok := e.Payload.(feed.LeadConversion)
		if !ok {
			return errors.New("a conversion without its registration")
		}
		r.converted = append(r.converted, conversion)
		return nil
	})
	r.write(func(tx *store.Tx) error {
		doc, err := json.Marshal(policy.Default())
		require.NoError(t, err)
		return tx.PutProgram(context.Background(), store.PutProgramParams{ID: policy.DefaultID, Doc: string(doc)})
	})
	for _, id := range partnerIDs {
		r.addPartner(policy.Partner{ID: id, Name: "Partner " + id})
	}
	return r
}

func (r *room) write(fn func(tx *store.Tx) error) {
	r.t.Helper()
	require.NoError(r.t, r.store.Write(context.Background(), fn))
}

func (r *room) addPartner(p policy.Partner) {
	r.t.Helper()
	if p.Status == "" {
		p.Status = "active"
	}
	p.ProgramID = policy.DefaultID
	doc, err := json.Marshal(p)
	require.NoError(r.t, err)
	r.write(func(tx *store.Tx) error {
		return tx.InsertPartner(context.Background(), store.InsertPartnerParams{ID: p.ID, Status: string(p.Status), ProgramID: p.ProgramID, Doc: string(doc)})
	})
}

func (r *room) setRules(change func(*policy.LeadRules)) {
	r.t.Helper()
	p := policy.Default()
	change(&p.Lead)
	doc, err := json.Marshal(p)
	require.NoError(r.t, err)
	r.write(func(tx *store.Tx) error {
		return tx.PutProgram(context.Background(), store.PutProgramParams{ID: p.ID, Doc: string(doc)})
	})
}

var vendor = call.Caller{Side: partnerportal.SideVendor, ClientID: "cli_vendor", Name: "Vera Vendor", Scopes: []string{"leads:read", "leads:write", "leads:review"}}

func partner(id string) call.Caller {
	return call.Caller{Side: partnerportal.SidePartner, PartnerID: id, ClientID: "cli_" + id, Name: "Paul of " + id, Scopes: []string{"leads:read", "leads:write"}}
}

// as runs one operation in a transaction of its own.
func as[T any](r *room, who call.Caller, do func(ctx context.Context) (T, error)) (T, error) {
	var result T
	err := r.store.Write(context.Background(), func(tx *store.Tx) error {
		c := &call.Call{Caller: who, Now: r.now, Tx: tx, Feed: r.feed, RequestID: "req_1", Live: true}
		ctx := call.With(context.Background(), c)
		var err error
		if result, err = do(ctx); err != nil {
			return err
		}
		return c.Flush(ctx)
	})
	return result, err
}

// reads runs an operation that only reads, without a transaction.
func reads[T any](r *room, who call.Caller, do func(ctx context.Context) (T, error)) (T, error) {
	c := &call.Call{Caller: who, Now: r.now, Tx: r.store.Read(), Feed: r.feed, RequestID: "req_1", Live: true}
	return do(call.With(context.Background(), c))
}

// The operations, by who calls them.

func (r *room) create(who call.Caller, body contract.NewLead) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) { return r.Create(ctx, &body) })
}

func (r *room) get(who call.Caller, id string) (*contract.Lead, error) {
	return reads(r, who, func(ctx context.Context) (*contract.Lead, error) { return r.Get(ctx, id) })
}

func (r *room) update(who call.Caller, id, ifMatch string, patch contract.Patch) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) { return r.Update(ctx, id, ifMatch, &patch) })
}

func (r *room) distribute(id string, mode contract.OfferMode, partnerIDs ...string) (*contract.Lead, error) {
	return as(r, vendor, func(ctx context.Context) (*contract.Lead, error) {
		return r.Distribute(ctx, id, "", &contract.Distribution{Mode: mode, PartnerIDs: partnerIDs})
	})
}

func (r *room) accept(who call.Caller, id string) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) { return r.Accept(ctx, id, "") })
}

func (r *room) decline(who call.Caller, id string) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) {
		return r.Decline(ctx, id, "", &contract.Declining{Reason: contract.DeclineReasonCapacity, Note: "No engineer free."})
	})
}

func (r *room) recall(id string) (*contract.Lead, error) {
	return as(r, vendor, func(ctx context.Context) (*contract.Lead, error) {
		return r.Recall(ctx, id, "", &contract.Recalling{Reason: "Ours after all."})
	})
}

func (r *room) contact(who call.Caller, id string) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) {
		return r.LogContact(ctx, id, "", &contract.ContactLog{Channel: contract.ContactChannelPhone, Note: "Meeting on Friday."})
	})
}

func (r *room) giveBack(who call.Caller, id string) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) {
		return r.Return(ctx, id, "", &contract.Returning{Reason: contract.DeclineReasonNotAFit, Note: "Needs a bank."})
	})
}

func (r *room) end(who call.Caller, id string) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) {
		return r.Close(ctx, id, "", &contract.Closing{Reason: contract.CloseReasonUnreachable, Note: "Nobody answers."})
	})
}

func (r *room) convert(who call.Caller, id string, body contract.Conversion) (*contract.Lead, error) {
	return as(r, who, func(ctx context.Context) (*contract.Lead, error) { return r.Convert(ctx, id, "", &body) })
}

func (r *room) offers(who call.Caller, id string) []contract.Offer {
	r.t.Helper()
	page, err := reads(r, who, func(ctx context.Context) (*contract.OfferPage, error) {
		return r.ListOffers(ctx, id, &contract.ListOffersParams{})
	})
	require.NoError(r.t, err)
	return page.Items
}

func (r *room) list(who call.Caller, params contract.ListParams) []contract.Lead {
	r.t.Helper()
	page, err := reads(r, who, func(ctx context.Context) (*contract.Page, error) { return r.List(ctx, &params) })
	require.NoError(r.t, err)
	return page.Items
}

func (r *room) activity(who call.Caller, id string) []partnerportal.Activity {
	r.t.Helper()
	page, err := reads(r, who, func(ctx context.Context) (*partnerportal.ActivityPage, error) {
		return r.ListActivity(ctx, id, &contract.ListActivityParams{})
	})
	require.NoError(r.t, err)
	return page.Items
}

func texts(entries []partnerportal.Activity) []string {
	all := make([]string, len(entries))
	for i, entry := range entries {
		all[len(all)-1-i] = entry.Text
	}
	return all
}

// advance turns the clock; what falls due on the way happens at its time.
func (r *room) advance(d time.Duration) {
	r.t.Helper()
	until := r.now.Add(d)
	for r.fireNext(until) {
	}
	r.now = until
}

func (r *room) fireNext(until time.Time) (fired bool) {
	r.t.Helper()
	_, err := as(r, call.System, func(ctx context.Context) (struct{}, error) {
		c := call.From(ctx)
		timer, err := c.Tx.FirstTimer(ctx, store.Micros(until))
		if errors.Is(err, store.ErrNotFound) {
			return struct{}{}, nil
		}
		if err != nil {
			return struct{}{}, err
		}
		fired = true
		if _, err := c.Tx.TakeTimer(ctx, store.TakeTimerParams{ResourceID: timer.ResourceID, Kind: timer.Kind, DueAt: timer.DueAt}); err != nil {
			return struct{}{}, err
		}
		c.Now = store.Time(timer.DueAt)
		return struct{}{}, r.Fire(ctx, timer.Kind, timer.ResourceID, c.Now)
	})
	require.NoError(r.t, err)
	return fired
}

// Canaries are what only the vendor and the partner that holds the lead may read.
const canary = "canary"

func newLead() contract.NewLead {
	return contract.NewLead{
		Title: "Storage refresh", Summary: "Their storage is full.",
		Organization: contract.Organization{
			Name: "Acme canary", Domain: "canary.example", DUNS: "123456789", Industry: "retail", Size: "1000-5000", Country: "US", Region: "IL",
			Address:      partnerportal.Address{Line1: "1 canary street", City: "canary city"},
			ExternalRefs: []partnerportal.ExternalRef{{System: "erp", ID: "canary-77"}},
		},
		Contact:         contract.Contact{GivenName: "Ada canary", FamilyName: "Lovelace canary", Email: "ada@canary.example", Phone: "+13125550100", Title: "canary officer"},
		Consent:         contract.Consent{MayContact: true, Basis: contract.ConsentBasisConsent},
		Origin:          contract.Origin{Kind: contract.OriginKindEvent, CampaignID: "expo-2026"},
		ProductInterest: []string{"GTX"}, EstimatedValue: partnerportal.MustMoney("25000.00", "USD"), Rating: contract.RatingHot,
		Source: partnerportal.SourceStamp{System: "salesforce", Kind: "crm", RecordID: "canary-00Q"},
	}
}

// offered is a lead on its way to the partners.
func (r *room) offered(mode contract.OfferMode, partnerIDs ...string) *contract.Lead {
	r.t.Helper()
	lead, err := r.create(vendor, newLead())
	require.NoError(r.t, err)
	lead, err = r.distribute(lead.ID, mode, partnerIDs...)
	require.NoError(r.t, err)
	return lead
}

// held is a lead that a partner has accepted.
func (r *room) held(partnerID string) *contract.Lead {
	r.t.Helper()
	lead, err := r.accept(partner(partnerID), r.offered(contract.OfferModeExclusive, partnerID).ID)
	require.NoError(r.t, err)
	return lead
}

func (r *room) review(id string) (*contract.Lead, error) {
	return as(r, vendor, func(ctx context.Context) (*contract.Lead, error) { return r.StartReview(ctx, id, "") })
}

func (r *room) reject(id string) (*contract.Lead, error) {
	return as(r, vendor, func(ctx context.Context) (*contract.Lead, error) {
		return r.Reject(ctx, id, "", &contract.Rejection{Text: "Already a customer."})
	})
}
