package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// Query is a list with filters, read page by page from a cursor. Its order has no ties (the id follows the sort column), so
// rows that come or go between two pages never make another one appear twice or not at all.
type Query struct {
	Table   string // what to read
	Sort    string // the column to sort by, a bigint
	Desc    bool   // newest first
	Tie     string // the column that breaks ties; "id" when empty
	Columns string // what to select after sort and tie columns; "doc" when empty

	Page // which part of it

	conditions []string
	args       []any
	asked      []string // what the conditions of the moment are for
	passing    []passing
}

// passing is a condition of the moment.
type passing struct {
	condition string
	args      []any
}

// Page is what a caller asks of any list.
type Page struct {
	Cursor  string
	Limit   int    // 1 to 1000; 0 means 100
	Segment string // "i/n", or ""
}

// Where adds a condition with a ? for each argument.
func (q *Query) Where(condition string, args ...any) {
	q.conditions = append(q.conditions, condition)
	q.args = append(q.args, args...)
}

// WhereNow adds a condition on what may change between two pages: the time, or what the reader holds. A cursor is good for what was asked, however that is
// put in this moment.
func (q *Query) WhereNow(asked, condition string, args ...any) {
	q.asked = append(q.asked, asked)
	q.passing = append(q.passing, passing{condition, args})
}

// WhereIn keeps rows whose column is one of the values; no values keep all rows.
func WhereIn[T ~string](q *Query, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	q.Where(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

// UpdatedSince keeps what changed at an instant or later; the zero time keeps all.
func (q *Query) UpdatedSince(since time.Time) {
	if !since.IsZero() {
		q.Where("updated_at >= ?", Micros(since))
	}
}

// OrderBy sorts by one of the contract's orders; the newest come first when it is not given.
func (q *Query) OrderBy(sort partnerportal.Sort) error {
	switch sort {
	case "", partnerportal.SortNewestFirst:
		q.Sort, q.Desc = "created_at", true
	case partnerportal.SortOldestFirst:
		q.Sort, q.Desc = "created_at", false
	case partnerportal.SortLatestChangedFirst:
		q.Sort, q.Desc = "updated_at", true
	case partnerportal.SortLongestUnchangedFirst:
		q.Sort, q.Desc = "updated_at", false
	default:
		return problem.BadQuery("?sort", "invalid_enum", "Sort by created_at or updated_at, with - in front for the newest first.")
	}
	return nil
}

// List reads one page: its rows, and the cursor of the next one, "" on the last. scan reads the columns of q.Columns.
func List[T any](ctx context.Context, tx *Tx, q Query, scan func(dest func(...any) error) (T, error)) (items []T, next string, err error) {
	if q.Tie == "" {
		q.Tie = "id"
	}
	if q.Columns == "" {
		q.Columns = "doc"
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Limit < 1 || q.Limit > 1000 {
		return nil, "", problem.BadQuery("?limit", "out_of_range", "Give a limit from 1 to 1000.")
	}
	if err := q.segment(); err != nil {
		return nil, "", err
	}
	bound := q.bound()
	for _, p := range q.passing {
		q.Where(p.condition, p.args...)
	}
	if err := q.after(tx, bound); err != nil {
		return nil, "", err
	}
	rows, err := tx.conn.QueryContext(ctx, q.sql(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list %s: %w", q.Table, err)
	}
	return readPage(tx, rows, q.Limit, bound, scan)
}

// mostRead is how many bytes of documents a page has at most, apart from its last one: a quote may have 2,000 lines, and a page 1,000 quotes. With
// such a quote behind it, it is within the 8 MiB that clients read of an answer (partnerportal.Limits).
const mostRead = 4 << 20

func readPage[T any](tx *Tx, rows *sql.Rows, limit int, bound string, scan func(dest func(...any) error) (T, error)) (items []T, next string, err error) {
	defer rows.Close()
	items = []T{}
	var sort int64
	var tie string
	read := 0
	for rows.Next() {
		if len(items) == limit || read >= mostRead { // the row beyond the page only says that there is one
			return items, tx.sealPosition(sort, tie, bound), nil
		}
		item, err := scan(func(dest ...any) error {
			err := rows.Scan(append([]any{&sort, &tie}, dest...)...)
			for _, d := range dest {
				if text, ok := d.(*string); ok {
					read += len(*text)
				}
			}
			return err
		})
		if err != nil {
			return nil, "", err
		}
		items = append(items, item)
	}
	return items, "", rows.Err()
}

// segment narrows the query to a range of buckets and sorts by them: the order is given up, each segment is an index range.
func (q *Query) segment() error {
	if q.Segment == "" {
		return nil
	}
	part, of, ok := strings.Cut(q.Segment, "/")
	i, err1 := strconv.Atoi(part)
	n, err2 := strconv.Atoi(of)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > 32 || i < 0 || i >= n {
		return problem.BadQuery("?segment", "invalid_value", `Give a segment "i/n" with 0 <= i < n <= 32.`)
	}
	if q.Sort == "sequence" { // the change feed has no buckets: its numbers are dense
		q.Where("sequence % ? = ?", n, i)
		return nil
	}
	q.Sort, q.Desc = "bucket", false
	q.Where("bucket >= ? AND bucket < ?", i*65536/n, (i+1)*65536/n)
	return nil
}

func (q *Query) after(tx *Tx, bound string) error {
	if q.Cursor == "" {
		return nil
	}
	sort, tie, ok := tx.unsealPosition(q.Cursor, bound)
	if !ok {
		return &partnerportal.Error{Status: http.StatusBadRequest, Code: "cursor_invalid",
			Detail: "The cursor does not belong to this list with these filters. Start again without a cursor.",
			Fields: []partnerportal.FieldError{{Pointer: "?cursor", Code: "invalid_value", Message: "Use the next_cursor of a page of the same list."}}}
	}
	than := ">"
	if q.Desc {
		than = "<"
	}
	// CAST: PostgreSQL would give the second value the type of the first.
	q.Where("("+q.Sort+", "+q.Tie+") "+than+" (?, CAST(? AS text))", sort, tie)
	return nil
}

func (q *Query) where() string {
	if len(q.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.conditions, " AND ")
}

func (q *Query) sql() string {
	direction := ""
	if q.Desc {
		direction = " DESC"
	}
	text := "SELECT " + q.Sort + ", " + q.Tie + ", " + q.Columns + " FROM " + q.Table + q.where() +
		" ORDER BY " + q.Sort + direction + ", " + q.Tie + direction + " LIMIT " + strconv.Itoa(q.Limit+1)
	return numbered(text)
}

// numbered writes the placeholders as both engines take them: $1, $2, …
func numbered(text string) string {
	var b strings.Builder
	n := 0
	for i := range len(text) {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// bound is what a cursor is good for: this list with these filters, and so for its reader.
func (q *Query) bound() string {
	return fmt.Sprint(q.Table, q.Sort, q.Desc, q.conditions, q.args, q.asked)
}

// sealPosition makes the cursor of the place where a page ended.
func (t *Tx) sealPosition(sort int64, tie, bound string) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(sort))
	return t.Seal(append(plain, tie...), bound)
}

func (t *Tx) unsealPosition(cursor, bound string) (sort int64, tie string, ok bool) {
	plain, ok := t.Unseal(cursor, bound)
	if !ok || len(plain) < 8 {
		return 0, "", false
	}
	return int64(binary.BigEndian.Uint64(plain)), string(plain[8:]), true
}
