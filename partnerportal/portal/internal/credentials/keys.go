package credentials

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// mostKeys is how many keys are published: verifiers read no more of a set.
const mostKeys = 64

// key is one of the issuer's keys as it is stored. Its private half is sealed in its row, as long as it signs.
type key struct {
	contract.Key

	Public badge.PublicKey `json:"public"`

	row store.CredentialKey
}

// keys returns the issuer's keys, newest first.
func keys(ctx context.Context, tx *store.Tx) ([]key, error) {
	rows, err := tx.CredentialKeys(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]key, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Doc), &all[i]); err != nil {
			return nil, fmt.Errorf("credential key %s: %w", row.ID, err)
		}
		all[i].row, all[i].Status, all[i].EndedAt = row, contract.KeyStatus(row.Status), store.Time(row.EndedAt)
	}
	return all, nil
}

// published are the public halves, as others verify with them. A retired key signs nothing new. One that was revoked is not among them: most
// verifiers heed no mark on a key, and would take what a thief signs with it.
func published(all []key) badge.JWKS {
	set := badge.JWKS{Keys: []badge.PublicKey{}}
	for _, k := range all {
		if k.Status == contract.KeyStatusRevoked || len(set.Keys) == mostKeys {
			continue
		}
		if k.Status == contract.KeyStatusRetired {
			k.Public.NotAfter = k.EndedAt
		}
		set.Keys = append(set.Keys, k.Public)
	}
	return set
}

// signingKey is the key that signs now.
func signingKey(ctx context.Context, tx *store.Tx) (badge.SigningKey, error) {
	all, err := keys(ctx, tx)
	if err != nil {
		return badge.SigningKey{}, err
	}
	for _, k := range all {
		if k.Status == contract.KeyStatusCurrent {
			return k.open(tx)
		}
	}
	return badge.SigningKey{}, errors.New("credentials: there is no key that signs")
}

func (k key) open(tx *store.Tx) (badge.SigningKey, error) {
	plain, ok := tx.Unseal(k.row.Sealed, boundTo(k.row.ID))
	if !ok {
		return badge.SigningKey{}, fmt.Errorf("the credential key %s cannot be opened: it was sealed by another portal", k.row.ID)
	}
	private, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return badge.SigningKey{}, fmt.Errorf("the credential key %s is damaged", k.row.ID) // the parser's own words could hold some of it
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return badge.SigningKey{}, fmt.Errorf("the credential key %s signs nothing", k.row.ID)
	}
	return badge.SigningKey{ID: k.ID, Signer: signer}, nil
}

func boundTo(thumbprint string) string { return "credential key " + thumbprint }

// makeKey makes a key that signs from now on.
func makeKey(ctx context.Context, c *call.Call, issuer *contract.Issuer, algorithm contract.Algorithm) (*contract.Key, error) {
	fresh, err := badge.GenerateKey(badge.Algorithm(algorithm))
	if err != nil {
		return nil, err
	}
	thumbprint := fresh.ID
	fresh.ID = issuer.URL + KeyPath + thumbprint
	private, err := x509.MarshalPKCS8PrivateKey(fresh.Signer)
	if err != nil {
		return nil, err
	}
	k := key{Key: contract.Key{ID: fresh.ID, Algorithm: algorithm, Status: contract.KeyStatusCurrent, CreatedAt: c.Now}, Public: fresh.Public()}
	doc, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	return &k.Key, c.Tx.InsertCredentialKey(ctx, store.InsertCredentialKeyParams{
		ID: thumbprint, Status: string(k.Status), CreatedAt: store.Micros(c.Now), Sealed: c.Tx.Seal(private, boundTo(thumbprint)), Doc: string(doc),
	})
}

// ListKeys returns the keys that sign, and those that did.
func (s *Service) ListKeys(ctx context.Context) (*contract.KeyList, error) {
	all, err := keys(ctx, call.From(ctx).Tx)
	if err != nil {
		return nil, err
	}
	list := &contract.KeyList{Items: make([]contract.Key, 0, len(all))}
	for _, k := range all {
		list.Items = append(list.Items, k.Key)
	}
	return list, nil
}

// RotateKey makes a new signing key.
func (s *Service) RotateKey(ctx context.Context, body *contract.KeyRotation) (*contract.Key, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, issuerSetting); err != nil {
		return nil, err
	}
	issuer, err := issuerOf(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	if issuer == nil {
		return nil, noIssuer()
	}
	before, err := keys(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	algorithm := body.Algorithm
	if algorithm == "" {
		algorithm = before[0].Algorithm
	}
	end := func(standing, ended contract.KeyStatus) error {
		return c.Tx.EndCredentialKeys(ctx, store.EndCredentialKeysParams{Standing: string(standing), Ended: string(ended), Now: store.Micros(c.Now)})
	}
	if body.RevokeOld {
		err = errors.Join(end(contract.KeyStatusCurrent, contract.KeyStatusRevoked), end(contract.KeyStatusRetired, contract.KeyStatusRevoked))
	} else {
		err = end(contract.KeyStatusCurrent, contract.KeyStatusRetired)
	}
	if err != nil {
		return nil, err
	}
	return makeKey(ctx, c, issuer, algorithm)
}
