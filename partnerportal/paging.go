package partnerportal

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// maxEmptyPages is the number of empty pages in a row after which a list is given up. A filter over a long list may make a
// portal answer some.
const maxEmptyPages = 100

// Paginate walks a list that is given page by page, from the cursor start, "" for the beginning; the All functions of the
// generated packages are made of it. fetch gets one page: its items and the cursor of the next one, "" after the last.
//
// The sequence is lazy, each range over it starts anew, and it ends after the first error, which comes with a zero item. It goes
// on past empty pages, but not forever ([ErrNoProgress]), and does not follow a cursor twice ([ErrCursorLoop]). [WithSegments]
// and [WithPrefetch] among opts make it fetch ahead on goroutines, which end with the loop; without them there is none.
func Paginate[T any](ctx context.Context, start string, opts []RequestOption,
	fetch func(ctx context.Context, cursor, segment string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var s requestSettings
		if err := s.applyToList(start, opts); err != nil {
			yield(zero, &Error{Code: ErrInvalidArgument, Err: err})
			return
		}
		pages := func(yield func([]T, error) bool) {
			walkPages(ctx, start, "", fetch, yield)
		}
		if s.segments > 1 || s.prefetch {
			pages = fetchAhead(ctx, start, s.segments, fetch)
		}
		for items, err := range pages {
			if err != nil {
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// applyToList reads the options of a list as a whole and refuses what cannot be had of several pages at once.
func (r *requestSettings) applyToList(start string, opts []RequestOption) error {
	if err := r.apply(opts); err != nil {
		return err
	}
	switch {
	case r.segments > 1 && start != "":
		return errors.New("WithSegments starts at the beginning of the list, and a cursor was given")
	case r.response != nil && (r.segments > 1 || r.prefetch):
		return errors.New("WithResponse is for one page at a time and does not go with WithSegments or WithPrefetch")
	}
	return nil
}

// walkPages follows the cursors of one segment and yields its pages. It keeps every cursor it followed: a portal may lead in a
// circle of any length.
func walkPages[T any](ctx context.Context, cursor, segment string,
	fetch func(ctx context.Context, cursor, segment string) ([]T, string, error), yield func([]T, error) bool) {
	seen := map[string]struct{}{cursor: {}}
	empty := 0
	for {
		if err := ctx.Err(); err != nil {
			yield(nil, &Error{Err: err})
			return
		}
		items, next, err := fetch(ctx, cursor, segment)
		if err != nil {
			yield(nil, err)
			return
		}
		if len(items) == 0 {
			empty++
		} else {
			empty = 0
			if !yield(items, nil) {
				return
			}
		}
		_, again := seen[next]
		switch {
		case next == "":
			return
		case again:
			yield(nil, &Error{Code: ErrCursorLoop, Err: fmt.Errorf("page %d leads back to an earlier one", len(seen))})
			return
		case empty == maxEmptyPages:
			yield(nil, &Error{Code: ErrNoProgress, Err: fmt.Errorf("%d empty pages in a row", empty)})
			return
		}
		seen[next] = struct{}{}
		cursor = next
	}
}

// Collect gathers a sequence into a slice: partnerportal.Collect(reg.All(ctx, params)). On an error it returns what came before
// it as well.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}
