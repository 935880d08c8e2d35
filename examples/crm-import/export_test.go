package main

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// What the tests in package main_test see of the program.
var (
	Day     = func(s string) (string, *finding) { d, f := day("close_date", s); return d.String(), f }
	Country = country
	Fold    = fold
	Nearest = nearest
)

// Opportunities reads a pipeline file.
func Opportunities(file string) ([]row[opportunity], error) {
	return decodeTable[opportunity]("pipeline.csv", strings.NewReader(file))
}

// Run is the command with its two outputs, and what comes between it and the embedded portal.
func Run(ctx context.Context, stdout, stderr io.Writer, between func(http.Handler) http.Handler, args ...string) int {
	return (&program{stdout: stdout, stderr: stderr, between: between}).run(ctx, args)
}
