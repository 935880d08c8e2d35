//go:build !race

package deals_test

const raceDetector = false
