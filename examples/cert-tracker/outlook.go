package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// outlook is what a partner loses until a day if nothing is done.
type outlook struct {
	PartnerID string       `json:"partner_id"`
	AsOf      time.Time    `json:"as_of"`
	Until     time.Time    `json:"until"`
	Endings   []ending     `json:"endings"`
	Tier      account.Tier `json:"tier"`
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

// look reads what ends in so many days, the most urgent first, and where the partner's tier stands. The time is the portal's, which in a
// sandbox is not that of this machine.
func look(ctx context.Context, client *partnerportal.Client, partnerID string, days int) (*outlook, error) {
	sum, err := account.New(client).Summary(ctx, account.SummaryParams{PartnerID: partnerID})
	if err != nil {
		return nil, err
	}
	o := &outlook{
		PartnerID: sum.PartnerID, AsOf: sum.GeneratedAt, Until: sum.GeneratedAt.AddDate(0, 0, days),
		Endings: []ending{}, Tier: sum.Tier,
	}
	params := credentials.ListParams{
		Status:        append([]credentials.Status{credentials.StatusExpired}, credentials.InForce...),
		ExpiresBefore: o.Until,
	}
	if partnerID != "" {
		params.PartnerID = []string{partnerID}
	}
	for k, err := range credentials.New(client).All(ctx, params) {
		if err != nil {
			return nil, err
		}
		if k.Lapses(o.Until) || k.Status == credentials.StatusExpired && k.RenewalClosesAt.After(o.AsOf) {
			o.Endings = append(o.Endings, o.ending(&k))
		}
	}
	slices.SortStableFunc(o.Endings, func(a, b ending) int { return a.EndsAt.Compare(b.EndsAt) })
	return o, nil
}

func (o *outlook) ending(k *credentials.Credential) ending {
	e := ending{
		Person: k.Holder.Name, LearnerID: k.Holder.LearnerID, Title: k.Name, CredentialID: k.ID, EndsAt: k.ValidUntil,
		Ended: !k.ValidUntil.After(o.AsOf), DaysLeft: int(k.ValidUntil.Sub(o.AsOf).Round(day) / day), Renewal: earnedAnew,
		OpensAt: k.RenewalOpensAt, ClosesAt: k.RenewalClosesAt, RequestedAt: k.RenewalRequestedAt,
	}
	switch {
	case !k.RenewalRequestedAt.IsZero():
		e.Renewal = requested
	case slices.Contains(k.AllowedActions, credentials.ActionRequestRenewal):
		e.Renewal = possible
	case k.RenewalOpensAt.After(o.AsOf):
		e.Renewal = notYet
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
