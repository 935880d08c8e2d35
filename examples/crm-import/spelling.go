package main

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/unicode/norm"
)

// fold reduces a name to what people agree on: no case, accents, blanks or punctuation. "GTX Pro" and "GTXPro" fold alike.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(strings.ReplaceAll(s, "&", " and ")))
}

// nearest returns the one candidate that s is likely a misspelling of: one edit away for each five letters, two at most, and no
// other candidate as near. Slovania may be Slovakia or Slovenia, so it is nothing.
func nearest(s string, candidates iter.Seq[string]) (string, bool) {
	best, at, rivals := "", min(len(s)/5, 2)+1, 0
	for candidate := range candidates {
		switch distance := levenshtein.ComputeDistance(s, candidate); {
		case distance < at:
			best, at, rivals = candidate, distance, 0
		case distance == at:
			rivals++
		}
	}
	return best, best != "" && rivals == 0
}

// correction is a value that was read as another one.
type correction struct{ Column, From, To string }

// corrections counts in how many places each correction was made, so that it is told once.
type corrections map[correction]int

func (c corrections) add(column, from, to string) {
	if from != to {
		c[correction{column, from, to}]++
	}
}

// sorted lists the corrections by column and spelling.
func (c corrections) sorted() []correction {
	return slices.SortedFunc(maps.Keys(c), func(a, b correction) int {
		return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.From, b.From))
	})
}
