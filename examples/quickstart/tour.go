package main

import (
	"fmt"
	"io"
	"time"
)

// tour runs the steps one after the other, and says what the portal answered and how long it took.
type tour struct {
	out   io.Writer
	count int
	err   error
	total time.Duration
}

func (t *tour) step(title string, do func() (string, error)) {
	if t.err != nil {
		return
	}
	t.count++
	start := time.Now()
	answer, err := do()
	took := time.Since(start)
	t.total += took
	if err != nil {
		t.err = fmt.Errorf("step %d, %s: %w", t.count, title, err)
		return
	}
	fmt.Fprintf(t.out, "%2d. %s\n    %s  [%s]\n", t.count, title, answer, took.Round(10*time.Microsecond))
}

func (t *tour) end() error {
	if t.err == nil {
		fmt.Fprintf(t.out, "\nDone: %d steps in %s.\n", t.count, t.total.Round(time.Millisecond))
	}
	return t.err
}
