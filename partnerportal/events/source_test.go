package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// inbox is a receiver that notes which events its handler saw.
type inbox struct {
	*webhook.Receiver

	ids     []string
	answers []error // of the handler, one after the other
}

func newInbox(t testing.TB, opts ...webhook.ReceiverOption) *inbox {
	t.Helper()
	v, err := webhook.NewVerifier(webhook.StaticKeys(webhook.GenerateSecret()))
	require.NoError(t, err)
	in := &inbox{Receiver: webhook.NewReceiver(v, opts...)}
	webhook.On(in.Receiver, "a", func(_ context.Context, ev webhook.Event[events.Data]) error {
		in.ids = append(in.ids, ev.ID)
		if len(in.answers) == 0 {
			return nil
		}
		err := in.answers[0]
		in.answers = in.answers[1:]
		return err
	})
	return in
}

// push delivers an event, as the portal's endpoint would have it.
func (in *inbox) push(t testing.TB, e events.Event) {
	t.Helper()
	body, err := json.Marshal(e)
	require.NoError(t, err)
	require.NoError(t, in.Dispatch(t.Context(), body))
}

func TestBackfillReadsTheFeedToItsEnd(t *testing.T) {
	t.Parallel()
	f, in, place := &fake{limit: 2}, newInbox(t), new(events.MemoryCursor)
	client, ctx := connect(t, f), t.Context()
	f.happen("a", "a", "b", "a", "a")
	in.push(t, f.event(1))
	n, err := webhook.Backfill(ctx, in.Receiver, events.Source(client, events.ListParams{}), place)
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.Equal(t, []string{"evt_2", "evt_1", "evt_4", "evt_5"}, in.ids, "the pushed one first, and not again")
	assert.Equal(t, "after:5", saved(t, place))
	assert.Equal(t, 100, f.polls()[0].Limit)

	f.happen("a")
	n, err = webhook.Backfill(ctx, in.Receiver, events.Source(client, events.ListParams{Limit: 1}), place)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	polls := f.polls()
	assert.Equal(t, events.ListParams{Cursor: "after:5", Limit: 1}, polls[len(polls)-2])
}

func TestSourceBeginsWhereItIsTold(t *testing.T) {
	t.Parallel()
	f, in, place := new(fake), newInbox(t), new(events.MemoryCursor)
	f.happen("a", "a")
	source := events.Source(connect(t, f), events.ListParams{Cursor: events.FromHere})
	n, err := webhook.Backfill(t.Context(), in.Receiver, source, place)
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Equal(t, "after:2", saved(t, place))
	f.happen("a")
	_, err = webhook.Backfill(t.Context(), in.Receiver, source, place)
	require.NoError(t, err)
	assert.Equal(t, []string{"evt_3"}, in.ids)
}

// A page on which nothing matches is not the end while the portal says that there is more.
func TestSourceLooksOnWhileNothingMatches(t *testing.T) {
	t.Parallel()
	f, in, place := &fake{limit: 1}, newInbox(t), new(events.MemoryCursor)
	f.happen("b", "b", "b", "a", "b")
	client := connect(t, &sparse{fake: f})
	n, err := webhook.Backfill(t.Context(), in.Receiver, events.Source(client, events.ListParams{Type: []string{"a"}}), place)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, "after:5", saved(t, place), "the checkpoint goes on to where nothing matches")
}

// sparse is a portal that looks at one event for each page, whether it matches or not.
type sparse struct{ *fake }

func (s *sparse) List(ctx context.Context, params *events.ListParams) (*events.Page, error) {
	all := *params
	all.Type = nil
	page, err := s.fake.List(ctx, &all)
	if err == nil && len(page.Items) > 0 && page.Items[0].Type != params.Type[0] {
		page.Items = []events.Event{}
	}
	return page, err
}

func TestSourceErrors(t *testing.T) {
	t.Parallel()
	f, in := new(fake), newInbox(t)
	f.fail(gone, noScope)
	source := events.Source(connect(t, f), events.ListParams{})
	_, err := webhook.Backfill(t.Context(), in.Receiver, source, new(events.MemoryCursor))
	require.ErrorIs(t, err, webhook.ErrCursorExpired)
	require.ErrorIs(t, err, events.ErrCursorExpired)
	require.ErrorIs(t, err, partnerportal.ErrorStatus(http.StatusGone))
	_, err = webhook.Backfill(t.Context(), in.Receiver, source, new(events.MemoryCursor))
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	assert.NotErrorIs(t, err, webhook.ErrCursorExpired)
}

// What a newer portal adds to an event reaches the handlers, as it does when it is delivered.
func TestSourceKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	portal := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"items":[{"id":"evt_1","type":"a","data":{"mood":{"good":12345678901234567890}}}],"cursor":"c","has_more":false}`))
	})
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(portal), partnerportal.WithAPIKey("ppk_test"))
	require.NoError(t, err)
	found, next, err := events.Source(events.New(pp), events.ListParams{}).ListEvents(t.Context(), "", 10)
	require.NoError(t, err)
	assert.Equal(t, "c", next)
	require.Len(t, found, 1)
	assert.Contains(t, string(found[0]), `"data":{"mood":{"good":12345678901234567890}}`)
}

func TestFollowAndDeliveriesShareHandlers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, in, store := new(fake), newInbox(t), new(events.MemoryCursor)
		f.happen("a", "b", "a", "a", "a")
		in.push(t, f.event(2))
		in.answers = []error{errors.New("the CRM is down"), nil, webhook.Permanent(errors.New("no such customer"))}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		err := events.Follow(ctx, connect(t, f), store, events.Dispatch(in.Receiver))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, []string{"evt_3", "evt_1", "evt_1", "evt_4", "evt_5"}, in.ids, "one again, one given up, and the pushed one once")
		assert.Equal(t, "evt_5", saved(t, store))
	})
}

// An event that no receiver can take must not hold back all that come after it.
func TestDispatchSkipsWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	handle := events.Dispatch(in.Receiver)
	for name, e := range map[string]events.Event{
		"no type":      {ID: "evt_1", Timestamp: noon},
		"a broken id":  {ID: "evt 1", Type: "a", Timestamp: noon},
		"no id":        {Type: "a", Timestamp: noon},
		"no such year": {ID: "evt_1", Type: "a", Timestamp: noon.AddDate(10_000, 0, 0)},
	} {
		err := handle(t.Context(), e)
		require.Error(t, err, name)
		assert.True(t, strings.HasPrefix(err.Error(), "skipped: "), name)
	}
	require.NoError(t, handle(t.Context(), events.Event{ID: "evt_1", Type: "unknown", Timestamp: noon}))
	assert.Empty(t, in.ids)
}

// TestWhatIsDispatchedIsWhatIsDelivered: both ways an event has the same bytes, so a handler cannot tell which way it came.
func TestWhatIsDispatchedIsWhatIsDelivered(t *testing.T) {
	t.Parallel()
	var bodies []string
	park := webhook.WithPark(func(_ context.Context, body []byte, _ error) error {
		bodies = append(bodies, string(body))
		return nil
	})
	never := webhook.Permanent(errors.New("never"))
	f := new(fake)
	f.happen("a")
	polled, fed := newInbox(t, park), newInbox(t, park)
	polled.answers, fed.answers = []error{never}, []error{never}
	require.NoError(t, events.Dispatch(polled.Receiver)(t.Context(), f.event(0)))
	_, err := webhook.Backfill(t.Context(), fed.Receiver, events.Source(connect(t, f), events.ListParams{}), new(events.MemoryCursor))
	require.NoError(t, err)
	require.Len(t, bodies, 2)
	assert.Equal(t, bodies[0], bodies[1])
}
