package mdf_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// typed counts the values in a JSON body.
func typed(t *testing.T, body []byte) int {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(body, &v))
	var count func(v any) int
	count = func(v any) (n int) {
		switch v := v.(type) {
		case map[string]any:
			for _, member := range v {
				n += count(member)
			}
		case []any:
			for _, item := range v {
				n += count(item)
			}
		default:
			n = 1
		}
		return n
	}
	return count(v)
}

func TestAskingTakesFiveValuesAndOneCall(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "10000")
	tpl := must[*mdf.Template](t)(w.vendor.CreateTemplate(ctx, mdf.NewTemplate{Name: "Roadshow", Objective: "Meet customers.", Activities: []mdf.TemplateActivity{
		{Type: mdf.ActivityTypeEvent, Title: "Show", StartsAfterDays: 14, DurationDays: 3, Weight: 2, Suppliers: []mdf.Supplier{{Name: "Hall Ltd"}}},
		{Type: mdf.ActivityTypeEmail, Title: "Invitation", ReimbursementPercent: "25"},
	}}))
	w.ForgetRequests()
	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, mdf.QuickRequest{TemplateID: tpl.ID, StartsOn: w.day(3), Amount: usd("1000.00")}))
	sent := w.Requests("mdf.quickRequest")
	require.Len(t, sent, 1)
	assert.LessOrEqual(t, typed(t, sent[0].Body), 5)

	assert.Equal(t, "Roadshow Meet customers.", r.Title+" "+r.Objective)
	assert.Equal(t, tpl.ID, r.SourceID)
	show, mail := r.Activities[0], r.Activities[1]
	assert.Equal(t, []partnerportal.Date{w.day(17), w.day(19), w.day(3), w.day(3)}, []partnerportal.Date{show.StartsOn, show.EndsOn, mail.StartsOn, mail.EndsOn})
	assert.Equal(t, "666.67 USD 1333.34 USD 333.33 USD 1333.32 USD", show.RequestedAmount.String()+" "+show.Cost.String()+" "+mail.RequestedAmount.String()+" "+mail.Cost.String(),
		"two thirds and one third, to the cent; the costs of which they are 50 and 25 percent")
	assert.Equal(t, "1000.00 USD", r.RequestedTotal.String())

	_, err := w.acme.QuickRequest(ctx, mdf.QuickRequest{StartsOn: w.day(3), Amount: usd("1")})
	faulty(t, err, "/template_id")
	_, err = w.acme.QuickRequest(ctx, mdf.QuickRequest{TemplateID: tpl.ID, Type: mdf.ActivityTypeEmail, StartsOn: w.day(3), Amount: usd("1")})
	faulty(t, err, "/template_id")
	_, err = w.acme.QuickRequest(ctx, mdf.QuickRequest{TemplateID: tpl.ID, StartsOn: w.day(3), Amount: usd("-1")})
	faulty(t, err, "/amount")
	tpl = must[*mdf.Template](t)(w.vendor.UpdateTemplate(ctx, tpl.ID, mdf.TemplatePatch{Retired: partnerportal.Set(true)}, partnerportal.IfMatch(tpl)))
	_, err = w.acme.QuickRequest(ctx, mdf.QuickRequest{TemplateID: tpl.ID, StartsOn: w.day(3), Amount: usd("1")})
	faulty(t, err, "/template_id")
	assert.Empty(t, must[*mdf.TemplatePage](t)(w.acme.ListTemplates(ctx, mdf.ListTemplatesParams{})).Items)
	assert.Len(t, must[*mdf.TemplatePage](t)(w.acme.ListTemplates(ctx, mdf.ListTemplatesParams{Retired: true})).Items, 1)
}

func TestAskingAgainForAPastRequest(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first := w.fund(func(f *mdf.NewFund) { f.Period.SpendTo = w.day(30) })
	w.allocate(first, "1500")
	past := w.submitted()
	w.Advance(40 * dayLong)
	must[*mdf.Fund](t)(w.vendor.CloseFund(ctx, first.ID, mdf.Note{}))
	second := w.allocate(w.fund(), "5000")

	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, mdf.QuickRequest{RequestID: past.ID, StartsOn: w.day(8), Amount: usd("3000.00"), Title: "Autumn campaign"}))
	assert.Equal(t, second.ID, r.AllocationID, "the past one's fund is closed")
	event, mail := r.Activities[0], r.Activities[1]
	assert.Equal(t, []partnerportal.Date{w.day(13), w.day(15), w.day(8)}, []partnerportal.Date{event.StartsOn, event.EndsOn, mail.StartsOn}, "as far apart as before")
	assert.Equal(t, "2000.00 USD 4000.00 USD 1000.00 USD 4000.00 USD", event.RequestedAmount.String()+" "+event.Cost.String()+" "+mail.RequestedAmount.String()+" "+mail.Cost.String(),
		"in the relation that they had")
	assert.Equal(t, "Hall Ltd", event.Suppliers[0].Name)
	_, err := w.globex.QuickRequest(ctx, mdf.QuickRequest{RequestID: past.ID, StartsOn: w.day(8), Amount: usd("1")})
	faulty(t, err, "/request_id")
}

func TestTheAllocationThatEndsFirstPays(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	allocate := func(days int, amount string) *mdf.Allocation {
		return must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd(amount), ExpiresOn: w.day(days)}))
	}
	late, soon, tooSoon, small := allocate(90, "1000"), allocate(30, "1000"), allocate(10, "1000"), allocate(20, "10")
	assert.Equal(t, soon.ID, must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("600"))).AllocationID)
	assert.Equal(t, late.ID, must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("600"))).AllocationID, "there is too little left in the first")
	for _, a := range []*mdf.Allocation{tooSoon, small} {
		assert.Contains(t, w.balance(a.ID), "available")
		assert.NotContains(t, w.balance(a.ID), "held")
	}
}

func TestTheTimeToAskIsMeasured(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "1000")
	body := w.ask("100")
	body.Started, body.Timing = w.Now().Add(-95*time.Second), partnerportal.Timing{ActiveSeconds: 70, FieldsTyped: 4, FieldsPrefilled: 9}
	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, body))
	assert.Equal(t, 70, r.Telemetry.ActiveSeconds)
	assert.GreaterOrEqual(t, r.Telemetry.ElapsedSeconds, 95)
}
