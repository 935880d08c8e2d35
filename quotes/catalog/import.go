package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// ImportOptions says how a file is imported. The zero value is fine.
type ImportOptions struct {
	// DryRun reads the file and compares it with the catalogue, and writes nothing. What the portal itself would refuse is then not known.
	DryRun bool
	// Concurrency is how many products are put at a time, 4 when it is 0 and at most 32.
	Concurrency int
	// FromLine is where to go on, the NextLine of an import that was stopped; what stands before is passed over. It only saves time: what was
	// imported already is not imported twice.
	FromLine int
	// Progress, if not nil, is called after each stretch of the file, and when it is done; never twice at once.
	Progress func(ImportResult)
	// Complete removes entries of the price list that the file does not have. Nothing is removed when a row was refused, or FromLine is given; a file
	// without rows is an error.
	Complete bool
}

// ImportResult is what became of a file, or of the part that was read. Every row is counted once.
type ImportResult struct {
	Rows      int // that were read, without the header and what FromLine passes over
	Created   int // that were new
	Updated   int // that differed from what was there
	Unchanged int // that were the same, and so were not written
	Removed   int // entries of a price list that the file does not have, with Complete
	Refused   []Refusal
	NextLine  int // up to which all is done: where to go on
}

// Refusal is a rule that a row of the file breaks, so that the row is not imported. A row is refused with all its faults at once.
type Refusal struct {
	Line    int    // of the row, from 1, the header included
	Column  string // where it is, "" for the row as a whole
	Value   string // what stands there
	Rule    string // which rule it breaks, in a word
	Message string // what to change
}

// String is the refusal in one line.
func (r Refusal) String() string {
	at := fmt.Sprintf("line %d", r.Line)
	if r.Column != "" {
		at += ", " + r.Column
	}
	if r.Value != "" {
		at += fmt.Sprintf(" %q", r.Value)
	}
	return at + ": " + r.Message + " (" + r.Rule + ")"
}

// importing is an import under way. T is what a row says.
type importing[T any] struct {
	opts   ImportOptions
	result ImportResult
	table  *table
	parse  func(p *parser) T                                // reads a row
	key    func(T) string                                   // tells rows apart: each may come once
	send   func(ctx context.Context, batch []line[T]) error // brings the portal up to date
	size   int                                              // of a batch

	first map[string]int // where a key came first
}

// line is a row that can be imported.
type line[T any] struct {
	number int
	value  T
}

// run imports the file batch by batch. What it returns with an error is how far it came.
func (m *importing[T]) run(ctx context.Context) (*ImportResult, error) {
	m.first, m.result.NextLine = map[string]int{}, max(2, m.opts.FromLine)
	for {
		batch, next, unread := m.batch(ctx)
		if err := m.send(ctx, batch); err != nil {
			return &m.result, fmt.Errorf("in the lines from %d on: %w", m.result.NextLine, err)
		}
		m.result.NextLine = max(next, m.result.NextLine)
		slices.SortStableFunc(m.result.Refused, func(a, b Refusal) int { return cmp.Compare(a.Line, b.Line) })
		if m.opts.Progress != nil {
			m.opts.Progress(m.result)
		}
		switch {
		case errors.Is(unread, io.EOF):
			return &m.result, nil
		case unread != nil:
			return &m.result, unread
		}
	}
}

// batch reads the next rows. The error is [io.EOF] behind the last; next is the line behind those read.
func (m *importing[T]) batch(ctx context.Context) (batch []line[T], next int, err error) {
	for rows := 0; rows < m.size; {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		r, err := m.table.next()
		if err != nil {
			return batch, next, err
		}
		next = r.line + 1
		if r.blank { // which is no fault, and no reason to keep prices that have gone
			continue
		}
		value, refusals := m.read(r)
		if r.line < m.opts.FromLine { // read all the same, so that a key that comes again is known
			continue
		}
		rows++
		m.result.Rows++
		m.refuse(refusals...)
		if len(refusals) == 0 {
			batch = append(batch, line[T]{r.line, value})
		}
	}
	return batch, next, nil
}

// read reads one row, or says all that is wrong with it.
func (m *importing[T]) read(r row) (value T, refusals []Refusal) {
	if r.fault != "" {
		return value, []Refusal{{Line: r.line, Rule: "row_unreadable", Message: r.fault}}
	}
	p := &parser{table: m.table, row: r}
	value = m.parse(p)
	if key := m.key(value); len(p.refusals) == 0 {
		if before, twice := m.first[key]; twice {
			p.refuse("sku", "row_repeated", fmt.Sprintf("line %d is about the same, and counts", before))
		} else {
			m.first[key] = r.line
		}
	}
	return value, p.refusals
}

func (m *importing[T]) refuse(refusals ...Refusal) {
	m.result.Refused = append(m.result.Refused, refusals...)
}

// objections are what the portal has against a row. An error that is not about the row is returned again: it ends the import.
func objections(number int, prefix string, columns map[string]string, err error) ([]Refusal, error) {
	var e *partnerportal.Error
	if !errors.As(err, &e) || !slices.Contains([]int{http.StatusBadRequest, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity}, e.Status) {
		return nil, err
	}
	rule := string(cmp.Or(e.Code, "refused"))
	if len(e.Fields) == 0 {
		return []Refusal{{Line: number, Rule: rule, Message: cmp.Or(e.Detail, e.Title, rule)}}, nil
	}
	var found []Refusal
	for _, f := range e.Fields {
		pointer, mine := strings.CutPrefix(f.Pointer, prefix)
		if !mine {
			continue
		}
		member, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		found = append(found, Refusal{Line: number, Column: cmp.Or(columns[member], member), Rule: f.Code, Message: f.Message})
	}
	return found, nil
}
