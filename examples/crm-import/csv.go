package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jszwec/csvutil"
)

// row is one record of a CSV file. Line counts from 1, the header included, as editors do.
type row[T any] struct {
	Line  int
	Value T
	Fault string // why the record could not be read, "" when it could
}

// readTable reads a CSV file with a header into values of T, whose csv tags name the columns that the file must have.
func readTable[T any](path string) ([]row[T], error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return decodeTable[T](filepath.Base(path), file)
}

// decodeTable copes with what spreadsheets write: a byte order mark, CRLF, capitals and blanks in the header, further columns in
// any order. A record that is broken by itself is a row with a Fault, so that it is accounted for; the error is for a file of which
// the rows cannot be told apart.
func decodeTable[T any](name string, file io.Reader) ([]row[T], error) {
	in := bufio.NewReaderSize(file, 1<<16)
	if mark, _ := in.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		in.Discard(len(byteOrderMark)) //nolint:errcheck // these bytes were just peeked at
	}
	source := &records{csv: csv.NewReader(in)}
	source.csv.FieldsPerRecord = -1 // counted by Read, which can go on
	header, err := readHeader(source.csv, name)
	if err != nil {
		return nil, err
	}
	source.width = len(header)
	decoder, err := csvutil.NewDecoder(source, header...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	decoder.DisallowMissingColumns, decoder.AlignRecord = true, true

	var rows []row[T]
	for {
		var r row[T]
		err := decoder.Decode(&r.Value)
		var missing *csvutil.MissingColumnsError
		switch {
		case errors.Is(err, io.EOF):
			return rows, checkHeader[T](name, header)
		case errors.As(err, &missing):
			return nil, missingColumns(name, missing.Columns, header)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Line, r.Fault = source.line, source.fault
		rows = append(rows, r)
	}
}

const byteOrderMark = "\ufeff"

func readHeader(r *csv.Reader, name string) ([]string, error) {
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty: its first line must name the columns", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, column := range header {
		header[i] = strings.ToLower(strings.TrimSpace(column))
		if header[i] != "" && slices.Contains(header[:i], header[i]) {
			return nil, fmt.Errorf("%s has two columns %q: which one counts cannot be known", name, header[i])
		}
	}
	return header, nil
}

// checkHeader finds missing columns in a file without rows too, where the decoder never looks.
func checkHeader[T any](name string, header []string) error {
	var zero T
	want, err := csvutil.Header(zero, "csv")
	if err != nil {
		return err
	}
	want = slices.DeleteFunc(want, func(column string) bool { return slices.Contains(header, column) })
	if len(want) > 0 {
		return missingColumns(name, want, header)
	}
	return nil
}

func missingColumns(name string, missing, header []string) error {
	return fmt.Errorf("%s has no column %q: its first line must name it, and reads %q", name, missing, strings.Join(header, ","))
}

// records is a [csv.Reader] that goes on after a record that is broken by itself, and gives blanks for it.
type records struct {
	csv   *csv.Reader
	width int // fields of the header
	line  int // where the last record begins
	fault string
}

func (r *records) Read() ([]string, error) {
	record, err := r.csv.Read()
	r.fault = ""
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken) && broken.StartLine == broken.Line:
		// A quote out of place spoils its own line only. Over several lines it may have swallowed other records: not to be guessed.
		r.line, r.fault = broken.Line, fmt.Sprintf("not CSV at character %d: %v", broken.Column, broken.Err)
		return make([]string, r.width), nil
	case errors.As(err, &broken):
		return nil, fmt.Errorf("a quote opened in line %d is not closed properly, up to line %d: %w", broken.StartLine, broken.Line, broken.Err)
	case err != nil:
		return nil, err
	}
	r.line, _ = r.csv.FieldPos(0)
	if len(record) != r.width {
		r.fault = fmt.Sprintf("%d fields where the header has %d", len(record), r.width)
	}
	for i, field := range record {
		record[i] = strings.TrimSpace(field)
		if !utf8.ValidString(field) {
			r.fault = fmt.Sprintf("field %d is not UTF-8", i+1)
		}
	}
	return record, nil
}
