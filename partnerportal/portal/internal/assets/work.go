package assets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// The kinds of work.
const (
	previewWork = "preview" // of an asset's latest version
	coBrandWork = "cobrand" // a job
)

const (
	workEvery   = 2 * time.Second  // other replicas take orders, too
	workLease   = 10 * time.Minute // of somebody who may have died over it
	mostTries   = 3
	betweenTrys = 30 * time.Second
)

// queue orders work, to be begun once this transaction has been committed.
func (s *Service) queue(ctx context.Context, c *call.Call, kind, id string) error {
	c.OnCommit(s.Wake)
	return c.Tx.PutAssetWork(ctx, store.PutAssetWorkParams{Kind: kind, ResourceID: id})
}

// Wake has [Service.Run] look for work.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Run draws what is ordered until ctx ends. What fails is reported and, if that may help, tried again.
func (s *Service) Run(ctx context.Context, report func(error)) {
	ticker := time.NewTicker(workEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := s.Work(ctx); err != nil {
			report(err)
		}
		select {
		case <-s.wake:
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// Work draws all that is ordered now, one thing after the other: each may hold some hundred megabytes of pixels.
func (s *Service) Work(ctx context.Context) error {
	var failures []error
	for ctx.Err() == nil {
		w, err := s.take(ctx)
		if errors.Is(err, store.ErrNotFound) {
			return errors.Join(failures...)
		}
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		if err := s.do(ctx, w); err != nil {
			failures = append(failures, fmt.Errorf("assets: %s of %s: %w", w.kind, w.id, err))
		}
	}
	return errors.Join(append(failures, ctx.Err())...)
}

// work is something to be drawn, leased until somebody else may think that its worker has died.
type work struct {
	kind, id string
	last     bool  // it will not be tried again
	until    int64 // the lease: what has it is still the latest order, and ours
}

// take leases the work that waits longest. Leases go by the real time, as a sandbox's clock jumps.
func (s *Service) take(ctx context.Context) (work, error) {
	now := time.Now()
	var w work
	err := s.transact(ctx, func(ctx context.Context) error {
		until := store.Micros(now.Add(workLease))
		row, err := call.From(ctx).Tx.TakeAssetWork(ctx, store.TakeAssetWorkParams{Until: until, Now: store.Micros(now)})
		w = work{kind: row.Kind, id: row.ResourceID, last: row.Attempts >= mostTries, until: until}
		return err
	})
	return w, err
}

func (s *Service) do(ctx context.Context, w work) error {
	err := s.draw(ctx, w)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.transact(ctx, func(ctx context.Context) error {
		return call.From(ctx).Tx.FreeAssetWork(ctx, store.FreeAssetWorkParams{
			Kind: w.kind, ResourceID: w.id, AgainAt: store.Micros(time.Now().Add(betweenTrys)), Leased: w.until,
		})
	}))
}

// draw does a piece of work. What it panics over, such as a picture that a decoder cannot stomach, must not end the host's process.
func (s *Service) draw(ctx context.Context, w work) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v", broken)
		}
	}()
	if w.kind == coBrandWork {
		return s.drawJob(ctx, w)
	}
	return s.drawPreview(ctx, w)
}

// done ends a piece of work with what came of it, unless somebody else has it now or it was ordered anew.
func (s *Service) done(ctx context.Context, w work, result func(ctx context.Context, c *call.Call) error) error {
	return s.transact(ctx, func(ctx context.Context) error {
		c := call.From(ctx)
		ours, err := c.Tx.DropAssetWork(ctx, store.DropAssetWorkParams{Kind: w.kind, ResourceID: w.id, Leased: w.until})
		if err != nil || ours == 0 {
			return err
		}
		return result(ctx, c)
	})
}

// keep puts into the file store what draw writes, while it is written.
func (s *Service) keep(ctx context.Context, name string, draw func(w io.Writer) error) (contract.Output, error) {
	pr, pw := io.Pipe()
	go func() { _ = pw.CloseWithError(safely(draw, pw)) }() // never fails
	defer func() { _ = pr.Close() }()                       // whatever happens, so that nobody writes for ever
	m := &meter{content: pr, hash: sha256.New()}
	err := s.blobs.Put(ctx, name, m)
	switch {
	case m.err != nil:
		return contract.Output{}, m.err // what the file store makes of it may say less
	case err != nil:
		return contract.Output{}, err
	}
	return contract.Output{Size: m.size, SHA256: hex.EncodeToString(m.hash.Sum(nil))}, nil
}

// safely draws in a goroutine of its own, where nobody else would recover.
func safely(draw func(w io.Writer) error, w io.Writer) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v", broken)
		}
	}()
	return draw(w)
}
