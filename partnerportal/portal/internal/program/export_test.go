package program

// What the tests of the arithmetic see.
var (
	BandOf     = bandOf
	Score      = score
	Confidence = confidence
	TopOf      = topOf
	StepOf     = stepOf
	LastDay    = lastDay
)

// Percentiles are those of single times.
func Percentiles(seconds []int, percents ...int) []int {
	h := histogram{}
	for _, s := range seconds {
		h.add(s, 1)
	}
	return h.percentiles(percents...)
}
