package partnerportal_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-querystring/query"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDate(t *testing.T) {
	t.Parallel()
	leap, err := partnerportal.ParseDate("2028-02-29")
	require.NoError(t, err)
	assert.Equal(t, partnerportal.Date{Year: 2028, Month: time.February, Day: 29}, leap)
	assert.Equal(t, "2028-02-29", leap.String())
	assert.Equal(t, "2028-03-01", leap.AddDays(1).String())
	assert.Equal(t, "2027-02-28", leap.AddDays(-366).String())
	assert.Equal(t, "2029-02-28", leap.AddMonths(12).String())
	assert.Equal(t, "2028-03-29", leap.AddMonths(1).String())
	assert.Equal(t, "2027-12-29", leap.AddMonths(-2).String())
	assert.True(t, leap.Before(leap.AddDays(1)))
	assert.True(t, leap.After(leap.AddDays(-1)))
	assert.False(t, partnerportal.Date{Year: 2027, Month: 2, Day: 29}.IsValid())
	assert.False(t, partnerportal.Date{}.IsValid())
	for _, bad := range []string{"", "2027-02-29", "2027-2-9", "27-02-09", "2027-02-09T00:00:00Z", "0000-01-01", " 2027-02-09", "2027/02/09", "+027-02-09"} {
		_, err := partnerportal.ParseDate(bad)
		require.Error(t, err, bad)
	}
}

func TestDateBeginsWhereClocksSkipMidnight(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Skip("no time zone database here")
	}
	begins := partnerportal.Date{Year: 2018, Month: time.November, Day: 4}.In(loc)
	assert.Equal(t, "2018-11-04T01:00:00-02:00", begins.Format(time.RFC3339))
	ordinary := partnerportal.Date{Year: 2018, Month: time.November, Day: 5}.In(loc)
	assert.Equal(t, "2018-11-05T00:00:00-02:00", ordinary.Format(time.RFC3339))
}

func TestDateOnTheWire(t *testing.T) {
	t.Parallel()
	type params struct {
		CloseOn partnerportal.Date `json:"close_on,omitzero" url:"close_on,omitempty"`
		Always  partnerportal.Date `json:"always" url:"always"`
	}
	p := params{CloseOn: partnerportal.Date{Year: 2026, Month: 11, Day: 22}}
	out, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"close_on":"2026-11-22","always":null}`, string(out))
	var back params
	require.NoError(t, json.Unmarshal(out, &back))
	assert.Equal(t, p, back)
	values, err := query.Values(p)
	require.NoError(t, err)
	assert.Equal(t, url.Values{"close_on": {"2026-11-22"}}, values)

	impossible := params{Always: partnerportal.Date{Year: 2027, Month: 2, Day: 29}}
	_, err = json.Marshal(impossible)
	require.Error(t, err)
	_, err = query.Values(impossible)
	require.Error(t, err)
	var d partnerportal.Date
	for _, bad := range []string{`7`, `""`, `"2027-02-29"`, `[]`} {
		require.Error(t, json.Unmarshal([]byte(bad), &d), bad)
	}
	require.NoError(t, d.UnmarshalText(nil))
	require.Error(t, d.UnmarshalText([]byte("x")))
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		from := partnerportal.DateOf(time.Unix(rapid.Int64Range(-1e10, 1e10).Draw(rt, "at"), 0).UTC())
		n := rapid.IntRange(-100_000, 100_000).Draw(rt, "days")
		to := from.AddDays(n)
		require.Equal(rt, n, to.DaysSince(from))
		require.Equal(rt, from, to.AddDays(-n))
		require.Equal(rt, n > 0, to.After(from))
		require.True(rt, to.IsValid())
	})
}

func FuzzDate(f *testing.F) {
	f.Add("2026-11-22")
	f.Add("0001-01-01")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := partnerportal.ParseDate(text)
		if err != nil {
			return
		}
		assert.Equal(t, text, d.String())
		assert.True(t, d.IsValid())
	})
}

func TestOpt(t *testing.T) {
	t.Parallel()
	type patch struct {
		Name partnerportal.Opt[string]             `json:"name,omitzero"`
		Note partnerportal.Opt[string]             `json:"note,omitzero"`
		On   partnerportal.Opt[partnerportal.Date] `json:"on,omitzero"`
	}
	p := patch{Name: partnerportal.Set(""), Note: partnerportal.Null[string]()}
	out, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"","note":null}`, string(out))
	var back patch
	require.NoError(t, json.Unmarshal(out, &back))
	assert.Equal(t, p, back)

	name, note, on := "old", "old", partnerportal.Date{Year: 2026, Month: 1, Day: 1}
	back.Name.Apply(&name)
	back.Note.Apply(&note)
	back.On.Apply(&on)
	assert.Equal(t, []any{"", "", 2026}, []any{name, note, on.Year})
	v, ok := back.Name.Get()
	assert.True(t, ok)
	assert.Empty(t, v)
	_, ok = back.Note.Get()
	assert.False(t, ok)
	assert.True(t, back.Note.IsNull())
	assert.True(t, back.On.IsZero())
	require.Error(t, json.Unmarshal([]byte(`{"name":7}`), &back))

	out, err = json.Marshal(partnerportal.Opt[int]{})
	require.NoError(t, err)
	assert.Equal(t, "null", string(out))
}

func TestDeriveKey(t *testing.T) {
	t.Parallel()
	// This is a promise to programs that were started before: it never changes.
	assert.Equal(t, "pp1_bac381003ceea3b62741573a819d5a95727371ef", partnerportal.DeriveKey("crm-import", "opportunity/006Qx00000A1b2C/register"))
	assert.NotEqual(t, partnerportal.DeriveKey("a", "bc"), partnerportal.DeriveKey("ab", "c"))
}
