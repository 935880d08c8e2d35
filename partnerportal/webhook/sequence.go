package webhook

import (
	"context"
	"errors"
)

// SequenceStore remembers the newest version of each subject that a handler was called with. [MemoryStore] and [SQLStore] are some.
type SequenceStore interface {
	// Advance notes the version, atomically, and returns true; or, when it knows a newer one, changes nothing and returns false.
	// The same version again is true: its handler may have failed.
	Advance(ctx context.Context, subject string, version int64) (bool, error)
}

// SkipStale acknowledges events that are older than one already handled of the same subject, without calling the handler: for
// handlers that copy a resource's state, where the newest says all. Give the same store to every such handler of a kind of
// resource, the one for its deletion too, and a late update cannot bring it back. Events whose subject has no version are handled.
//
// Two events of a subject that arrive at once may still end in either order, unless the store is the [SQLStore] in whose InTx the
// handler writes: that compares again under a lock.
func SkipStale(s SequenceStore) HandlerOption {
	if s == nil {
		panic("webhook: SkipStale without a store")
	}
	return func(h *handler) { h.order = s }
}

// errStale is what InTx returns when a newer event overtook the handler; the receiver acknowledges it.
var errStale = errors.New("webhook: a newer version of the subject was handled meanwhile")

// advance says whether the attempt's event is news.
func (a *attempt) advance(ctx context.Context) (bool, error) {
	if a.order == nil {
		return true, nil
	}
	return a.order.Advance(ctx, a.subject, a.version)
}
