package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	room "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/program"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestBands(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]program.Band{
		0: program.BandBestInClass, 89: program.BandBestInClass, 90: program.BandStrong, 179: program.BandStrong, 180: program.BandAverage,
		419: program.BandAverage, 420: program.BandWeak, 899: program.BandWeak, 900: program.BandBroken, 86400: program.BandBroken,
	} {
		assert.Equal(t, want, room.BandOf(seconds), "%d seconds", seconds)
	}
}

func TestPercentilesAreNearestRank(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seconds     []int
		median, p90 int
	}{
		{[]int{7}, 7, 7},
		{[]int{1, 2}, 1, 2},
		{[]int{1, 2, 3}, 2, 3},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 9},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 6, 10},
		{[]int{15, 20, 35, 40, 50}, 35, 50}, // the textbook's example
		{[]int{60, 60, 60, 60, 900}, 60, 900},
	} {
		assert.Equal(t, []int{test.median, test.p90}, room.Percentiles(test.seconds, 50, 90), "%v", test.seconds)
	}
}

// A nearest-rank percentile is a value that occurred: so many percent are not above it, and fewer are below it.
func TestPercentilesHoldTheirDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.SliceOfN(rapid.IntRange(0, 300), 1, 200).Draw(t, "seconds")
		percents := []int{50, 90, 100}
		for i, got := range room.Percentiles(seconds, percents...) {
			atMost, below := 0, 0
			for _, s := range seconds {
				if s <= got {
					atMost++
				}
				if s < got {
					below++
				}
			}
			require.Contains(t, seconds, got)
			require.GreaterOrEqual(t, atMost*100, percents[i]*len(seconds), "p%d of %v", percents[i], seconds)
			require.Less(t, below*100, percents[i]*len(seconds), "p%d of %v", percents[i], seconds)
		}
	})
}

// The intervals were computed apart from this code, with 50 digits.
func TestConfidenceOfTheNetPromoterScore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		promoters, detractors, responses int
		score, low, high                 float64
	}{
		{34, 14, 60, 33.3, 11.3, 52.2},
		{1, 0, 1, 100, -48.5, 98.5},
		{0, 0, 1, 0, -60, 60},
		{0, 1, 1, -100, -98.5, 48.5},
		{10, 0, 10, 100, 47.5, 100},
		{5, 5, 10, 0, -51.1, 51.1},
		{500, 200, 1000, 30, 25.1, 34.7},
		{19, 13, 67, 9, -7.5, 24.7},
		{0, 0, 50, 0, -4.5, 4.5},
	} {
		assert.InDelta(t, test.score, room.Score(test.promoters, test.detractors, test.responses), 0, "%+v", test)
		assert.Equal(t, program.Confidence{Low: test.low, High: test.high}, room.Confidence(test.promoters, test.detractors, test.responses), "%+v", test)
	}
}

func TestConfidenceIsSane(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "responses")
		promoters := rapid.IntRange(0, n).Draw(t, "promoters")
		detractors := rapid.IntRange(0, n-promoters).Draw(t, "detractors")
		c := room.Confidence(promoters, detractors, n)
		require.Less(t, c.Low, c.High, "never without width")
		require.GreaterOrEqual(t, c.Low, -100.0)
		require.LessOrEqual(t, c.High, 100.0)
		mirrored := room.Confidence(detractors, promoters, n)
		require.InDelta(t, -c.High, mirrored.Low, 0.11)
		if wider := room.Confidence(promoters*4, detractors*4, n*4); c.Low > -100 && c.High < 100 {
			require.Less(t, wider.High-wider.Low, c.High-c.Low, "more answers say more")
		}
	})
}

func TestTopIsAWholeNumberOfPartners(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, percent := rapid.IntRange(0, 500).Draw(t, "partners"), rapid.IntRange(1, 100).Draw(t, "percent")
		top := room.TopOf(n, percent)
		require.GreaterOrEqual(t, top*100, n*percent, "at least so many percent")
		require.Less(t, (top-1)*100, max(1, n*percent), "and not one more than needed")
	})
}

func TestSteps(t *testing.T) {
	t.Parallel()
	day := func(text string) partnerportal.Date {
		d, err := partnerportal.ParseDate(text)
		require.NoError(t, err)
		return d
	}
	for _, test := range []struct {
		day         string
		interval    program.Interval
		first, last string
	}{
		{"2026-11-22", program.IntervalDay, "2026-11-22", "2026-11-22"},
		{"2026-11-22", program.IntervalWeek, "2026-11-16", "2026-11-22"}, // a Sunday
		{"2026-11-23", "", "2026-11-23", "2026-11-29"},                   // a Monday
		{"2026-12-31", program.IntervalWeek, "2026-12-28", "2027-01-03"},
		{"2028-02-29", program.IntervalMonth, "2028-02-01", "2028-02-29"},
		{"2026-12-31", program.IntervalMonth, "2026-12-01", "2026-12-31"},
	} {
		first, last := room.StepOf(day(test.day), test.interval)
		assert.Equal(t, []string{test.first, test.last}, []string{first.String(), last.String()}, "%s by %s", test.day, test.interval)
	}
}

func TestTermsEndTheDayBefore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		year, month, day, months int
		last                     string
	}{
		{2026, 11, 22, 12, "2027-11-21"}, {2026, 1, 1, 12, "2026-12-31"}, {2026, 1, 31, 1, "2026-02-27"},
		{2028, 2, 29, 12, "2029-02-27"}, {2026, 8, 31, 6, "2027-02-27"}, {2026, 12, 1, 1, "2026-12-31"},
	} {
		on := partnerportal.Date{Year: test.year, Month: time.Month(test.month), Day: test.day}
		assert.Equal(t, test.last, room.LastDay(on, test.months).String(), "%s and %d months", on, test.months)
	}
}
