package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// Verify checks a credential as a third party would.
func (s *Service) Verify(ctx context.Context, credentialID string) (*contract.Verdict, error) {
	c := call.From(ctx)
	k, err := find(ctx, c, credentialID)
	if err != nil {
		return nil, err
	}
	found, err := s.judge(ctx, c.Tx, k, c.Now)
	if err != nil {
		return nil, err
	}
	return &contract.Verdict{OK: found.OK(), Checks: checks(found), At: c.Now}, nil
}

// judge verifies a credential with what is published, or, of another issuer, is known of it.
func (s *Service) judge(ctx context.Context, tx *store.Tx, k *credential, now time.Time) (badge.Verdict, error) {
	text, err := k.sign(ctx, tx)
	if err != nil {
		return badge.Verdict{}, err
	}
	var bundle *badge.Bundle
	if k.Origin == contract.OriginImported {
		bundle, err = trustBundle(ctx, tx, k.ForeignIssuer.ID)
	} else {
		bundle, err = s.ownBundle(ctx, tx, k, now)
	}
	if err != nil {
		return badge.Verdict{}, err
	}
	found := badge.Verify([]byte(text), bundle, badge.At(now))
	if k.Origin == contract.OriginImported && !k.Revocation.At.IsZero() { // of which its issuer knows nothing
		found.Status.Result, found.Status.Reason, found.Status.Detail, found.Status.AsOf = badge.Failed, badge.ReasonRevoked, "the vendor took it away", now
	}
	return found, nil
}

// ownBundle is what a third party would have fetched of us to verify a credential.
func (s *Service) ownBundle(ctx context.Context, tx *store.Tx, k *credential, now time.Time) (*badge.Bundle, error) {
	var said badge.Credential
	if err := json.Unmarshal([]byte(k.badge), &said); err != nil {
		return nil, fmt.Errorf("the badge of %s: %w", k.ID, err)
	}
	all, err := keys(ctx, tx)
	if err != nil {
		return nil, err
	}
	number, err := listNumber(k.Verification.StatusListURL)
	if err != nil {
		return nil, fmt.Errorf("credential %s: %w", k.ID, err)
	}
	list, err := s.statusList(ctx, tx, number, now)
	if err != nil {
		return nil, err
	}
	return badge.NewBundle(badge.Contents{
		Issuers:     []badge.Issuer{{ID: said.Issuer.ID, Name: said.Issuer.Name, Keys: published(all), AsOf: now}},
		StatusLists: []badge.Snapshot{{URL: k.Verification.StatusListURL, JWT: list, AsOf: now}},
	})
}

// checks are what a verdict found, in the words of the contract.
func checks(v badge.Verdict) []contract.Check {
	all := make([]contract.Check, 0, len(v.Checks()))
	for _, found := range v.Checks() {
		all = append(all, contract.Check{
			Name: contract.CheckName(found.Name), Result: contract.CheckResult(found.Result), Reason: string(found.Reason), Detail: clip(found.Detail), AsOf: found.AsOf,
		})
	}
	return all
}

// clip keeps a detail, which may quote what others have written, within what the contract allows.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 2000 {
		return string(runes[:2000])
	}
	return text
}
