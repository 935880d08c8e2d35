package catalog

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// table reads a CSV file with a header, as spreadsheets and ERP systems write them: with a byte order mark or without, with CRLF, with columns in
// any order, with commas, semicolons or tabs between them.
type table struct {
	csv    *csv.Reader
	meter  *meter
	header []string
	line   int // where the row before begins
}

// The bounds of what is held in memory: a row, and what is read ahead.
const (
	mostRow = 1 << 20
	ahead   = 1 << 16
)

var errRow = fmt.Errorf("it has more than %d bytes, or a quote that is not closed", mostRow)

// meter reads no further than most: one quote that is never closed does not bring a whole file into memory.
type meter struct {
	r          io.Reader
	read, most int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.read >= m.most {
		return 0, errRow
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.most-m.read)])
	m.read += int64(n)
	return n, err
}

// row is one record of a table.
type row struct {
	line  int               // where it begins, from 1, the header included, as editors count
	cells map[string]string // by column, trimmed
	fault string            // why it could not be read, "" when it could
	blank bool              // nothing but separators, as spreadsheets leave them behind the last row
}

const byteOrderMark = "\ufeff"

// openTable reads the header. The error is for a file whose columns cannot be told.
func openTable(r io.Reader, columns []string, required ...string) (*table, error) {
	source := &meter{r: r, most: ahead + mostRow}
	in := bufio.NewReaderSize(source, ahead)
	if mark, _ := in.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		in.Discard(len(byteOrderMark)) //nolint:errcheck // these bytes were just peeked at
	}
	t := &table{csv: csv.NewReader(in), meter: source, line: 1}
	t.csv.FieldsPerRecord = -1 // counted by next, which can go on
	first, _ := in.Peek(1 << 12)
	t.csv.Comma = separator(string(first))
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: its first line must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("the first line: %w", err)
	}
	for i, name := range header {
		name = columnName(name)
		if name != "" && slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("the file has two columns %q: which one counts cannot be known", name)
		}
		if name != "" && !knownColumn(name, columns) {
			return nil, fmt.Errorf("the file has a column %q that means nothing here; the columns are %s", name, strings.Join(columns, ", "))
		}
		header[i] = name
	}
	for _, name := range required {
		if !slices.Contains(header, name) {
			return nil, fmt.Errorf("the file has no column %q: its first line must name it, and reads %q", name, strings.Join(header, string(t.csv.Comma)))
		}
	}
	t.header = header
	return t, nil
}

// separator is what stands between the columns of the header.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}

// columnName writes "List price" and "list-price" as list_price. What comes behind a colon, as in "attr:Watts", stays as it is.
func columnName(name string) string {
	name = strings.TrimSpace(name)
	kind, rest, special := strings.Cut(name, ":")
	kind = strings.Join(strings.FieldsFunc(strings.ToLower(kind), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }), "_")
	if special {
		return kind + ":" + strings.TrimSpace(rest)
	}
	return kind
}

// knownColumn says whether a column has a meaning; one such as "attr:…" stands for many.
func knownColumn(name string, columns []string) bool {
	if kind, rest, special := strings.Cut(name, ":"); special {
		return rest != "" && slices.Contains(columns, kind+":…")
	}
	return slices.Contains(columns, name)
}

// next is the next record, or [io.EOF]. A record that is broken by itself is a row with a fault, so that it is accounted for; the error is for a
// file of which the rows cannot be told apart any more.
func (t *table) next() (row, error) {
	t.meter.most = t.csv.InputOffset() + ahead + mostRow
	record, err := t.csv.Read()
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken) && broken.StartLine == broken.Line:
		// A quote out of place spoils its own line only. Over several lines it may have swallowed other records: not to be guessed.
		return row{line: broken.Line, fault: fmt.Sprintf("not CSV at character %d: %v", broken.Column, broken.Err)}, nil
	case errors.As(err, &broken):
		return row{}, fmt.Errorf("a quote opened in line %d is not closed properly, up to line %d: %w", broken.StartLine, broken.Line, broken.Err)
	case errors.Is(err, errRow):
		return row{}, fmt.Errorf("the row behind line %d: %w", t.line, err)
	case err != nil:
		return row{}, err
	}
	r := row{cells: make(map[string]string, len(record))}
	r.line, _ = t.csv.FieldPos(0)
	t.line = r.line
	if r.blank = !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }); r.blank {
		return r, nil
	}
	if len(record) != len(t.header) {
		r.fault = fmt.Sprintf("%d fields where the header has %d", len(record), len(t.header))
		return r, nil
	}
	for i, field := range record {
		if !utf8.ValidString(field) {
			r.fault = fmt.Sprintf("field %d is not UTF-8", i+1)
			return r, nil
		}
		r.cells[t.header[i]] = strings.TrimSpace(field)
	}
	return r, nil
}

// has says whether the file has a column.
func (t *table) has(column string) bool { return slices.Contains(t.header, column) }
