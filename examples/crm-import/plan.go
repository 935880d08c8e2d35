package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// lane is work that must be done in order: all deals of one customer. Deals of two customers never stand in each other's way, so
// lanes run side by side.
type lane []*candidate

// plan puts the candidates in lanes, so that whatever is interrupted, repeated or run side by side, the portal meets the deals of
// one customer in the same order and decides on them alike:
//
//   - First the closed ones, in the order of the file. Each is registered and closed before the next, as an open deal of the same
//     customer and product family would block it.
//   - Then the open ones, in the order of the file. The first of a product family gets it, and the others are conflicts, in every run.
func plan(candidates []*candidate) []lane {
	lanes := map[string]lane{}
	for _, d := range candidates {
		key := laneOf(d.account)
		lanes[key] = append(lanes[key], d)
	}
	for _, l := range lanes {
		slices.SortStableFunc(l, func(a, b *candidate) int { return cmp.Compare(rank(a), rank(b)) })
	}
	// The longest first, so that no worker is left with it at the end.
	return slices.SortedFunc(maps.Values(lanes), func(a, b lane) int { return cmp.Or(-cmp.Compare(len(a), len(b)), cmp.Compare(a[0].row, b[0].row)) })
}

func rank(d *candidate) int {
	if d.stage.open() {
		return 1
	}
	return 0
}

// laneOf is wider than one account on purpose: "Acme Inc." and "The Acme Corporation" are one customer to a portal, which drops
// articles and legal forms. What they share is the country and the first word.
func laneOf(a *account) string {
	words := strings.Fields(strings.ToLower(a.name))
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return a.country + " " + fold(words[0])
}
