package deliver

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// Key is a key that an endpoint's deliveries are signed with: a secret (v1) or a private key (v1a).
type Key struct {
	Key       webhook.Key
	CreatedAt time.Time
	ExpiresAt time.Time // zero: until it is rotated
}

// LiveAt says whether the key signs at an instant.
func (k Key) LiveAt(now time.Time) bool { return k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt) }

// sealedKey is a Key at rest. Only here is a key's text written out, and only to be sealed.
type sealedKey struct {
	Text      string    `json:"key"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// SealKeys turns the keys of an endpoint, newest first, into what its row holds: a dump of the table without the portal's own key signs
// nothing.
func SealKeys(tx *store.Tx, endpointID string, keys []Key) (string, error) {
	kept := make([]sealedKey, len(keys))
	for i, k := range keys {
		kept[i] = sealedKey{k.Key.Reveal(), k.CreatedAt, k.ExpiresAt}
		if kept[i].Text == "" {
			return "", fmt.Errorf("key %v has no text that could be kept", k.Key)
		}
	}
	plain, err := json.Marshal(kept)
	if err != nil {
		return "", err
	}
	return tx.Seal(plain, boundTo(endpointID)), nil
}

// OpenKeys returns the keys that [SealKeys] was given, the expired among them.
func OpenKeys(tx *store.Tx, endpointID, sealed string) ([]Key, error) {
	plain, ok := tx.Unseal(sealed, boundTo(endpointID))
	if !ok {
		return nil, errors.New("the keys of the endpoint cannot be opened: they were sealed by another portal, or for another endpoint")
	}
	var kept []sealedKey
	if err := json.Unmarshal(plain, &kept); err != nil {
		return nil, errors.New("the keys of the endpoint are damaged") // the parser's own words could hold some of them
	}
	keys := make([]Key, len(kept))
	for i, k := range kept {
		key, err := webhook.ParseKey(k.Text)
		if err != nil {
			return nil, fmt.Errorf("key %d of the endpoint: %w", i, err)
		}
		keys[i] = Key{key, k.CreatedAt, k.ExpiresAt}
	}
	return keys, nil
}

func boundTo(endpointID string) string { return "webhook keys " + endpointID }
