package match

import "slices"

// SimilarNameThreshold is the least [Similarity] at which two names of one
// country are reported as similar. It is fitted to the 44 labelled pairs of
// openapi/vectors/names.json, which were made up for the purpose (F1 0.98, at
// 0.5 and 0.6 about 0.92): good enough for a hint to a person, and no more.
const SimilarNameThreshold = 0.55

// Similarity compares two names that [Name] has normalised: the share of their
// trigrams that they have in common (Jaccard), 0 to 1. It is what PostgreSQL's
// pg_trgm calls similarity(), so an index can take over where a scan is too slow.
func Similarity(a, b string) float64 {
	return jaccard(trigrams(a), trigrams(b))
}

// trigrams gives the sorted set of three-character windows over each word,
// padded with two spaces before and one behind, each packed into 63 bits.
func trigrams(name string) []uint64 {
	const char = 21 // bits of a Unicode code point
	const window = 1<<(3*char) - 1
	if name == "" {
		return nil
	}
	set := make([]uint64, 0, len(name)+2)
	const blank = ' '<<char | ' '
	tri := uint64(blank)
	for _, r := range name {
		tri = (tri<<char | uint64(r)) & window
		set = append(set, tri)
		if r == ' ' {
			tri = blank
		}
	}
	set = append(set, (tri<<char|' ')&window)
	slices.Sort(set)
	return slices.Compact(set)
}

func jaccard(a, b []uint64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			common, i, j = common+1, i+1, j+1
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}
