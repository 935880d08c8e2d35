package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/training"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// award is what a person is certified for, and why.
type award struct {
	learnerID, definitionID string

	awardedAt time.Time // zero for now
	until     time.Time // zero for as long as the definition says
	score     string
	evidence  []contract.Evidence
	origin    contract.Origin
	replaces  *credential // in whose place it is, nil for none
}

// Issue certifies a person.
func (s *Service) Issue(ctx context.Context, body *contract.NewCredential) (*contract.Credential, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	if err := checkEvidence(body.Evidence); err != nil {
		return nil, err
	}
	if body.AwardedAt.After(c.Now) {
		return nil, problem.Invalid("/awarded_at", "out_of_range", "Nobody has reached yet what is still to come.")
	}
	a := award{
		learnerID: body.LearnerID, definitionID: body.DefinitionID, awardedAt: body.AwardedAt, until: body.ValidUntil,
		score: body.Score, evidence: body.Evidence, origin: contract.OriginIssued,
	}
	k, err := a.issue(ctx, c)
	if err != nil {
		return nil, err
	}
	return view(c, k), nil
}

// issue makes the credential, which counts from now on.
func (a award) issue(ctx context.Context, c *call.Call) (*credential, error) {
	d, err := issuable(ctx, c, a.definitionID)
	if err != nil {
		return nil, err
	}
	person, err := learner(ctx, c, a.learnerID)
	if err != nil {
		return nil, err
	}
	issuer, err := issuerOf(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	if issuer == nil {
		return nil, noIssuer()
	}
	supersedes := ""
	if a.replaces != nil {
		supersedes = a.replaces.ID
	}
	if err := notHeld(ctx, c, a.learnerID, d, supersedes); err != nil {
		return nil, err
	}
	k := &credential{Credential: contract.Credential{
		ID: ids.New(ids.Credential, c.Now), DefinitionID: d.ID, PartnerID: person.PartnerID, Holder: holder(person), Status: issued, Origin: a.origin,
		IssuedAt: c.Now, AwardedAt: whole(a.awardedAt), Score: a.score, Evidence: a.evidence, Supersedes: supersedes,
	}}
	if k.AwardedAt.IsZero() {
		k.AwardedAt = whole(c.Now)
	}
	k.describe(d)
	if err := k.begin(d, k.AwardedAt, a.until); err != nil {
		return nil, err
	}
	if a.replaces != nil && a.replaces.DefinitionID == d.ID {
		k.goOnAs(d, a.replaces)
	}
	if k.over(c.Now) {
		return nil, problem.Invalid("/awarded_at", "out_of_range", "The credential would have ended on "+k.ValidUntil.Format(time.DateOnly)+".")
	}
	if err := takePlace(ctx, c.Tx, issuer, k); err != nil {
		return nil, err
	}
	if err := k.write(issuer, d); err != nil {
		return nil, err
	}
	if err := k.insert(ctx, c, ""); err != nil {
		return nil, err
	}
	if err := k.tell(ctx, c, contract.EventIssued, k.end(), nil, "/status"); err != nil {
		return nil, err
	}
	return k, k.count(ctx, c)
}

// checkEvidence wants addresses on the web: badges name them.
func checkEvidence(evidence []contract.Evidence) error {
	var f problem.Fields
	for i, e := range evidence {
		checkURL(&f, fmt.Sprintf("/evidence/%d/url", i), e.URL)
	}
	return f.Err()
}

// issuable returns a definition by which people are certified.
func issuable(ctx context.Context, c *call.Call, id string) (*contract.Definition, error) {
	d, err := definition(ctx, c.Tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem.Invalid("/definition_id", "invalid_value", "There is no such definition.")
	}
	if err != nil {
		return nil, err
	}
	return d, inForce(d)
}

// inForce refuses what is not certified any more.
func inForce(d *contract.Definition) error {
	if d.Status == contract.DefinitionStatusRetired {
		return problem.New(http.StatusConflict, contract.ErrDefinitionRetired, fmt.Sprintf("The definition %s is retired: nobody is certified by it any more.", d.ID))
	}
	return nil
}

// learner returns a person who is with a partner, one of the caller's own where that is a partner. Whoever is certified
// waits for those who are before, and for leaving.
func learner(ctx context.Context, c *call.Call, id string) (*training.Learner, error) {
	if err := lock(ctx, c, id); err != nil {
		return nil, err
	}
	person, err := directory.Learner(ctx, c.Tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.Caller.Vendor() && c.Caller.PartnerID != "" && person.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid("/learner_id", "invalid_value", "There is no such learner.")
	}
	if err != nil {
		return nil, err
	}
	if person.Status != training.LearnerStatusActive {
		return nil, problem.Invalid("/learner_id", "not_permitted", "The learner has left the partner.")
	}
	return person, nil
}

// notHeld refuses a second credential of the same kind, but in the place of the first.
func notHeld(ctx context.Context, c *call.Call, learnerID string, d *contract.Definition, but string) error {
	k, err := latest(ctx, c, learnerID, d.ID)
	if err != nil || k == nil || !k.stands() || k.ID == but {
		return err
	}
	e := problem.New(http.StatusConflict, contract.ErrAlreadyHeld, fmt.Sprintf("The person has the credential %s already. Renew or replace it.", d.Name))
	return problem.With(e, "existing_id", k.ID)
}

// describe notes what the definition says now.
func (k *credential) describe(d *contract.Definition) {
	k.Name, k.Level, k.AchievementType = d.Name, d.Level, d.AchievementType
}

// begin begins a term: as long as the definition says, or shorter.
func (k *credential) begin(d *contract.Definition, from, until time.Time) error {
	k.ValidFrom, k.ValidUntil, k.RenewalRequestedAt = whole(from), time.Time{}, time.Time{}
	if d.ValidityMonths > 0 {
		k.ValidUntil = later(k.ValidFrom, d.ValidityMonths)
	}
	return k.shorten(d, until)
}

// goOnAs goes on with the term of the credential that it replaces: nobody gains or loses time by it.
func (k *credential) goOnAs(d *contract.Definition, old *credential) {
	k.ValidFrom, k.ValidUntil, k.RenewalRequestedAt = whole(old.ValidFrom), whole(old.ValidUntil), old.RenewalRequestedAt
	k.openRenewal(d)
}

// shorten lets a term end earlier.
func (k *credential) shorten(d *contract.Definition, until time.Time) error {
	if !until.IsZero() {
		if until = whole(until); !until.After(k.ValidFrom) || !k.ValidUntil.IsZero() && until.After(k.ValidUntil) {
			return problem.Invalid("/valid_until", "out_of_range", "Give an instant after the beginning, and not after what the definition allows.")
		}
		k.ValidUntil = until
	}
	k.openRenewal(d)
	return nil
}

// openRenewal says from when on and until when a credential can be renewed.
func (k *credential) openRenewal(d *contract.Definition) {
	k.RenewalOpensAt, k.RenewalClosesAt = time.Time{}, time.Time{}
	if d.Renewal.Method == "" || k.ValidUntil.IsZero() {
		return
	}
	k.RenewalOpensAt = k.ValidUntil.AddDate(0, 0, -d.Renewal.WindowDays)
	if k.RenewalOpensAt.Before(k.ValidFrom) {
		k.RenewalOpensAt = k.ValidFrom
	}
	k.RenewalClosesAt = k.ValidUntil.AddDate(0, 0, d.Renewal.LateDays)
}

// later is so many months later, at the same time; where that month has no such day, on its last one.
func later(t time.Time, months int) time.Time {
	on := partnerportal.DateOf(t).AddMonths(months)
	return time.Date(on.Year, on.Month, on.Day, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// whole is an instant as badges have it: in whole seconds.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
