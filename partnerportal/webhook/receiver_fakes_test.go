package webhook_test

import (
	"context"
	"io"
	"math/rand/v2"
	"sync/atomic"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// countingReader counts the attempts to read it.
type countingReader struct{ reads int }

func (r *countingReader) Read([]byte) (int, error) { r.reads++; return 0, io.EOF }
func (r *countingReader) Close() error             { return nil }

type readCloser struct{ io.Reader }

func (readCloser) Close() error { return nil }

// randomSource makes the same bytes in every run.
type random struct{ *rand.Rand }

func randomSource(seed uint64) random { return random{rand.New(rand.NewPCG(seed, seed))} }

func (r random) bytes(most int) []byte {
	b := make([]byte, r.IntN(most))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// spyStore counts what is asked of a store, and fails when told to.
type spyStore struct {
	webhook.DedupeStore
	claims             atomic.Int64
	failClaim, failCom atomic.Bool
}

func newSpyStore() *spyStore { return &spyStore{DedupeStore: webhook.NewMemoryStore(0)} }

func (s *spyStore) Claim(ctx context.Context, c webhook.Claim) (webhook.ClaimState, error) {
	s.claims.Add(1)
	if s.failClaim.Load() {
		return webhook.InFlight, io.ErrUnexpectedEOF
	}
	return s.DedupeStore.Claim(ctx, c)
}

func (s *spyStore) Commit(ctx context.Context, c webhook.Claim) error {
	if s.failCom.Load() {
		return io.ErrUnexpectedEOF
	}
	return s.DedupeStore.Commit(ctx, c)
}
