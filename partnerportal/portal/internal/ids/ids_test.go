package ids_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123_456_789, time.UTC)

// The first two vectors are the examples of the TypeID specification.
func TestParseReadsTypeIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"deal_01h455vb4pex5vsknk084sn02q": "01890a5d-ac96-774b-bcce-b302099a8057",
		"deal_01h2xcejqtf2nbrexx3vqjhp41": "0188bac7-4afa-78aa-bc3b-bd1eef28d881",
		"deal_00000000000000000000000000": "00000000-0000-0000-0000-000000000000",
		"deal_0000000000000000000000000g": "00000000-0000-0000-0000-000000000010",
		"deal_00000000000000000000000010": "00000000-0000-0000-0000-000000000020",
		"deal_7zzzzzzzzzzzzzzzzzzzzzzzzz": "ffffffff-ffff-ffff-ffff-ffffffffffff",
	} {
		got, err := ids.Parse(ids.Deal, id)
		require.NoError(t, err, id)
		assert.Equal(t, want, uuid.UUID(got).String(), id)
	}
}

func TestValidRefuses(t *testing.T) {
	t.Parallel()
	require.True(t, ids.Valid(ids.Deal, "deal_01h455vb4pex5vsknk084sn02q"))
	for _, id := range []string{
		"", "deal_", "deal",
		"lead_01h455vb4pex5vsknk084sn02q",  // another kind
		"01h455vb4pex5vsknk084sn02q",       // no kind
		"deal_01h455vb4pex5vsknk084sn02",   // short
		"deal_01h455vb4pex5vsknk084sn02q0", // long
		"deal_8zzzzzzzzzzzzzzzzzzzzzzzzz",  // 129 bits
		"deal_01H455VB4PEX5VSKNK084SN02Q",  // upper case
		"deal_01h455vb4pex5vsknk084sn0lo",  // letters not in the alphabet
		"deal_01h455vb4pex5vsknk084sn0 q",
		"deal_01h455vb4pex5vsknk084sn0é",
		" deal_01h455vb4pex5vsknk084sn02q",
		"deal_01h455vb4pex5vsknk084sn02q\n",
	} {
		assert.False(t, ids.Valid(ids.Deal, id), "%q", id)
	}
}

func TestNewIsAUUIDv7OfTheGivenTime(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{
		ids.Deal, ids.Lead, ids.Offer, ids.Extension, ids.Amendment, ids.Conflict, ids.Attachment, ids.Note,
		ids.Partner, ids.Client, ids.Event, ids.Request, ids.Precheck, ids.File, ids.Rule,
	} {
		id := ids.New(prefix, noon)
		assert.Regexp(t, `^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$`, id)
		raw, err := ids.Parse(prefix, id)
		require.NoError(t, err)
		u := uuid.UUID(raw)
		assert.Equal(t, uuid.Version(7), u.Version())
		assert.Equal(t, uuid.RFC4122, u.Variant())
		sec, nsec := u.Time().UnixTime()
		assert.Equal(t, noon.UnixMilli(), time.Unix(sec, nsec).UnixMilli())
	}
}

func TestIDsOfOneMillisecondRise(t *testing.T) {
	t.Parallel()
	made := make([]string, 10_000)
	for i := range made {
		made[i] = ids.New(ids.Event, noon)
	}
	assert.True(t, slices.IsSorted(made))
	assert.Len(t, slices.Compact(made), 10_000)
}

// A goroutine may read the clock before another and ask after it, and a portal's clock may stand still while those of others go on.
func TestIDsRiseAlthoughTheClockSteps(t *testing.T) {
	t.Parallel()
	var early, late []string
	for i := range 1000 {
		early = append(early, ids.New(ids.Event, noon.Add(time.Hour)))
		late = append(late, ids.New(ids.Event, noon.Add(time.Hour+time.Millisecond)))
		for j := range 100 {
			ids.New(ids.Event, noon.Add(2*time.Hour+time.Duration(100*i+j)*time.Millisecond))
		}
	}
	assert.True(t, slices.IsSorted(early))
	assert.True(t, slices.IsSorted(late))
	assert.Less(t, early[999], late[0])
}

func TestIDsSortByTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, 1<<48-1).Draw(t, "a")
		b := rapid.Int64Range(0, 1<<48-1).Draw(t, "b")
		idA, idB := ids.New("", time.UnixMilli(a)), ids.New("", time.UnixMilli(b))
		if a == b {
			assert.Less(t, idA, idB)
		} else {
			assert.Equal(t, a < b, idA < idB)
		}
	})
}

func TestIDsAreUniqueUnderConcurrency(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 1000
	made := make([][]string, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for range each {
				made[c] = append(made[c], ids.New(ids.Deal, noon.Add(-time.Hour)))
			}
		})
	}
	wg.Wait()
	for _, own := range made {
		assert.True(t, slices.IsSorted(own), "each caller sees its own ids rise")
	}
	all := slices.Sorted(slices.Values(slices.Concat(made...)))
	assert.Len(t, slices.Compact(all), callers*each)
}

func FuzzParse(f *testing.F) {
	f.Add("deal_01h455vb4pex5vsknk084sn02q")
	f.Add("deal_8zzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Add("deal_\xff")
	f.Fuzz(func(t *testing.T, id string) {
		raw, err := ids.Parse(ids.Deal, id)
		if err != nil {
			assert.Zero(t, raw)
			return
		}
		assert.True(t, strings.HasPrefix(id, ids.Deal))
		assert.Len(t, id, len(ids.Deal)+26)
	})
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.New(ids.Deal, noon)
	}
}
