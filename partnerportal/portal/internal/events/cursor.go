package events

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// A cursor is a sequence number, sealed for its reader. The sequence counts what happens to everybody, so a partner that could
// read it would learn how much business the others do. AES-GCM hides the number, refuses what was made up or given to somebody
// else, and, having a new nonce each time, does not even tell whether anything happened between two cursors.
type seal struct{ aead cipher.AEAD }

const (
	keySetting = "events_cursor_key"
	keySize    = 32
)

func newSeal(key []byte) (*seal, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &seal{aead}, err
}

func (s *seal) write(sequence int64, owner string) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(sequence))
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(owner))) //nolint:gosec // the AEAD makes the nonce
}

func (s *seal) read(cursor, owner string) (sequence int64, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	plain, err := s.aead.Open(nil, nil, sealed, []byte(owner))
	if err != nil || len(plain) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(plain)), true
}

// Key returns the key of this portal's cursors, and makes it when there is none. It lies in the database, so that all replicas
// read each other's cursors and a restart makes none invalid; who can read it there can read the events, too.
func Key(ctx context.Context, s *store.Store) (key []byte, err error) {
	key, err = readKey(ctx, s.Read())
	if !errors.Is(err, store.ErrNotFound) {
		return key, err
	}
	err = s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Lock(ctx, keySetting); err != nil {
			return err
		}
		key, err = readKey(ctx, tx) // another replica may have been faster
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		key = make([]byte, keySize)
		_, _ = rand.Read(key) // never fails
		return tx.SetSetting(ctx, store.SetSettingParams{Name: keySetting, Value: base64.StdEncoding.EncodeToString(key)})
	})
	return key, err
}

func readKey(ctx context.Context, tx *store.Tx) ([]byte, error) {
	text, err := tx.Setting(ctx, keySetting)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("the setting %s is damaged", keySetting)
	}
	return key, nil
}
