package program

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

const (
	longest = 24 * time.Hour  // a form that was open for longer counts as this
	skew    = 5 * time.Minute // how far a caller's clock may be ahead of the portal's
)

// RecordTiming keeps how long a person took with a form.
func (s *Service) RecordTiming(ctx context.Context, body *contract.FlowReport) (*contract.FlowTiming, error) {
	c := call.From(ctx)
	if err := onlyPartner(c); err != nil {
		return nil, err
	}
	var f problem.Fields
	if body.OpenedAt.After(c.Now.Add(skew)) {
		f.Add("/opened_at", "out_of_range", "The form cannot have been opened after now.")
	}
	if !body.SubmittedAt.IsZero() && body.SubmittedAt.Before(body.OpenedAt) {
		f.Add("/submitted_at", "out_of_range", "Give an instant after the one at which the form was opened.")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	submitted := body.SubmittedAt
	if submitted.IsZero() || submitted.After(c.Now) {
		submitted = c.Now
	}
	t := &contract.FlowTiming{
		Flow: body.Flow, PartnerID: c.Caller.PartnerID, SessionID: body.SessionID, OpenedAt: body.OpenedAt.UTC(), SubmittedAt: submitted.UTC(),
		Timing: body.Timing, Steps: body.Steps, Abandoned: body.Abandoned, ResourceID: body.ResourceID,
	}
	return keep(ctx, c, t)
}

// noteTimed keeps the time that came with a registration or a request.
func noteTimed(ctx context.Context, e feed.Event) error {
	if e.Payload == nil {
		return nil
	}
	timed, err := feed.Payload[feed.Timed](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	if timed.Started.IsZero() || timed.Started.After(c.Now) {
		return nil // no person opened a form, or nobody knows when
	}
	timing := timed.Timing
	timing.Prefilled = timed.Filled
	_, err = keep(ctx, c, &contract.FlowTiming{
		Flow: contract.Flow(timed.Flow), PartnerID: e.PartnerID, OpenedAt: timed.Started, SubmittedAt: c.Now, Timing: timing, ResourceID: e.ResourceID,
	})
	return err
}

// keep measures a use of a form and stores it; of a resource that has its time already, that one stays.
func keep(ctx context.Context, c *call.Call, t *contract.FlowTiming) (*contract.FlowTiming, error) {
	elapsed := max(0, t.SubmittedAt.Sub(t.OpenedAt))
	t.ID, t.ElapsedSeconds = ids.New(ids.Timing, c.Now), int(elapsed/time.Second)
	t.Timing.ActiveSeconds = min(t.Timing.ActiveSeconds, t.ElapsedSeconds)
	t.Timing.FieldsTyped = max(t.Timing.FieldsTyped, len(t.Timing.Typed))
	t.Timing.FieldsPrefilled = max(t.Timing.FieldsPrefilled, len(t.Timing.Prefilled))
	t.Seconds = t.Timing.ActiveSeconds
	if t.Seconds == 0 {
		t.Seconds = min(t.ElapsedSeconds, int(longest/time.Second))
	}
	t.Band = bandOf(t.Seconds)
	partner, err := directory.LoadPartner(ctx, c.Tx, t.PartnerID)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	kept, err := c.Tx.AddTiming(ctx, store.InsertTimingParams{
		ID: t.ID, Flow: string(t.Flow), PartnerID: t.PartnerID, TierID: partner.Tier, ResourceID: t.ResourceID, Abandoned: bit(t.Abandoned),
		Day: dayOf(t.SubmittedAt), Seconds: int64(t.Seconds), Typed: int64(t.Timing.FieldsTyped), Prefilled: int64(t.Timing.FieldsPrefilled), Doc: string(doc),
	})
	if err != nil {
		return nil, err
	}
	if !kept {
		return measured(ctx, c, t)
	}
	if t.Abandoned { // what was typed before somebody gave up says little about what the form asks for
		return t, nil
	}
	return t, countFields(ctx, c, t)
}

// measured is the time that a resource has already, if it is the partner's.
func measured(ctx context.Context, c *call.Call, t *contract.FlowTiming) (*contract.FlowTiming, error) {
	doc, err := c.Tx.TimingOf(ctx, store.TimingOfParams{Flow: string(t.Flow), ResourceID: t.ResourceID})
	if err != nil {
		return nil, err
	}
	before := new(contract.FlowTiming)
	if err := json.Unmarshal([]byte(doc), before); err != nil {
		return nil, fmt.Errorf("the timing of %s: %w", t.ResourceID, err)
	}
	if before.PartnerID != t.PartnerID {
		return nil, problem.Invalid("/resource_id", "invalid_value", "There is no such resource of yours.")
	}
	return before, nil
}

// countFields adds to how often each field was typed and filled in.
func countFields(ctx context.Context, c *call.Call, t *contract.FlowTiming) error {
	counts := map[string][2]int64{}
	for i, fields := range [2][]string{t.Timing.Typed, t.Timing.Prefilled} {
		for _, field := range fields {
			n := counts[field]
			n[i] = 1 // a form has each field once
			counts[field] = n
		}
	}
	fields := make([]string, 0, len(counts))
	for field := range counts {
		fields = append(fields, field)
	}
	slices.Sort(fields) // in one order, so that two forms sent at once do not wait for each other
	for _, field := range fields {
		if err := c.Tx.AddField(ctx, store.AddFieldParams{
			Flow: string(t.Flow), Day: dayOf(t.SubmittedAt), PartnerID: t.PartnerID, Field: field, Typed: counts[field][0], Prefilled: counts[field][1],
		}); err != nil {
			return err
		}
	}
	return nil
}

// ReEntry says which fields people type.
func (s *Service) ReEntry(ctx context.Context, params *contract.ReEntryParams) (*contract.ReEntry, error) {
	c := call.From(ctx)
	from, to, err := period(c, params.From, params.To)
	if err != nil {
		return nil, err
	}
	flow := params.Flow
	if flow == "" {
		flow = contract.FlowDealRegistration
	}
	sums, err := countFormFields(ctx, c, string(flow), directory.Day(from), directory.Day(to))
	if err != nil {
		return nil, err
	}
	rows, err := c.Tx.FormFields(ctx, store.FormFieldsParams{Flow: string(flow), FromDay: directory.Day(from), ToDay: directory.Day(to), PartnerID: c.Caller.PartnerID})
	if err != nil {
		return nil, err
	}
	r := &contract.ReEntry{
		Flow: flow, From: from, To: to, Count: int(sums.Forms), FieldsTyped: int(sums.Typed), FieldsPrefilled: int(sums.Prefilled),
		Ratio: ratio(sums.Typed, sums.Prefilled), Fields: make([]contract.FieldReEntry, len(rows)),
	}
	for i, row := range rows {
		r.Fields[i] = contract.FieldReEntry{Field: row.Field, Typed: int(row.Typed), Prefilled: int(row.Prefilled), Ratio: ratio(row.Typed, row.Prefilled)}
	}
	return r, nil
}

func countFormFields(ctx context.Context, c *call.Call, flow string, from, to int64) (store.CountFieldsRow, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return c.Tx.CountFields(ctx, store.CountFieldsParams{Flow: flow, FromDay: from, ToDay: to})
	}
	own, err := c.Tx.CountOwnFields(ctx, store.CountOwnFieldsParams{Flow: flow, PartnerID: c.Caller.PartnerID, FromDay: from, ToDay: to})
	return store.CountFieldsRow(own), err
}

// period is the days that a metric is asked for, the last 90 when nothing is said.
func period(c *call.Call, from, to partnerportal.Date) (first, last partnerportal.Date, err error) {
	if to.IsZero() {
		to = partnerportal.DateOf(c.Now.UTC())
	}
	if from.IsZero() {
		from = to.AddDays(-89)
	}
	switch days := to.DaysSince(from); {
	case days < 0:
		return from, to, problem.BadQuery("?from", "out_of_range", "The first day is after the last one.")
	case days > 3660:
		return from, to, problem.BadQuery("?from", "out_of_range", "Ask for ten years at most.")
	}
	return from, to, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
