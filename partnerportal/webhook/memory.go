package webhook

import (
	"context"
	"errors"
	"sync"
	"time"
)

// MemoryStore is a [DedupeStore] and a [SequenceStore] of one process, forgotten when it ends. It never grows beyond its size: when
// it is full, the event that has been done for longest makes room. It is safe for concurrent use.
type MemoryStore struct {
	mu       sync.Mutex
	size     int
	events   map[string]*memoryEntry
	claimed  memoryEntry // ring of events in the order of their claims: the first lease to end comes first, or nearly
	done     memoryEntry // ring in the order of the commits
	subjects map[string]*memoryEntry
	recent   memoryEntry // ring of subjects, the one unchanged for longest first
}

// memoryEntry is an event or a subject, and hangs in one ring.
type memoryEntry struct {
	key        string
	owner      string // of an event that is claimed
	until      time.Time
	version    int64 // of a subject
	prev, next *memoryEntry
}

var errMemoryFull = errors.New("every event in the store is being handled")

// NewMemoryStore returns a store for size events and as many subjects; 0 is 100,000, which take about 20 MB.
func NewMemoryStore(size int) *MemoryStore {
	if size <= 0 {
		size = 100_000
	}
	m := &MemoryStore{size: size, events: map[string]*memoryEntry{}, subjects: map[string]*memoryEntry{}}
	for _, ring := range []*memoryEntry{&m.claimed, &m.done, &m.recent} {
		ring.prev, ring.next = ring, ring
	}
	return m
}

// Claim implements [DedupeStore]. It fails when the store is full of events that are being handled.
func (m *MemoryStore) Claim(_ context.Context, c Claim) (ClaimState, error) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.events[c.Key]; ok {
		switch {
		case !e.until.After(now):
			m.forget(e)
		case e.owner == "":
			return Done, nil
		default:
			return InFlight, nil
		}
	}
	if !m.room(now) {
		return InFlight, errMemoryFull
	}
	e := &memoryEntry{key: c.Key, owner: c.Owner, until: now.Add(c.Lease)}
	e.append(&m.claimed)
	m.events[c.Key] = e
	return Fresh, nil
}

// Commit implements [DedupeStore].
func (m *MemoryStore) Commit(_ context.Context, c Claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.events[c.Key]; e != nil && e.owner == c.Owner {
		e.owner, e.until = "", time.Now().Add(c.Keep)
		e.unlink()
		e.append(&m.done)
	}
	return nil
}

// Release implements [DedupeStore].
func (m *MemoryStore) Release(_ context.Context, c Claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.events[c.Key]; e != nil && e.owner == c.Owner {
		m.forget(e)
	}
	return nil
}

// Advance implements [SequenceStore].
func (m *MemoryStore) Advance(_ context.Context, subject string, version int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.subjects[subject]
	switch {
	case e != nil && version < e.version:
		return false, nil
	case e != nil:
		e.unlink()
	default:
		if len(m.subjects) >= m.size {
			oldest := m.recent.next
			oldest.unlink()
			delete(m.subjects, oldest.key)
		}
		e = &memoryEntry{key: subject}
		m.subjects[subject] = e
	}
	e.version = version
	e.append(&m.recent)
	return true, nil
}

// room makes sure that one more event fits. What is being handled is never dropped for it.
func (m *MemoryStore) room(now time.Time) bool {
	if len(m.events) < m.size {
		return true
	}
	if oldest := m.done.next; oldest != &m.done {
		m.forget(oldest)
		return true
	}
	if oldest := m.claimed.next; oldest != &m.claimed && !oldest.until.After(now) {
		m.forget(oldest)
		return true
	}
	return false
}

func (m *MemoryStore) forget(e *memoryEntry) {
	e.unlink()
	delete(m.events, e.key)
}

func (e *memoryEntry) append(ring *memoryEntry) {
	e.prev, e.next = ring.prev, ring
	e.prev.next, ring.prev = e, e
}

func (e *memoryEntry) unlink() { e.prev.next, e.next.prev = e.next, e.prev }
