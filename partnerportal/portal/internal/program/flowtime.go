package program

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// DealRegistrationTime says how long partners take to register a deal.
func (s *Service) DealRegistrationTime(ctx context.Context, params *contract.DealRegistrationTimeParams) (*contract.FlowTime, error) {
	return flowTime(ctx, contract.FlowDealRegistration, 90, question(*params))
}

// MDFRequestTime says how long partners take to ask for funds.
func (s *Service) MDFRequestTime(ctx context.Context, params *contract.MDFRequestTimeParams) (*contract.FlowTime, error) {
	return flowTime(ctx, contract.FlowMDFRequest, 180, question(*params))
}

// mostSteps is how long a series may be.
const mostSteps = 1000

// question is what is asked of a measure.
type question struct {
	PartnerID []string
	From, To  partnerportal.Date
	TierID    []string
	Interval  contract.Interval
}

// settle is the period that is asked for. A partner asks for its own only.
func (ask *question) settle(c *call.Call) (from, to partnerportal.Date, err error) {
	if from, to, err = period(c, ask.From, ask.To); err != nil {
		return from, to, err
	}
	if ask.Interval == contract.IntervalDay && to.DaysSince(from) >= mostSteps {
		return from, to, problem.BadQuery("?interval", "out_of_range", "The series would have more than 1000 steps. Ask for weeks or months.")
	}
	if c.Caller.Side == partnerportal.SidePartner {
		if len(ask.PartnerID) > 0 {
			return from, to, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' figures.")
		}
		ask.PartnerID = []string{c.Caller.PartnerID}
	}
	return from, to, nil
}

func flowTime(ctx context.Context, flow contract.Flow, target int, ask question) (*contract.FlowTime, error) {
	c := call.From(ctx)
	from, to, err := ask.settle(c)
	if err != nil {
		return nil, err
	}
	days, err := c.Tx.Times(ctx, store.TimesQuery{
		Flow: string(flow), FromDay: directory.Day(from), ToDay: directory.Day(to), PartnerIDs: ask.PartnerID, TierIDs: ask.TierID,
	})
	if err != nil {
		return nil, err
	}
	all, series := tally(days, from, to, ask.Interval)
	t := &contract.FlowTime{
		Flow: flow, From: from, To: to, TargetSeconds: target, Count: all.times.count(), Abandoned: all.abandoned,
		Bands: all.times.bands(), Series: make([]contract.FlowTimeStep, len(series)),
	}
	t.MedianSeconds, t.P90Seconds, t.Band = all.summary()
	for i, step := range series {
		s := contract.FlowTimeStep{From: step.from, To: step.to, Count: step.times.count(), Abandoned: step.abandoned}
		s.MedianSeconds, s.P90Seconds, s.Band = step.summary()
		t.Series[i] = s
	}
	return t, nil
}

// step is the times of some days.
type step struct {
	from, to  partnerportal.Date
	times     histogram
	abandoned int
}

func (s *step) add(d store.DayTimes) {
	s.abandoned += d.Abandoned
	for seconds, n := range d.Times {
		s.times.add(seconds, n)
	}
}

// summary is nothing when nothing was measured.
func (s *step) summary() (median, p90 int, band contract.Band) {
	if len(s.times) == 0 {
		return 0, 0, ""
	}
	found := s.times.percentiles(50, 90)
	return found[0], found[1], bandOf(found[0])
}

// tally sums times, all together and step by step. They come in the order of their days.
func tally(days []store.DayTimes, from, to partnerportal.Date, interval contract.Interval) (all step, series []step) {
	all = step{from: from, to: to, times: histogram{}}
	epoch := partnerportal.Date{Year: 1970, Month: time.January, Day: 1}
	for _, d := range days {
		day := epoch.AddDays(int(d.Day))
		if len(series) == 0 || day.After(series[len(series)-1].to) {
			first, last := stepWithin(day, interval, from, to)
			series = append(series, step{from: first, to: last, times: histogram{}})
		}
		all.add(d)
		series[len(series)-1].add(d)
	}
	return all, series
}

// stepWithin is the part of a period that is the step in which a day lies.
func stepWithin(day partnerportal.Date, interval contract.Interval, from, to partnerportal.Date) (first, last partnerportal.Date) {
	first, last = stepOf(day, interval)
	if first.Before(from) {
		first = from
	}
	if last.After(to) {
		last = to
	}
	return first, last
}

// stepOf is the step that a day lies in.
func stepOf(day partnerportal.Date, interval contract.Interval) (first, last partnerportal.Date) {
	switch interval {
	case contract.IntervalDay:
		return day, day
	case contract.IntervalMonth:
		first = partnerportal.Date{Year: day.Year, Month: day.Month, Day: 1}
		return first, lastDay(first, 1)
	}
	sinceMonday := (int(day.In(time.UTC).Weekday()) + 6) % 7
	first = day.AddDays(-sinceMonday)
	return first, first.AddDays(6)
}
