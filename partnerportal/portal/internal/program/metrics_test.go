package program_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestRegistrationTimeComesWithTheDeals(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		d.enrol(d.AcmeID, "gold")
		for i, seconds := range []int{62, 88, 90, 200, 1000} {
			d.registers(d.Acme, fmt.Sprint("acme", i), d.Now().Add(-time.Duration(seconds)*time.Second), partnerportal.Timing{})
		}
		d.registers(d.Acme, "unmeasured", time.Time{}, partnerportal.Timing{ActiveSeconds: 5}) // nobody opened a form
		d.registers(d.Globex, "globex", d.Now().Add(-time.Hour), partnerportal.Timing{ActiveSeconds: 30})
		d.registers(d.Globex, "boast", d.Now().Add(-40*time.Second), partnerportal.Timing{ActiveSeconds: 3000}) // more than there was

		all, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{7, 88, 1000, program.BandBestInClass, 90, 0}, []any{all.Count, all.MedianSeconds, all.P90Seconds, all.Band, all.TargetSeconds, all.Abandoned})
		assert.Equal(t, map[string]int{"best_in_class": 4, "strong": 1, "average": 1, "broken": 1}, all.Bands)
		assert.Equal(t, 89, all.To.DaysSince(all.From))
		require.Len(t, all.Series, 1)
		assert.Equal(t, all.Count, all.Series[0].Count)

		gold, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{TierID: []string{"gold"}})
		require.NoError(t, err)
		assert.Equal(t, []any{5, 90, program.BandStrong}, []any{gold.Count, gold.MedianSeconds, gold.Band})
		own, err := d.globex.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{2, 30, 40}, []any{own.Count, own.MedianSeconds, own.P90Seconds}, "its own, and no boasting")
		asked, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{PartnerID: []string{d.GlobexID}})
		require.NoError(t, err)
		assert.Equal(t, own, asked)
		_, err = d.globex.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{PartnerID: []string{d.AcmeID}})
		require.ErrorIs(t, err, partnerportal.ErrValidation)

		nothing, err := d.vendor.MDFRequestTime(ctx, program.MDFRequestTimeParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{0, 0, program.Band(""), 180}, []any{nothing.Count, nothing.MedianSeconds, nothing.Band, nothing.TargetSeconds})
	})
}

func TestRecalledDealCountsOnce(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, reg := t.Context(), deals.New(d.Acme)
		deal := d.registers(d.Acme, "initech", d.Now().Add(-time.Minute), partnerportal.Timing{})
		_, err := reg.Recall(ctx, deal.ID)
		require.NoError(t, err)
		d.Advance(time.Hour)
		_, err = reg.Submit(ctx, deal.ID, deals.Submission{})
		require.NoError(t, err)
		all, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{})
		require.NoError(t, err)
		assert.Equal(t, 1, all.Count)
		assert.Equal(t, 60, all.MedianSeconds)
	})
}

func TestFormsThatWereGivenUp(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		opened := d.Now().Add(-10 * time.Minute)
		kept, err := d.acme.RecordTiming(ctx, program.FlowReport{
			Flow: program.FlowMDFRequest, SessionID: "s1", OpenedAt: opened, SubmittedAt: opened.Add(100 * time.Second),
			Timing: partnerportal.Timing{Typed: []string{"/amount", "/on"}}, Steps: []program.FlowStep{{ID: "activity", Seconds: 80}},
		})
		require.NoError(t, err)
		assert.Equal(t, []any{100, 100, program.BandStrong, 2}, []any{kept.ElapsedSeconds, kept.Seconds, kept.Band, kept.Timing.FieldsTyped})
		lost, err := d.acme.RecordTiming(ctx, program.FlowReport{
			Flow: program.FlowMDFRequest, OpenedAt: opened, SubmittedAt: d.Now().Add(time.Hour), Abandoned: true,
		})
		require.NoError(t, err)
		assert.Equal(t, 600, lost.ElapsedSeconds, "the portal's clock has the last word")
		speed, err := d.acme.MDFRequestTime(ctx, program.MDFRequestTimeParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{1, 1, 100}, []any{speed.Count, speed.Abandoned, speed.MedianSeconds})

		deal := d.registers(d.Acme, "initech", d.Now().Add(-time.Minute), partnerportal.Timing{})
		again, err := d.acme.RecordTiming(ctx, program.FlowReport{Flow: program.FlowDealRegistration, OpenedAt: opened, ResourceID: deal.ID})
		require.NoError(t, err)
		assert.Equal(t, 60, again.Seconds, "what the portal has measured it keeps")
		_, err = d.globex.RecordTiming(ctx, program.FlowReport{Flow: program.FlowDealRegistration, OpenedAt: opened, ResourceID: deal.ID})
		require.ErrorIs(t, err, partnerportal.ErrValidation, "another's deal")
		for pointer, report := range map[string]program.FlowReport{
			"/opened_at":    {OpenedAt: d.Now().Add(time.Hour)},
			"/submitted_at": {OpenedAt: opened, SubmittedAt: opened.Add(-time.Second)},
		} {
			report.Flow = program.FlowQuote
			_, err = d.acme.RecordTiming(ctx, report)
			var refusal *partnerportal.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, pointer, refusal.Fields[0].Pointer)
		}
		_, err = d.vendor.RecordTiming(ctx, program.FlowReport{Flow: program.FlowQuote, OpenedAt: opened})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}

func TestSeriesGoesStepByStep(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		first := partnerportal.DateOf(d.Now())
		for i := range 3 {
			d.registers(d.Acme, fmt.Sprint("initech", i), d.Now().Add(-time.Duration(i+1)*time.Minute), partnerportal.Timing{})
			d.Advance(20 * day)
		}
		for interval, steps := range map[program.Interval]int{program.IntervalDay: 3, program.IntervalWeek: 3} {
			speed, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{From: first, Interval: interval})
			require.NoError(t, err)
			require.Len(t, speed.Series, steps)
			assert.Equal(t, first, speed.Series[0].From, "not before the period")
			assert.Equal(t, 120, speed.MedianSeconds)
			assert.Equal(t, 180, speed.Series[2].MedianSeconds)
		}
		part, err := d.vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{From: first.AddDays(1), To: first.AddDays(25)})
		require.NoError(t, err)
		assert.Equal(t, []any{1, 120}, []any{part.Count, part.MedianSeconds})
		for _, bad := range []program.DealRegistrationTimeParams{
			{From: first, To: first.AddDays(-1)}, {From: first, To: first.AddDays(4000)}, {From: first, To: first.AddDays(1000), Interval: program.IntervalDay},
		} {
			_, err = d.vendor.DealRegistrationTime(ctx, bad)
			require.ErrorIs(t, err, partnerportal.ErrValidation)
		}
	})
}

func TestReEntryPointsAtTheField(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		for i := range 3 {
			timing := partnerportal.Timing{Typed: []string{"/amount", "/customer/domain"}, Prefilled: []string{"/customer/name"}}
			if i == 2 {
				timing = partnerportal.Timing{Typed: []string{"/amount"}, Prefilled: []string{"/customer/name", "/customer/domain"}}
			}
			d.registers(d.Acme, fmt.Sprint("initech", i), d.Now().Add(-time.Minute), timing)
		}
		again, err := d.vendor.ReEntry(ctx, program.ReEntryParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{3, 5}, []any{again.Count, again.FieldsTyped})
		fields := map[string][]any{}
		for _, f := range again.Fields {
			fields[f.Field] = []any{f.Typed, f.Prefilled, f.Ratio}
		}
		assert.Equal(t, "/amount", again.Fields[0].Field, "the first to fetch from somewhere")
		assert.Equal(t, []any{3, 0, 1.0}, fields["/amount"])
		assert.Equal(t, []any{2, 1, 0.667}, fields["/customer/domain"])
		assert.Equal(t, []any{0, 3, 0.0}, fields["/customer/name"])
		assert.Equal(t, []any{0, 3, 0.0}, fields["/name"], "the portal made it up")
		none, err := d.globex.ReEntry(ctx, program.ReEntryParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{0, 0, 0}, []any{none.Count, none.FieldsTyped, len(none.Fields)}, "a partner sees its own")
	})
}

func TestRevenuePerUser(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		d.enrol(d.AcmeID, "gold")
		none, err := d.vendor.RevenuePerUser(ctx, program.RevenuePerUserParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{0, partnerportal.Money{}, usd("0")}, []any{none.ActiveUsers, none.Value, none.Revenue})

		second := d.Client(portal.ClientSpec{PartnerID: d.AcmeID, Name: "Another user"})
		_, err = deals.New(second).List(ctx, deals.ListParams{})
		require.NoError(t, err, "who only reads is not active")
		d.sells(d.Acme, "initech", "1000")
		d.sells(d.Acme, "hooli", "0.01")
		d.sells(d.Globex, "umbrella", "500")
		euros := d.registers(d.Globex, "siemens", time.Time{}, partnerportal.Timing{})
		_, err = deals.New(d.Vendor).Approve(ctx, euros.ID, deals.Approval{})
		require.NoError(t, err)
		_, err = deals.New(d.Globex).Win(ctx, euros.ID, deals.Win{ActualAmount: partnerportal.MustMoney("77", "EUR"), OrderRef: partnerportal.ExternalRef{System: "erp", ID: "1"}})
		require.NoError(t, err)
		d.registers(second, "soylent", time.Time{}, partnerportal.Timing{})

		r, err := d.vendor.RevenuePerUser(ctx, program.RevenuePerUserParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{usd("1500.01"), 3, usd("500")}, []any{r.Revenue, r.ActiveUsers, r.Value})
		assert.Equal(t, []partnerportal.Money{partnerportal.MustMoney("77", "EUR")}, r.OtherCurrencies, "nothing is added up that differs")
		assert.Equal(t, []program.RevenueShare{
			{TierID: "gold", Revenue: usd("1000.01"), ActiveUsers: 2, Value: usd("500")}, {Revenue: usd("500"), ActiveUsers: 1, Value: usd("500")},
		}, r.ByTier)

		d.Advance(90 * day)
		later, err := d.vendor.RevenuePerUser(ctx, program.RevenuePerUserParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{0, usd("0")}, []any{later.ActiveUsers, later.Revenue})
		_, err = d.acme.RevenuePerUser(ctx, program.RevenuePerUserParams{})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}

func TestConcentration(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		none, err := d.vendor.Concentration(ctx, program.ConcentrationParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{2, 1, 0, 0}, []any{none.Partners, none.TopPartners, none.PartnersFor80Percent, len(none.Leaders)})

		small := map[string]*partnerportal.Client{}
		for i := range 8 {
			id := d.Partner(portal.Partner{Name: fmt.Sprint("Small ", i)})
			small[id] = d.Client(portal.ClientSpec{PartnerID: id, Name: "CRM"})
		}
		d.sells(d.Acme, "initech", "500")
		d.sells(d.Globex, "hooli", "299.99")
		for id, pp := range small {
			d.sells(pp, "of"+id[len(id)-6:], "25")
		}
		fifth, err := d.vendor.Concentration(ctx, program.ConcentrationParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{10, 2, usd("999.99"), usd("799.99"), 80.0, 3},
			[]any{fifth.Partners, fifth.TopPartners, fifth.Revenue, fifth.TopRevenue, fifth.SharePercent, fifth.PartnersFor80Percent}, "a cent less than four fifths")
		require.Len(t, fifth.Leaders, 2)
		assert.Equal(t, program.Leader{PartnerID: d.AcmeID, Name: "Acme Partners", Revenue: usd("500"), SharePercent: 50}, fifth.Leaders[0])
		tenth, err := d.vendor.Concentration(ctx, program.ConcentrationParams{TopPercent: 11})
		require.NoError(t, err)
		assert.Equal(t, 2, tenth.TopPartners, "11 % of ten partners are two")
		euros, err := d.vendor.Concentration(ctx, program.ConcentrationParams{Currency: "EUR"})
		require.NoError(t, err)
		assert.Equal(t, []partnerportal.Money{usd("999.99")}, euros.OtherCurrencies)
		assert.Zero(t, euros.SharePercent)
	})
}

func TestNetPromoterScore(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		none, err := d.vendor.NPS(ctx, program.NPSParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{0, 0.0, program.Confidence{}}, []any{none.Responses, none.Score, none.Confidence95})

		d.enrol(d.AcmeID, "silver")
		answer := func(who *program.Client, respondent string, score int) {
			r, err := who.AnswerNPS(ctx, program.NPSAnswer{Score: score, Respondent: respondent, Comment: "Because."})
			require.NoError(t, err)
			assert.Equal(t, score, r.Score)
		}
		answer(d.acme, "a", 0)
		d.Advance(day)
		for respondent, score := range map[string]int{"a": 10, "b": 9, "c": 8, "d": 6} {
			answer(d.acme, respondent, score)
		}
		answer(d.globex, "a", 0) // not in a productive tier

		productive, err := d.vendor.NPS(ctx, program.NPSParams{})
		require.NoError(t, err)
		assert.Equal(t, []any{4, 2, 1, 1, 25.0}, []any{productive.Responses, productive.Promoters, productive.Passives, productive.Detractors, productive.Score},
			"the latest answer of each counts")
		assert.Less(t, productive.Confidence95.Low, 25.0)
		assert.Greater(t, productive.Confidence95.High, 25.0)
		all, err := d.vendor.NPS(ctx, program.NPSParams{Segment: program.NPSSegmentAll})
		require.NoError(t, err)
		assert.Equal(t, []any{5, 0.0}, []any{all.Responses, all.Score})
		yesterday, err := d.vendor.NPS(ctx, program.NPSParams{To: partnerportal.DateOf(d.Now()).AddDays(-1)})
		require.NoError(t, err)
		assert.Equal(t, []any{1, -100.0}, []any{yesterday.Responses, yesterday.Score})

		page, err := d.vendor.ListNPSResponses(ctx, program.ListNPSResponsesParams{PartnerID: []string{d.GlobexID}})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, "Because.", page.Items[0].Comment)
		_, err = d.acme.AnswerNPS(ctx, program.NPSAnswer{Score: 11})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = d.acme.ListNPSResponses(ctx, program.ListNPSResponsesParams{})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
	})
}
