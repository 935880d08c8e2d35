// Package match decides when two registrations speak of the same customer and
// of the same business with it. It is pure: no clock, no store, no network.
//
// A customer is first normalised ([Domain], [Name], [DUNS], [Country]), then
// either turned into keys that a store can index and lock ([Keys]) or compared
// with another customer ([Compare]). Whether two registrations for one customer
// stand in each other's way depends on their scopes ([Overlap]).
//
// The rules are part of the published contract: openapi/vectors states them
// with test vectors, so that a partner can normalise as the portal does.
package match
