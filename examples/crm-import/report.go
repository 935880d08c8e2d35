package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jszwec/csvutil"
)

// report says what became of the rows of a file.
type report struct {
	file    string
	rows    []row[opportunity]
	results []result
	corrections
}

// entry is one finding about one row, the form in which a spreadsheet gets it.
type entry struct {
	Result      string `csv:"result"`
	File        string `csv:"file"`
	Line        int    `csv:"line"`
	Opportunity string `csv:"opportunity_id"`
	Column      string `csv:"column"`
	Value       string `csv:"value"`
	Rule        string `csv:"rule"`
	Why         string `csv:"why"`
	Todo        string `csv:"what_to_do"`
	Deal        string `csv:"deal"`
}

var bucketNames = [buckets]string{pending: "not reached", registered: "registered", alreadyRegistered: "already registered", conflict: "conflict", refused: "refused", skipped: "skipped"}

// entries lists what is to be told, in the order of the file. Rows that went well and rows that were not asked for have none.
func (r *report) entries() []entry {
	var entries []entry
	for i, res := range r.results {
		for _, f := range res.findings {
			entries = append(entries, entry{
				Result: bucketNames[res.bucket], File: filepath.Base(r.file), Line: r.rows[i].Line, Opportunity: r.rows[i].Value.ID,
				Column: f.Column, Value: f.Value, Rule: f.Rule, Why: f.Why, Todo: todo[f.Rule], Deal: res.deal,
			})
		}
	}
	return entries
}

// print writes the report for people: what was corrected, then every finding under what it is and what to do about it. With the
// details in a file of their own, only the kinds of findings are listed.
func (r *report) print(w io.Writer, detailsIn string) error {
	out := bufio.NewWriter(w)
	if len(r.corrections) > 0 {
		fmt.Fprintln(out, "Corrected:")
		for _, c := range r.sorted() {
			fmt.Fprintf(out, "  %s %q was read as %q, %s\n", c.Column, c.From, c.To, times(r.corrections[c]))
		}
		fmt.Fprintln(out)
	}
	entries := r.entries()
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.Result, b.Result), cmp.Compare(a.Rule, b.Rule)) })
	for len(entries) > 0 {
		first := entries[0]
		n := slices.IndexFunc(entries, func(e entry) bool { return e.Result != first.Result || e.Rule != first.Rule })
		if n < 0 {
			n = len(entries)
		}
		fmt.Fprintf(out, "%s: %s, %s. %s\n", strings.ToUpper(first.Result[:1])+first.Result[1:], first.Rule, times(n), first.Todo)
		if detailsIn == "" {
			for _, e := range entries[:n] {
				fmt.Fprintln(out, "  "+e.String())
			}
		}
		fmt.Fprintln(out)
		entries = entries[n:]
	}
	if detailsIn != "" {
		fmt.Fprintf(out, "Row by row: %s\n\n", detailsIn)
	}
	return out.Flush()
}

// String begins like a compiler's message, so that editors jump to the line.
func (e entry) String() string {
	where := "the row"
	if e.Column != "" {
		where = fmt.Sprintf("%s %q", e.Column, e.Value)
	}
	line := fmt.Sprintf("%s:%d: opportunity %s: %s: %s", e.File, e.Line, cmp.Or(e.Opportunity, "without id"), where, e.Why)
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // neither the file nor the portal gets to steer the terminal
			return ' '
		}
		return r
	}, line)
}

// save writes every finding to a CSV file.
func (r *report) save(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := csv.NewWriter(file)
	encoder := csvutil.NewEncoder(w)
	if err := encoder.EncodeHeader(entry{}); err != nil {
		return err
	}
	for _, e := range r.entries() {
		if err := encoder.Encode(e); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return file.Close()
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
