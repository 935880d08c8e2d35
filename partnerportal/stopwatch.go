package partnerportal

import (
	"slices"
	"sync"
	"time"
)

// longestPause is how much of a pause counts as work on a form: who thinks for two minutes is still at it, who comes back after
// lunch was not. Portals measure by the same rule.
const longestPause = 2 * time.Minute

// Stopwatch measures how long a person takes with a form, for [Timing]: registering a deal or asking for funds says with it how fast
// the portal really is, and which fields people type although a system knows them.
//
//	watch := partnerportal.NewStopwatch() // the form opens
//	watch.Prefilled("/customer/name", "/customer/domain")
//	watch.Typed("/amount") // and so on, as the person goes along
//	…
//	deal, err := reg.Register(ctx, deals.Registration{…, Started: watch.Started(), Timing: watch.Timing()})
//
// The time counts while the person does something; of a pause longer than two minutes only two minutes count. A Stopwatch is safe
// for concurrent use.
type Stopwatch struct {
	started time.Time

	mu               sync.Mutex
	touched          time.Time
	active           time.Duration
	typed, prefilled []string
}

// NewStopwatch returns a Stopwatch that starts now.
func NewStopwatch() *Stopwatch {
	now := time.Now()
	return &Stopwatch{started: now, touched: now}
}

// Started is when the form was opened.
func (w *Stopwatch) Started() time.Time { return w.started }

// Touch says that the person is at the form: it got the focus, a key was pressed.
func (w *Stopwatch) Touch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touch()
}

// Typed says that the person filled in fields, named by JSON pointers such as "/customer/domain". What a system had filled in
// before and the person changes counts as typed.
func (w *Stopwatch) Typed(fields ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touch()
	w.typed = with(w.typed, fields)
	w.prefilled = slices.DeleteFunc(w.prefilled, func(field string) bool { return slices.Contains(fields, field) })
}

// Prefilled says that a system filled in fields, named by JSON pointers.
func (w *Stopwatch) Prefilled(fields ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fields = slices.DeleteFunc(slices.Clone(fields), func(field string) bool { return slices.Contains(w.typed, field) })
	w.prefilled = with(w.prefilled, fields)
}

// Timing is what there is to say when the form is sent. The stopwatch runs on, should the portal refuse it.
func (w *Stopwatch) Timing() Timing {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touch()
	return Timing{
		ActiveSeconds: int(min(w.active, 24*time.Hour) / time.Second), FieldsTyped: len(w.typed), FieldsPrefilled: len(w.prefilled),
		Typed: slices.Clone(w.typed), Prefilled: slices.Clone(w.prefilled),
	}
}

func (w *Stopwatch) touch() {
	now := time.Now()
	w.active += min(now.Sub(w.touched), longestPause)
	w.touched = now
}

// with adds the fields that are not there yet.
func with(fields, more []string) []string {
	for _, field := range more {
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	return fields
}
