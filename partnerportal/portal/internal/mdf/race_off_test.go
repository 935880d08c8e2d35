//go:build !race

package mdf_test

const raceDetector = false
