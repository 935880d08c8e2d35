package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
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

// cursor is where a page ended. The fingerprint ties it to its filters, and so to its reader.
type cursor struct {
	Fingerprint uint32 `json:"f"`
	Sort        int64  `json:"s"`
	Tie         string `json:"t"`
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
		return nil, "", badQuery("?limit", "out_of_range", "Give a limit from 1 to 1000.")
	}
	if err := q.segment(); err != nil {
		return nil, "", err
	}
	fingerprint := q.fingerprint()
	if err := q.after(fingerprint); err != nil {
		return nil, "", err
	}
	rows, err := tx.conn.QueryContext(ctx, q.sql(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list %s: %w", q.Table, err)
	}
	return readPage(rows, q.Limit, fingerprint, scan)
}

func readPage[T any](rows *sql.Rows, limit int, fingerprint uint32, scan func(dest func(...any) error) (T, error)) (items []T, next string, err error) {
	defer rows.Close()
	items = []T{}
	last := cursor{Fingerprint: fingerprint}
	for rows.Next() {
		if len(items) == limit { // the row beyond the page only says that there is one
			return items, last.encode(), nil
		}
		item, err := scan(func(dest ...any) error { return rows.Scan(append([]any{&last.Sort, &last.Tie}, dest...)...) })
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
		return badQuery("?segment", "invalid_value", `Give a segment "i/n" with 0 <= i < n <= 32.`)
	}
	if q.Sort == "sequence" { // the change feed has no buckets: its numbers are dense
		q.Where("sequence % ? = ?", n, i)
		return nil
	}
	q.Sort, q.Desc = "bucket", false
	q.Where("bucket >= ? AND bucket < ?", i*65536/n, (i+1)*65536/n)
	return nil
}

func (q *Query) after(fingerprint uint32) error {
	if q.Cursor == "" {
		return nil
	}
	var at cursor
	data, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(data, &at)
	}
	if err != nil || at.Fingerprint != fingerprint || strings.ContainsRune(at.Tie, 0) { // PostgreSQL takes no NUL
		return &partnerportal.Error{Status: http.StatusBadRequest, Code: "cursor_invalid",
			Detail: "The cursor does not belong to this list with these filters. Start again without a cursor.",
			Fields: []partnerportal.FieldError{{Pointer: "?cursor", Code: "invalid_value", Message: "Use the next_cursor of a page of the same list."}}}
	}
	than := ">"
	if q.Desc {
		than = "<"
	}
	// CAST: PostgreSQL would give the second value the type of the first.
	q.Where("("+q.Sort+", "+q.Tie+") "+than+" (?, CAST(? AS text))", at.Sort, at.Tie)
	return nil
}

func (q *Query) sql() string {
	where := ""
	if len(q.conditions) > 0 {
		where = " WHERE " + strings.Join(q.conditions, " AND ")
	}
	direction := ""
	if q.Desc {
		direction = " DESC"
	}
	text := "SELECT " + q.Sort + ", " + q.Tie + ", " + q.Columns + " FROM " + q.Table + where +
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

func (q *Query) fingerprint() uint32 {
	h := fnv.New32a()
	fmt.Fprint(h, q.Table, q.Sort, q.Desc, q.conditions, q.args)
	return h.Sum32()
}

func (c cursor) encode() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and a string always encode
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func badQuery(pointer, code, message string) error {
	return &partnerportal.Error{Status: http.StatusBadRequest, Code: partnerportal.ErrValidation, Detail: message,
		Fields: []partnerportal.FieldError{{Pointer: pointer, Code: code, Message: message}}}
}
