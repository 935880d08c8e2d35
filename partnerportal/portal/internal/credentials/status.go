package credentials

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const (
	listSize = 1 << 17 // places of a status list: with fewer, somebody who fetches it could guess whom it is about
	// listFull is when the next list begins: places are drawn by lot, which is quick while half of them are free.
	listFull = listSize / 2
	// listTTL is how long others may keep a list.
	listTTL = 5 * time.Minute
	// listLife is for how long a list may be relied on by whoever is offline; it is signed anew each day.
	listLife = 90 * 24 * time.Hour
)

// takePlace gives a credential a place in a status list, drawn by lot so that the place tells nothing.
func takePlace(ctx context.Context, tx *store.Tx, issuer *contract.Issuer, k *credential) error {
	if err := tx.Lock(ctx, "credential lists"); err != nil {
		return err
	}
	list, err := tx.LatestCredentialList(ctx)
	if errors.Is(err, store.ErrNotFound) || err == nil && (list.Taken >= listFull || !publishes(issuer, list.Url)) {
		list, err = newList(ctx, tx, issuer, list.ID+1)
	}
	if err != nil {
		return err
	}
	for {
		var lot [8]byte
		_, _ = rand.Read(lot[:]) // never fails
		place := int64(binary.BigEndian.Uint64(lot[:]) % listSize)
		taken, err := tx.TakeCredentialPlace(ctx, store.TakeCredentialPlaceParams{ListID: list.ID, Place: place, CredentialID: k.ID})
		if err != nil {
			return err
		}
		if taken > 0 {
			k.Verification = contract.Verification{URL: issuer.URL + VerifyPath + k.ID, StatusListURL: list.Url, StatusListIndex: int(place)}
			return tx.CountCredentialPlace(ctx, list.ID)
		}
	}
}

func newList(ctx context.Context, tx *store.Tx, issuer *contract.Issuer, id int64) (store.CredentialList, error) {
	list := store.CredentialList{ID: id, Url: issuer.URL + StatusPath + strconv.FormatInt(id, 10), Issuer: issuer.ProfileURL}
	return list, tx.InsertCredentialList(ctx, store.InsertCredentialListParams{ID: list.ID, Url: list.Url, Issuer: list.Issuer})
}

// publishes says that a status list is where the issuer is now. Verifiers take no list of another issuer, so what is renewed after it has moved
// gets a place in a new one, and keeps the old one for the badges that are out there.
func publishes(issuer *contract.Issuer, listURL string) bool {
	return strings.HasPrefix(listURL, issuer.URL+StatusPath)
}

// setPlaces notes in the status lists that a credential was taken away. Somebody else's badge has no place in ours.
func setPlaces(ctx context.Context, tx *store.Tx, k *credential) error {
	if err := tx.RevokeCredentialPlaces(ctx, k.ID); err != nil {
		return err
	}
	return tx.ChangeCredentialLists(ctx, k.ID)
}

func listNumber(url string) (int64, error) {
	return strconv.ParseInt(url[strings.LastIndexByte(url, '/')+1:], 10, 64)
}

// signedList is a status list that was signed, and what it says.
type signedList struct {
	jwt, key string
	revision int64
	on       time.Time // the day on which it was signed
}

// statusList returns a status list as the public reads it. It is signed anew when a place was set, when the key has changed, and each day.
func (s *Service) statusList(ctx context.Context, tx *store.Tx, id int64, now time.Time) (jwt string, err error) {
	list, err := tx.CredentialList(ctx, id)
	if err != nil {
		return "", err
	}
	key, err := signingKey(ctx, tx)
	if err != nil {
		return "", err
	}
	fresh := signedList{key: key.ID, revision: list.Revision, on: now.UTC().Truncate(24 * time.Hour)}
	if kept, ok := s.lists.Load(list.Url); ok {
		before := kept.(signedList) //nolint:forcetypeassert // the map holds nothing else
		if jwt, before.jwt = before.jwt, ""; before == fresh {
			return jwt, nil
		}
	}
	bits, err := badge.NewBitstring(listSize)
	if err != nil {
		return "", err
	}
	places, err := tx.RevokedCredentialPlaces(ctx, id)
	if err != nil {
		return "", err
	}
	for _, place := range places {
		if err := bits.Set(int(place), true); err != nil {
			return "", err
		}
	}
	fresh.jwt, err = badge.SignStatusList(badge.StatusList{
		ID: list.Url, Issuer: list.Issuer, Purpose: badge.Revocation, Bits: bits, ValidFrom: fresh.on, ValidUntil: fresh.on.Add(listLife), TTL: listTTL,
	}, key)
	if err != nil {
		return "", err
	}
	s.lists.Store(list.Url, fresh)
	return fresh.jwt, nil
}
