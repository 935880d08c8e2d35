package events

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

const (
	maxKeys        = 4 // live ones: a receiver looks at no more signatures
	defaultOverlap = 24 * time.Hour
)

// RotateSecret gives the endpoint a new key. The one before it signs on for the overlap; those before that one keep the ends that they
// were given. A revocation ends them all.
func (s *Service) RotateSecret(ctx context.Context, endpointID, ifMatch string, body *contract.Rotation) (*contract.EndpointSecret, error) {
	c, e, err := s.open(ctx, endpointID, ifMatch, contract.EndpointActionRotate)
	if err != nil {
		return nil, err
	}
	now, overlap := s.now(), time.Duration(body.OverlapSeconds)*time.Second
	switch e.keys = e.live(now); {
	case body.RevokeOld && overlap != 0:
		return nil, invalid(problem.Field("/overlap_seconds", "not_permitted", "Old secrets are either revoked or sign on, not both."))
	case body.RevokeOld:
		e.keys = nil
	case len(e.keys) >= maxKeys:
		return nil, tooManyKeys(e.keys)
	case overlap == 0:
		overlap = defaultOverlap
	}
	if len(e.keys) > 0 {
		e.keys[0].ExpiresAt = now.Add(overlap)
	}
	scheme := body.Scheme
	if scheme == "" {
		scheme = contract.Scheme(e.Scheme)
	}
	secret := e.addKey(scheme, now)
	if err := s.save(ctx, c, e); err != nil {
		return nil, err
	}
	return s.withSecret(ctx, c, e, secret)
}

// live are the keys that sign now, newest first.
func (e *endpoint) live(now time.Time) []deliver.Key {
	return slices.DeleteFunc(slices.Clone(e.keys), func(k deliver.Key) bool { return !k.LiveAt(now) })
}

// addKey makes a new key the first, and returns what its owner has to keep secret: nothing of a key pair, whose private half is nobody's
// but the portal's.
func (e *endpoint) addKey(scheme contract.Scheme, now time.Time) (secret string) {
	key := webhook.GenerateSecret()
	if e.Scheme = string(scheme); scheme == contract.SchemeV1A {
		key, _ = webhook.GenerateKeyPair()
	} else {
		e.Scheme, secret = string(contract.SchemeV1), key.Reveal()
	}
	e.keys = slices.Insert(e.keys, 0, deliver.Key{Key: key, CreatedAt: now})
	return secret
}

func (s *Service) withSecret(ctx context.Context, c *call.Call, e *endpoint, secret string) (*contract.EndpointSecret, error) {
	seen, err := s.view(ctx, c, e)
	if err != nil {
		return nil, err
	}
	return &contract.EndpointSecret{Endpoint: *seen, Secret: secret}, nil
}

func tooManyKeys(keys []deliver.Key) error {
	free := slices.MinFunc(keys[1:], func(a, b deliver.Key) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	return problem.New(http.StatusConflict, contract.ErrTooManyKeys,
		"The endpoint has 4 live keys already, the most that receivers look at. Wait until "+free.ExpiresAt.Format(time.RFC3339)+", or revoke the old ones.")
}

// PublicKeys returns the public halves of the keys that an endpoint's deliveries are signed with. Anybody may read them; of an endpoint
// that has none, nobody learns whether it is there.
func (s *Service) PublicKeys(ctx context.Context, tx *store.Tx, endpointID string) ([]webhook.Key, error) {
	none := problem.New(http.StatusNotFound, "not_found", "There are no public keys here.")
	if !ids.Valid(ids.Endpoint, endpointID) {
		return nil, none
	}
	row, err := tx.Endpoint(ctx, endpointID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	e, err := unpack(tx, row)
	if err != nil {
		return nil, err
	}
	var public []webhook.Key
	for _, k := range e.live(s.now()) {
		if half, ok := k.Key.Public(); ok {
			public = append(public, half)
		}
	}
	if len(public) == 0 {
		return nil, none
	}
	return public, nil
}
