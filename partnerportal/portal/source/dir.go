package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxFile is the largest file that is read.
const maxFile = 256 << 20

// Dir is a folder into which another system drops what it knows, as files. It is a [Finance], a [CRM] and an [LMS].
//
// For each of balances, revenue, payments, credit and completions there is at most one file, as CSV with a header line (revenue.csv) or as JSON,
// an array of objects with the same names (revenue.json):
//
//	balances     partner_id, amount, currency
//	revenue      id, partner_id, on, amount, currency
//	payments     payout, amount, currency, paid_on, trace, failure
//	credit       partner_id, amount, currency: what may still be ordered
//	completions  partner_id, requirement, person, expires_on
//	people       ref, partner_id, name, email, roles (with spaces between them), left ("yes" or nothing)
//	records      id, person, partner_id, course, verb, at (RFC 3339), score (percent), progress (percent); of one that takes another back
//	             ([VerbVoided]) only the id of that one and the verb
//	statements   only statements.json, an array of xAPI statements, or statements.jsonl, one on each line; see [LastSegment]
//	leads        only leads.json, an array of the contract's NewLead
//
// A file that is not there is knowledge that the system does not have. The reading is as of the instant in the file as_of (RFC 3339),
// which is written last, and removed before the next export begins: without it the folder is still being written, and is not read. A file that cannot be understood fails the whole reading with its name and line.
type Dir struct {
	path   string
	system string
}

var (
	_ Finance = (*Dir)(nil)
	_ CRM     = (*Dir)(nil)
	_ LMS     = (*Dir)(nil)
)

// NewDir returns the folder of a system.
func NewDir(path, system string) *Dir { return &Dir{path, system} }

// errWriting says that the other system has not finished.
var errWriting = errors.New("the files are still being written")

// Finance reads balances, revenue, payments and credit.
func (d *Dir) Finance(ctx context.Context) (*Books, error) {
	stamp, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	b := &Books{Stamp: stamp}
	return b, d.finish(ctx, stamp, errors.Join(
		read(d, "balances", parseBalance, &b.Balances), read(d, "revenue", parseRevenue, &b.Revenue),
		read(d, "payments", parsePayment, &b.Payments), read(d, "credit", parseCredit, &b.Credits)))
}

// CRM reads revenue and leads.
func (d *Dir) CRM(ctx context.Context) (*Relations, error) {
	stamp, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	r := &Relations{Stamp: stamp}
	return r, d.finish(ctx, stamp, errors.Join(read(d, "revenue", parseRevenue, &r.Revenue), d.leads(&r.Leads)))
}

// LMS reads completions, people, records and statements.
func (d *Dir) LMS(ctx context.Context) (*Learning, error) {
	stamp, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	l := &Learning{Stamp: stamp}
	return l, d.finish(ctx, stamp, errors.Join(read(d, "completions", parseCompletion, &l.Completions), read(d, "people", parsePerson, &l.People),
		read(d, "records", parseRecord, &l.Records), d.statements(&l.Records)))
}

// begin reads as of when the files are.
func (d *Dir) begin(ctx context.Context) (Stamp, error) {
	if err := ctx.Err(); err != nil {
		return Stamp{}, err
	}
	text, err := os.ReadFile(filepath.Join(d.path, "as_of"))
	if errors.Is(err, fs.ErrNotExist) {
		return Stamp{}, fmt.Errorf("%s: %w: as_of is not there", d.system, errWriting)
	}
	if err != nil {
		return Stamp{}, fmt.Errorf("%s: %w", d.system, err)
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil {
		return Stamp{}, fmt.Errorf("%s: as_of is no instant of the form 2006-01-02T15:04:05Z", d.system)
	}
	return Stamp{System: d.system, AsOf: at.UTC()}, nil
}

// finish makes sure that nobody has begun to change the files while they were read.
func (d *Dir) finish(ctx context.Context, before Stamp, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", d.system, err)
	}
	after, err := d.begin(ctx)
	if err == nil && !after.AsOf.Equal(before.AsOf) {
		err = fmt.Errorf("%s: %w: as_of has changed", d.system, errWriting)
	}
	return err
}

// read reads the file of one sort of records, if there is one.
func read[T any](d *Dir, name string, parse func(row) (T, error), records *[]T) error {
	for _, format := range []struct {
		suffix string
		rows   func(io.Reader, func(row) error) error
	}{{".csv", csvRows}, {".json", jsonRows}} {
		file, err := os.Open(filepath.Join(d.path, name+format.suffix))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer file.Close()
		if *records != nil {
			return fmt.Errorf("there are both %s.csv and %s.json: leave one", name, name)
		}
		*records = []T{} // the system keeps such records, though there may be none
		if err := format.rows(&bounded{file, maxFile}, func(r row) error {
			record, err := parse(r)
			*records = append(*records, record)
			return err
		}); err != nil {
			return fmt.Errorf("%s%s: %w", name, format.suffix, err)
		}
	}
	return nil
}

// bounded fails a file that is larger than any export, before it fills the memory.
type bounded struct {
	io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the file is larger than %d bytes", maxFile)
	}
	return n, err
}
