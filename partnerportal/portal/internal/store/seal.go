package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	sealSetting = "cursor_key"
	sealSize    = 32
)

// Seal turns what a caller is given only to bring it back, such as a cursor, into text that tells the caller nothing. A cursor
// may hold a number that counts what happens to everybody: a partner that could read it would learn how much business the others
// do. AES-GCM hides it and, having a new nonce each time, does not even tell whether two texts mean the same. It serves as well for
// secrets that the portal must have again itself: whoever sees their rows alone, in a query or an extract, has nothing.
func (t *Tx) Seal(plain []byte, bound string) string {
	return base64.RawURLEncoding.EncodeToString(t.seal.Seal(nil, nil, plain, []byte(bound))) //nolint:gosec // the AEAD makes the nonce
}

// Unseal returns what [Tx.Seal] was given. It refuses a text that was made up, or was bound to something else.
func (t *Tx) Unseal(text, bound string) (plain []byte, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	plain, err = t.seal.Open(nil, nil, sealed, []byte(bound))
	return plain, err == nil
}

// loadSeal reads this database's key, and makes it when there is none. It lies in the database, so that all replicas read each
// other's cursors and a restart makes none invalid; who can read it there can read everything else, too.
func (s *Store) loadSeal(ctx context.Context) error {
	key, err := readKey(ctx, s.Read())
	if errors.Is(err, ErrNotFound) {
		err = s.Write(ctx, func(tx *Tx) error {
			if err := tx.Lock(ctx, sealSetting); err != nil {
				return err
			}
			key, err = readKey(ctx, tx) // another replica may have been faster
			if !errors.Is(err, ErrNotFound) {
				return err
			}
			key = make([]byte, sealSize)
			_, _ = rand.Read(key) // never fails
			return tx.SetSetting(ctx, SetSettingParams{Name: sealSetting, Value: base64.StdEncoding.EncodeToString(key)})
		})
	}
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	s.seal, err = cipher.NewGCMWithRandomNonce(block)
	return err
}

func readKey(ctx context.Context, tx *Tx) ([]byte, error) {
	text, err := tx.Setting(ctx, sealSetting)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != sealSize {
		return nil, fmt.Errorf("the setting %s is damaged", sealSetting)
	}
	return key, nil
}
