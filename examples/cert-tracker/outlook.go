package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// outlook is what a partner loses until a day if nothing is done.
type outlook struct {
	PartnerID string    `json:"partner_id"`
	AsOf      time.Time `json:"as_of"`
	Until     time.Time `json:"until"`
	Endings   []ending  `json:"endings"`
	Tiers     []tier    `json:"tiers"`
}

// ending is one certification of one person, and what can be done about its end.
type ending struct {
	Person       string    `json:"person"`
	LearnerID    string    `json:"learner_id"`
	Title        string    `json:"title"`
	CredentialID string    `json:"credential_id"`
	EndsAt       time.Time `json:"ends_at"`
	// Ended says that it has ended already, and people may be late.
	Ended    bool    `json:"ended,omitzero"`
	DaysLeft int     `json:"days_left"`
	Renewal  renewal `json:"renewal"`
	// OpensAt and ClosesAt are when it can be renewed.
	OpensAt     time.Time `json:"opens_at,omitzero"`
	ClosesAt    time.Time `json:"closes_at,omitzero"`
	RequestedAt time.Time `json:"requested_at,omitzero"`
	Refused     string    `json:"refused,omitzero"`
}

// renewal is where the renewal of a certification stands.
type renewal string

const (
	possible   renewal = "possible"    // it can be asked for now
	requested  renewal = "requested"   // it was asked for
	notYet     renewal = "not_yet"     // the window is not open
	earnedAnew renewal = "earned_anew" // it cannot be renewed
)

const day = 24 * time.Hour

// look reads what ends in so many days, the most urgent first, and what becomes of the partner's tiers. The time is the portal's, which in
// a sandbox is not that of this machine.
func look(ctx context.Context, client *partnerportal.Client, partnerID string, days int) (*outlook, error) {
	sum, err := account.New(client).Summary(ctx, account.SummaryParams{PartnerID: partnerID})
	if err != nil {
		return nil, err
	}
	var filter []string // which is the vendor's alone
	if partnerID != "" {
		filter = []string{partnerID}
	}
	o := &outlook{PartnerID: sum.PartnerID, AsOf: sum.GeneratedAt, Until: sum.GeneratedAt.AddDate(0, 0, days), Endings: []ending{}}
	if o.Tiers, err = tiersOf(ctx, client, filter, o.Until); err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for l, err := range training.New(client).AllLearners(ctx, training.ListLearnersParams{PartnerID: filter, Status: []training.LearnerStatus{training.LearnerStatusLeft}}) {
		if err != nil {
			return nil, err
		}
		gone[l.ID] = true
	}
	for k, err := range credentials.New(client).All(ctx, credentials.ListParams{
		PartnerID: filter, ExpiresBefore: o.Until, Status: append([]credentials.Status{credentials.StatusExpired}, credentials.InForce...),
	}) {
		if err != nil {
			return nil, err
		}
		ends := k.Lapses(o.Until)
		if k.Status == credentials.StatusExpired && k.RenewalClosesAt.After(o.AsOf) {
			if ends, err = isLast(ctx, client, &k); err != nil {
				return nil, err
			}
		}
		if ends && !gone[k.Holder.LearnerID] {
			o.Endings = append(o.Endings, o.ending(&k))
		}
	}
	slices.SortStableFunc(o.Endings, func(a, b ending) int { return a.EndsAt.Compare(b.EndsAt) })
	return o, nil
}

// isLast says that nothing was issued in the place of a credential that has ended.
func isLast(ctx context.Context, client *partnerportal.Client, k *credentials.Credential) (bool, error) {
	page, err := credentials.New(client).List(ctx, credentials.ListParams{
		LearnerID: []string{k.Holder.LearnerID}, DefinitionID: []string{k.DefinitionID}, Status: credentials.InForce, Limit: 1,
	})
	return err == nil && len(page.Items) == 0, err
}

func (o *outlook) ending(k *credentials.Credential) ending {
	e := ending{
		Person: k.Holder.Name, LearnerID: k.Holder.LearnerID, Title: k.Name, CredentialID: k.ID, EndsAt: k.ValidUntil,
		Ended: !k.ValidUntil.After(o.AsOf), DaysLeft: int(k.ValidUntil.Sub(o.AsOf).Round(day) / day), Renewal: earnedAnew,
		OpensAt: k.RenewalOpensAt, ClosesAt: k.RenewalClosesAt, RequestedAt: k.RenewalRequestedAt,
	}
	switch { // by the clock: what this caller may do with it says less, as the vendor and who may only read ask for no renewals
	case !k.RenewalRequestedAt.IsZero():
		e.Renewal = requested
	case k.RenewalOpensAt.After(o.AsOf):
		e.Renewal = notYet
	case k.RenewalClosesAt.After(o.AsOf):
		e.Renewal = possible
	}
	return e
}

// renew asks for all that can be renewed now. One that is refused stops none of the others. Running it again asks for nothing twice.
func (o *outlook) renew(ctx context.Context, client *partnerportal.Client) error {
	var refused error
	for i := range o.Endings {
		e := &o.Endings[i]
		if e.Renewal != possible {
			continue
		}
		k, err := credentials.New(client).RequestRenewal(ctx, e.CredentialID)
		if err != nil {
			e.Refused = err.Error()
			refused = errors.Join(refused, fmt.Errorf("%s of %s: %w", e.Title, e.Person, err))
			continue
		}
		*e = o.ending(k)
	}
	return refused
}
