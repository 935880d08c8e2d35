package partnerportal

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Date is a calendar day without a time of day or zone, such as an expected close date: 2026-11-22. It is comparable with ==,
// and its zero value means no date. On the wire it is "YYYY-MM-DD", the zero value null; years run from 0001 to 9999.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// errDate is wrapped by every failure to read a day.
var errDate = errors.New("not a day of the form YYYY-MM-DD")

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads a day of the form YYYY-MM-DD. It fails for a day that is not in the calendar.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() == 0 {
		return Date{}, fmt.Errorf("%q: %w", clip(s, 32), errDate)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is the zero value, no date.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether d is a day of the calendar in the years 0001 to 9999.
func (d Date) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DateOf(d.In(time.UTC)) == d
}

// String returns the day as YYYY-MM-DD, and "" for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return string(d.append(nil))
}

func (d Date) append(b []byte) []byte {
	if !d.IsValid() {
		return fmt.Appendf(b, "%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).AppendFormat(b, time.DateOnly)
}

// In returns the instant at which d begins in loc: midnight, or the first instant after it where clocks skip midnight.
func (d Date) In(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if y, m, day := t.Date(); y == d.Year && m == d.Month && day < d.Day {
		// time.Date answers a skipped midnight with either side of the gap; the day begins on the far one.
		_, end := t.ZoneBounds()
		return end
	}
	return t
}

// AddDays returns the day n days after d, or before it when n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// AddMonths returns the same day n months after d, or before it when n is negative; where that month has no such day, its last one.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{Year: first.Year(), Month: first.Month(), Day: min(d.Day, last)}
}

// DaysSince returns the number of days from other to d, negative when d is the earlier one.
func (d Date) DaysSince(other Date) int {
	return int(d.In(time.UTC).Sub(other.In(time.UTC)) / (24 * time.Hour))
}

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// Compare returns -1 when d is earlier than other, 0 when they are the same day, and +1 when it is later.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// MarshalText encodes the day as YYYY-MM-DD, the zero value as "". It fails for a day that is not in the calendar.
func (d Date) MarshalText() ([]byte, error) {
	switch {
	case d.IsZero():
		return []byte{}, nil
	case !d.IsValid():
		return nil, fmt.Errorf("%v: %w", d, errDate)
	}
	return d.append(nil), nil
}

// UnmarshalText decodes a day of the form YYYY-MM-DD; "" is the zero value.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalJSON encodes the day as "YYYY-MM-DD", the zero value as null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	if !d.IsValid() {
		return nil, fmt.Errorf("%v: %w", d, errDate)
	}
	return append(d.append(append(make([]byte, 0, len(`"2006-01-02"`)), '"')), '"'), nil
}

// UnmarshalJSON decodes "YYYY-MM-DD"; null leaves the zero value.
func (d *Date) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*d = Date{}
		return nil
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return fmt.Errorf("%s: %w", clip(string(data), 32), errDate)
	}
	parsed, err := ParseDate(string(data[1 : len(data)-1]))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// EncodeValues writes the day as a query parameter, and nothing for the zero value.
func (d Date) EncodeValues(key string, v *url.Values) error {
	if d.IsZero() {
		return nil
	}
	text, err := d.MarshalText()
	if err != nil {
		return err
	}
	v.Add(key, string(text))
	return nil
}

// Bind reads the day of a query parameter; the generated servers need it.
func (d *Date) Bind(src string) error { return d.UnmarshalText([]byte(src)) }
