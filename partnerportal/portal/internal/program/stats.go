package program

import (
	"math"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// The upper ends of the bands, in seconds: a time below one is in its band, whatever is not below the last is broken.
var bands = []struct {
	below int
	band  contract.Band
}{
	{90, contract.BandBestInClass}, {3 * 60, contract.BandStrong}, {7 * 60, contract.BandAverage}, {15 * 60, contract.BandWeak},
}

// bandOf says how good a time is.
func bandOf(seconds int) contract.Band {
	for _, b := range bands {
		if seconds < b.below {
			return b.band
		}
	}
	return contract.BandBroken
}

// histogram counts times by their seconds. It is exact, and as small as the times are alike.
type histogram map[int]int

func (h histogram) add(seconds, n int) { h[seconds] += n }

func (h histogram) count() int {
	sum := 0
	for _, n := range h {
		sum += n
	}
	return sum
}

// percentiles are the nearest-rank percentiles of the times, for percents in rising order: of n times in order the one at
// position ceil(percent/100 · n), counted from 1. There must be at least one time.
func (h histogram) percentiles(percents ...int) []int {
	seconds := make([]int, 0, len(h))
	for s := range h {
		seconds = append(seconds, s)
	}
	slices.Sort(seconds)
	n, found := h.count(), make([]int, 0, len(percents))
	passed, i := 0, -1
	for _, percent := range percents {
		rank := max(1, (n*percent+99)/100)
		for passed < rank {
			i++
			passed += h[seconds[i]]
		}
		found = append(found, seconds[i])
	}
	return found
}

// bands counts the times of each band; those without any are left out.
func (h histogram) bands() map[string]int {
	counts := map[string]int{}
	for seconds, n := range h {
		counts[string(bandOf(seconds))] += n
	}
	return counts
}

// z95 is the 97.5th percentile of the normal distribution: 95 % lie within it on both sides.
const z95 = 1.959964

// score is the net promoter score of so many answers, at least one: the percentage of promoters less that of detractors.
func score(promoters, detractors, responses int) float64 {
	return tenth(100 * float64(promoters-detractors) / float64(responses))
}

// confidence is the adjusted Wald interval of a net promoter score. Three answers are added, a quarter of each at both ends and half in the
// middle; for few answers, or answers that agree, the plain interval is too narrow (Bonett & Price 2012; Sauro & Lewis 2016).
func confidence(promoters, detractors, responses int) contract.Confidence {
	n := float64(responses) + 3
	p, d := (float64(promoters)+0.75)/n, (float64(detractors)+0.75)/n
	margin := z95 * math.Sqrt((p+d-(p-d)*(p-d))/n)
	return contract.Confidence{Low: tenth(max(-100, 100*(p-d-margin))), High: tenth(min(100, 100*(p-d+margin)))}
}

// tenth rounds to one decimal.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// ratio is a of a and b together, with three decimals; 0 of nothing.
func ratio(a, b int64) float64 {
	if a+b == 0 {
		return 0
	}
	return math.Round(1000*float64(a)/float64(a+b)) / 1000
}

// topOf is how many of n partners the top percent are: the smallest whole number that is at least as many.
func topOf(n, percent int) int { return (n*percent + 99) / 100 }
