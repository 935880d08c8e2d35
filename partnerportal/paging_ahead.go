package partnerportal

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// fetchAhead walks segments of a list side by side, each on a goroutine that holds one page ready and fetches no further before
// it is taken. With a single segment it is the whole list, in order. When the loop ends, so do the goroutines, before the loop
// is left.
func fetchAhead[T any](ctx context.Context, start string, segments int,
	fetch func(ctx context.Context, cursor, segment string) ([]T, string, error)) iter.Seq2[[]T, error] {
	type page struct {
		items []T
		err   error
		last  bool // its walker is done
	}
	return func(yield func([]T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pages, left := make(chan page), make(chan struct{})
		var walkers sync.WaitGroup
		defer walkers.Wait()
		defer close(left)
		defer cancel()

		// A walker hands over whatever it has, its context's end included, as long as the loop is there to take it.
		hand := func(p page) bool {
			select {
			case pages <- p:
				return true
			case <-left:
				return false
			}
		}
		walk := func(segment string) {
			walkPages(ctx, start, segment, fetch, func(items []T, err error) bool { return hand(page{items: items, err: err}) })
			hand(page{last: true})
		}
		walking := max(segments, 1)
		for i := range walking {
			segment := ""
			if segments > 1 {
				segment = fmt.Sprintf("%d/%d", i, segments)
			}
			walkers.Go(func() { walk(segment) })
		}
		for walking > 0 {
			p := <-pages
			if p.last {
				walking--
			} else if !yield(p.items, p.err) || p.err != nil {
				return
			}
		}
	}
}
