package portal_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training"
)

// webhookExamples are what the contract shows of each type of event, by type. Each is held against its schema, with the validator's
// full reading of OpenAPI 3.1.
var webhookExamples = sync.OnceValues(func() (map[string][]events.Event, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, err
	}
	found := map[string][]events.Event{}
	for name, item := range doc.Webhooks {
		content := item.Post.RequestBody.Value.Content["application/json"]
		values := []any{content.Example}
		for _, example := range content.Examples {
			values = append(values, example.Value.Value)
		}
		for _, value := range values {
			if value == nil {
				continue // it has several, and not the one
			}
			if err := doc.ValidateSchemaJSON(content.Schema.Value, value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			body, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			var e events.Event
			if err := json.Unmarshal(body, &e); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[name] = append(found[name], e)
		}
	}
	return found, nil
})

func TestWebhookExamplesFitTheirSchema(t *testing.T) {
	t.Parallel()
	examples, err := webhookExamples()
	require.NoError(t, err)
	assert.Greater(t, len(examples), 130)
}

// freely are the types whose changed fields are whatever somebody changed.
var freely = []string{
	deals.EventUpdated, deals.EventAmendmentApproved, leads.EventUpdated, mdf.EventFundUpdated, mdf.EventAllocationUpdated, mdf.EventRequestUpdated,
	mdf.EventClaimUpdated, assets.EventUpdated, program.EventPartnerUpdated, quotes.EventUpdated, quotes.EventSpecialPricingUpdated, orders.EventUpdated, catalog.EventProductUpdated, catalog.EventPriceListUpdated,
	training.EventLearnerUpdated, training.EventCourseUpdated, training.EventPathUpdated, training.EventSessionUpdated, training.EventUpdated,
}

// documented holds what really happened against the contract: each event has the facts and the changed fields of one of its type's
// examples, no more and no less.
func documented(t testing.TB, happened []events.Event) {
	t.Helper()
	examples, err := webhookExamples()
	require.NoError(t, err)
	for _, e := range happened {
		assert.True(t, slices.ContainsFunc(examples[e.Type], func(like events.Event) bool { return alike(like, e) }),
			"webhooks.yaml has no example of %s with %+v", e.Type, e.Data)
	}
}

func alike(example, e events.Event) bool {
	facts := func(e events.Event) []string { return slices.Sorted(maps.Keys(e.Data.Facts)) }
	changed := slices.Equal(example.Data.ChangedFields, e.Data.ChangedFields) || slices.Contains(freely, e.Type) && len(e.Data.ChangedFields) > 0
	return changed && slices.Equal(facts(example), facts(e)) && example.Subject.Type == e.Subject.Type &&
		(example.Data.State == "") == (e.Data.State == "") && (example.Data.Challenge == "") == (e.Data.Challenge == "")
}

// nothingMadeUp holds the contract against what happened: it shows nothing that a portal does not tell, to the partner or to the vendor.
// Of endpoints the story tells a part; the tests of the sender tell the rest.
func nothingMadeUp(t testing.TB, happened []events.Event) {
	t.Helper()
	examples, err := webhookExamples()
	require.NoError(t, err)
	for name, shown := range examples {
		for _, example := range shown {
			assert.True(t, example.Subject.Type == "webhook_endpoint" || slices.ContainsFunc(happened, func(e events.Event) bool { return e.Type == name && alike(example, e) }),
				"no portal tells %s with %+v", name, example.Data)
		}
	}
}

// rarely is what the story does not tell: what rules and deadlines do by themselves, and what goes wrong.
func (s *story) rarely() {
	ctx, deal, lead := s.ctx, did[deals.Deal](s), did[leads.Lead](s)
	rules, err := s.p.Admin().Program(ctx, portal.DefaultProgramID)
	s.ok(err)
	rules.Deal.AutoApprove = []policy.AutoApproval{{ID: "small-deals", MaxAmount: partnerportal.MustMoney("1000", "USD")}}
	rules.Lead.MaxRounds = 2
	s.ok(s.p.Admin().PutProgram(ctx, *rules))
	small := s.registration("acme-small.com")
	small.Amount = partnerportal.MustMoney("900", "USD")
	d := deal(s.acme.deals.Register(ctx, small))
	deal(s.vendor.deals.Convert(ctx, d.ID, deals.ConversionReport{Error: "The CRM is down."}))
	d = deal(s.acme.deals.Register(ctx, s.registration("acme-silent.com")))
	deal(s.vendor.deals.RequestChanges(ctx, d.ID, deals.ChangeRequest{Message: "Which site?", Changes: []deals.RequestedChange{{Pointer: "/name", Message: "Name it."}}}))

	fresh := leads.NewLead{Title: "Storage", Organization: leads.Organization{Name: "Initrode", Country: "US"}, Consent: leads.Consent{MayContact: true}}
	offer := func(id string, mode leads.OfferMode, partnerIDs ...string) string {
		if id == "" {
			id = lead(s.vendor.leads.Create(ctx, fresh)).ID
		}
		return lead(s.vendor.leads.Distribute(ctx, id, leads.Distribution{Mode: mode, PartnerIDs: partnerIDs})).ID
	}
	lost := offer("", leads.OfferModeBroadcast, s.acmeID, s.globexID)
	lead(s.globex.leads.Accept(ctx, lost))
	lead(s.globex.leads.Update(ctx, lost, leads.Patch{AssignedUserID: partnerportal.Set("ada")}, partnerportal.IfMatch(lead(s.globex.leads.Get(ctx, lost)))))
	ignored := offer("", leads.OfferModeExclusive, s.acmeID)
	s.advance(3 * 24 * time.Hour) // the offer of the one runs out, and Globex has not called the other
	offer(ignored, leads.OfferModeExclusive, s.globexID)
	s.advance(20 * 24 * time.Hour) // the last round ends, and the changes did not come
}

// TestWhatEndpointsAreSentIsDocumented: a ping, a test and the news of endpoints have the form that the contract shows, down to the bytes
// that arrive.
func TestWhatEndpointsAreSentIsDocumented(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	var bodies []events.Event
	var mu sync.Mutex
	keep := func(r *http.Request) events.Event {
		mu.Lock()
		defer mu.Unlock()
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		var e events.Event
		assert.NoError(t, decoder.Decode(&e))
		bodies = append(bodies, e)
		return e
	}
	register := func(name string, answer http.HandlerFunc) string {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		created, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: server.URL, Description: name})
		require.NoError(t, err)
		p.DeliverWebhooks()
		e, err := acme.GetEndpoint(ctx, created.Endpoint.ID)
		require.NoError(t, err)
		require.Equal(t, events.EndpointStatusEnabled, e.Status)
		return e.ID
	}
	pong := func(w http.ResponseWriter, e events.Event) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": e.Data.Challenge})
	}
	good := register("good", func(w http.ResponseWriter, r *http.Request) { pong(w, keep(r)) })
	register("closed down", func(w http.ResponseWriter, r *http.Request) {
		if e := keep(r); e.Type == events.EventPing {
			pong(w, e)
			return
		}
		w.WriteHeader(http.StatusGone)
	})
	_, err := acme.TestEndpoint(ctx, good)
	require.NoError(t, err)
	_, err = deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	p.DeliverWebhooks()

	documented(t, bodies)
	types := map[string]bool{}
	for _, e := range bodies {
		types[e.Type] = true
	}
	for _, want := range []string{events.EventPing, events.EventTest, events.EventEndpointEnabled, events.EventEndpointDisabled, deals.EventSubmitted} {
		assert.True(t, types[want], want)
	}
}
