package training

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// applyToPartner has the rules applied to each of a partner's people.
func (w *work) applyToPartner(ctx context.Context, partnerID string) error {
	docs, err := w.Tx.LearnersOfPartner(ctx, partnerID)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		l, err := directory.DecodeLearner(doc)
		if err != nil {
			return err
		}
		if err := soon(ctx, w.Call, learnerDeadline, l.ID); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) applyToLearner(ctx context.Context, id string) error {
	if err := w.lockLearner(ctx, id); err != nil {
		return err
	}
	l, err := w.alive(ctx, id)
	if err != nil || l == nil {
		return err
	}
	return w.applyRules(ctx, l)
}

// applyRules assigns what the rules ask of a learner and takes back what they no longer ask for. Of several rules that ask for the same, the
// oldest stays its reason.
func (w *work) applyRules(ctx context.Context, l *contract.Learner) error {
	rules, err := w.rules(ctx)
	if err != nil {
		return err
	}
	tiers, err := w.tiersOf(ctx, l.PartnerID)
	if err != nil {
		return err
	}
	var asking []*contract.Rule
	for _, r := range rules {
		if !concerns(r, l, tiers) {
			continue
		}
		err := w.checkTarget(ctx, targetOf(r))
		if _, closed := errors.AsType[*partnerportal.Error](err); closed {
			continue // what is retired is asked of nobody any more
		}
		if err != nil {
			return err
		}
		asking = append(asking, r)
	}
	if err := w.eachEnrolment(ctx, l.ID, func(e *enrolment) error { return w.release(ctx, e, asking) }); err != nil {
		return err
	}
	for _, r := range asking {
		if err := w.demand(ctx, l, r); err != nil {
			return err
		}
	}
	return nil
}

// rules are all of them, the oldest first.
func (w *work) rules(ctx context.Context) ([]*contract.Rule, error) {
	docs, err := w.Tx.TrainingRules(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*contract.Rule, len(docs))
	for i, doc := range docs {
		all[i] = new(contract.Rule)
		if err := decode(doc, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func targetOf(r *contract.Rule) target { return target{r.CourseID, r.PathID} }

// opened has the rules applied anew, if there are any that ask for what was published or retired.
func (w *work) opened(ctx context.Context, t target) error {
	rules, err := w.rules(ctx)
	if err != nil || !slices.ContainsFunc(rules, func(r *contract.Rule) bool { return targetOf(r) == t }) {
		return err
	}
	return reconsiderAll(ctx, w.Call)
}

// concerns says that a rule asks something of a learner.
func concerns(r *contract.Rule, l *contract.Learner, tiers map[string]string) bool {
	if len(r.Roles) > 0 && !slices.ContainsFunc(r.Roles, func(role contract.Role) bool { return slices.Contains(l.Roles, role) }) {
		return false
	}
	if r.ProgramID == "" {
		return true
	}
	tier, member := tiers[r.ProgramID]
	return member && (len(r.TierIDs) == 0 || slices.Contains(r.TierIDs, tier))
}

// tiersOf is a partner's tier in each programme that it is in.
func (w *work) tiersOf(ctx context.Context, partnerID string) (map[string]string, error) {
	partner, err := directory.LoadPartner(ctx, w.Tx, partnerID)
	if err != nil {
		return nil, err
	}
	programID := partner.ProgramID
	if programID == "" {
		programID = policy.DefaultID
	}
	tiers := map[string]string{programID: partner.Tier}
	members, err := directory.MembersOf(ctx, w.Tx, partnerID)
	for _, m := range members {
		if m.Status == program.MembershipStatusActive || m.Status == program.MembershipStatusGrace {
			tiers[m.ProgramID] = m.TierID
		}
	}
	return tiers, err
}

// release takes back what a rule has assigned and no longer asks for. Where another one asks for the same, that takes its place, and the day
// stays; otherwise it is withdrawn, or when it was begun goes on as something that nobody has to do.
func (w *work) release(ctx context.Context, e *enrolment, asking []*contract.Rule) error {
	if !e.open() || e.RuleID == "" {
		return nil
	}
	wanted := []target{e.target()}
	if e.ParentID != "" {
		path, err := w.enrolment(ctx, e.ParentID)
		if err != nil {
			return err
		}
		wanted = append(wanted, path.target())
	}
	var heir string
	for _, r := range asking {
		if !slices.Contains(wanted, targetOf(r)) {
			continue
		}
		if r.ID == e.RuleID {
			return nil
		}
		heir = cmp.Or(heir, r.ID)
	}
	if heir != "" {
		e.RuleID = heir
		if err := w.save(ctx, e); err != nil {
			return err
		}
		return w.tell(ctx, e, contract.EventUpdated, nil, "/rule_id")
	}
	if e.Status == assigned {
		return w.withdraw(ctx, e, "No rule asks for it any more.")
	}
	e.RuleID, e.Mandatory = "", false
	changed := []string{"/mandatory"}
	if e.DueByRule {
		e.DueOn, e.DueByRule = partnerportal.Date{}, false
		changed = append(changed, "/due_on")
	}
	if err := w.save(ctx, e); err != nil {
		return err
	}
	return w.tell(ctx, e, contract.EventUpdated, nil, changed...)
}

// demand assigns what a rule asks for, unless it is completed and counts, or the vendor has taken it back.
func (w *work) demand(ctx context.Context, l *contract.Learner, r *contract.Rule) error {
	t := targetOf(r)
	all, err := w.enrolmentsOf(ctx, l.ID)
	if err != nil {
		return err
	}
	today, err := w.today(ctx, l.PartnerID)
	if err != nil {
		return err
	}
	if e := openFor(all, t); e != nil {
		return w.makeMandatory(ctx, e, r, today)
	}
	for _, e := range all {
		counts := e.Status == completed && (e.ExpiresOn.IsZero() || !e.ExpiresOn.Before(today))
		if e.target() == t && (counts || e.Status == withdrawn && e.ExemptFrom == r.ID) {
			return nil
		}
	}
	e := w.newEnrolment(l, t, assigned)
	e.RuleID, e.Mandatory = r.ID, true
	if r.DueDays > 0 {
		e.DueOn, e.DueByRule = today.AddDays(r.DueDays), true
	}
	return w.begun(ctx, e)
}

// makeMandatory lets a rule ask for what a learner is enrolled in already. An earlier day stays.
func (w *work) makeMandatory(ctx context.Context, e *enrolment, r *contract.Rule, today partnerportal.Date) error {
	if e.RuleID != "" {
		return nil
	}
	e.RuleID, e.Mandatory = r.ID, true
	changed := []string{"/mandatory"}
	if due := today.AddDays(r.DueDays); r.DueDays > 0 && (e.DueOn.IsZero() || due.Before(e.DueOn)) {
		e.DueOn, e.DueByRule = due, true
		changed = append(changed, "/due_on")
	}
	if err := w.save(ctx, e); err != nil {
		return err
	}
	return w.tell(ctx, e, contract.EventUpdated, nil, changed...)
}
