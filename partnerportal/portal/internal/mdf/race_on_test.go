//go:build race

package mdf_test

const raceDetector = true
