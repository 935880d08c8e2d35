package mdf

import (
	"container/heap"
	"context"
	"maps"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// rehearsal plays deadlines through without anything coming of it: in a context that carries one, the room's own code takes allocations,
// requests and claims out of it instead of the store, and saves them back to it. So a forecast cannot say anything else than what
// will happen.
type rehearsal struct {
	purses   map[string]allocation
	requests map[string]request
	claims   map[string]claim

	coming deadlines
	now    *coming // what passes at the moment
	moved  func(passed *coming, e *contract.Entry)
}

// coming is a deadline and whose it is.
type coming struct {
	deadline

	id string
}

// deadlines is a heap in the order in which the portal serves timers.
type deadlines []coming

func (q deadlines) Len() int      { return len(q) }
func (q deadlines) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q deadlines) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	switch {
	case !a.at.Equal(b.at):
		return a.at.Before(b.at)
	case a.kind != b.kind:
		return a.kind < b.kind
	}
	return a.id < b.id
}
func (q *deadlines) Push(v any) { *q = append(*q, v.(coming)) } //nolint:forcetypeassert // heap gives back what it got
func (q *deadlines) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

type rehearsalKey struct{}

// rehearsing returns the rehearsal that ctx carries; usually there is none.
func rehearsing(ctx context.Context) *rehearsal {
	r, _ := ctx.Value(rehearsalKey{}).(*rehearsal)
	return r
}

// play lets all deadlines pass that fall due until then.
func (r *rehearsal) play(ctx context.Context, s *Service, until time.Time) error {
	ctx = context.WithValue(ctx, rehearsalKey{}, r)
	then := *call.From(ctx)
	then.Caller = call.System
	for r.coming.Len() > 0 && !r.coming[0].at.After(until) {
		next := heap.Pop(&r.coming).(coming) //nolint:forcetypeassert // see Push
		r.now = &next
		if next.at.After(then.Now) {
			then.Now = next.at
		}
		if err := s.Fire(call.With(ctx, &then), next.kind, next.id, next.at); err != nil {
			return err
		}
	}
	return nil
}

// expect notes the deadlines of a resource. Those that a later save makes stale are ignored when they pass, as always.
func (r *rehearsal) expect(id string, all []deadline) {
	for _, d := range all {
		if !d.notice() {
			heap.Push(&r.coming, coming{d, id})
		}
	}
}

func (r *rehearsal) purse(id string) (*purse, error) {
	a, ok := r.purses[id]
	if !ok {
		return nil, call.NotFound("allocation")
	}
	return &purse{allocation: a, deadlines: a.due()}, nil
}

func (r *rehearsal) savePurse(p *purse) {
	for i := range p.entries {
		r.moved(r.now, &p.entries[i])
	}
	p.entries = nil
	r.purses[p.ID] = p.allocation
	r.expect(p.ID, p.due())
}

func (r *rehearsal) request(id string) (*dossier, error) {
	stored, ok := r.requests[id]
	if !ok {
		return nil, call.NotFound("request")
	}
	stored.Activities, stored.Courses = slices.Clone(stored.Activities), maps.Clone(stored.Courses)
	return &dossier{request: stored, deadlines: stored.due()}, nil
}

func (r *rehearsal) saveRequest(d *dossier) {
	r.requests[d.ID] = d.request
	r.expect(d.ID, d.due())
}

func (r *rehearsal) claim(id string) (*folder, error) {
	stored, ok := r.claims[id]
	if !ok {
		return nil, call.NotFound("claim")
	}
	stored.Standing = maps.Clone(stored.Standing)
	return &folder{claim: stored, deadlines: stored.due()}, nil
}

func (r *rehearsal) saveClaim(k *folder) {
	r.claims[k.ID] = k.claim
	r.expect(k.ID, k.due())
}
