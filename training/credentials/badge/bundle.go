package badge

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Contents are what a verifier knows beforehand: whom it trusts, with which keys, and which status lists it has fetched. They can be
// written to a file as JSON and carried to where there is no network.
type Contents struct {
	Issuers     []Issuer   `json:"issuers"`
	StatusLists []Snapshot `json:"status_lists,omitzero"`
}

// Issuer is somebody whose badges are believed.
type Issuer struct {
	ID   string `json:"id"`            // ID is the issuer's URI, as its credentials give it.
	Name string `json:"name,omitzero"` // Name is what the verifier calls it; what a badge says about its issuer's name proves nothing.
	Keys JWKS   `json:"jwks"`          // Keys are those that it publishes.
	// AsOf is when they were fetched.
	AsOf time.Time `json:"as_of,omitzero"`
}

// Snapshot is a status list as it was fetched: a VC-JWT, as [SignStatusList] makes it.
type Snapshot struct {
	URL  string    `json:"url"`
	JWT  string    `json:"jwt"`
	AsOf time.Time `json:"as_of,omitzero"`
}

// Bundle is Contents that were checked, with status lists unpacked. Verifying does not change it: it may be used by many goroutines. The
// zero value trusts nobody.
type Bundle struct {
	contents Contents
	issuers  map[string]*Issuer
	lists    map[string]statusList
}

// NewBundle checks contents once, so that verifying does not have to: signatures of status lists, their packing, their bounds. A
// list that cannot be used does not make the bundle an error: badges that need it have an unknown status, which says why.
func NewBundle(contents Contents) (*Bundle, error) {
	b := &Bundle{contents: contents, issuers: map[string]*Issuer{}, lists: map[string]statusList{}}
	for i := range contents.Issuers {
		from := &contents.Issuers[i]
		switch {
		case !isAbsolute(from.ID):
			return nil, fmt.Errorf("badge: bundle: issuers/%d/id: %.100q is not an absolute URI", i, from.ID)
		case b.issuers[from.ID] != nil:
			return nil, fmt.Errorf("badge: bundle: issuers/%d/id: %.100q is there twice", i, from.ID)
		}
		b.issuers[from.ID] = from
	}
	for i, snapshot := range contents.StatusLists {
		if _, twice := b.lists[snapshot.URL]; twice {
			return nil, fmt.Errorf("badge: bundle: status_lists/%d/url: %.100q is there twice", i, snapshot.URL)
		}
		list, err := readStatusList(snapshot.URL, snapshot.JWT, snapshot.AsOf, b.issuers)
		list.err = err
		b.lists[snapshot.URL] = list
	}
	return b, nil
}

// ParseBundle reads a bundle's file form.
func ParseBundle(data []byte) (*Bundle, error) {
	var contents Contents
	if err := decodeUpTo(len(data), data, &contents); err != nil { // it is the verifier's own, and may be of thousands
		return nil, fmt.Errorf("badge: bundle: %w", err)
	}
	if contents.Issuers == nil {
		return nil, errors.New(`badge: bundle: "issuers" is required`)
	}
	return NewBundle(contents)
}

// Contents are what the bundle was made of. Do not change what they refer to.
func (b *Bundle) Contents() Contents { return b.contents }

// MarshalJSON writes the file form that [ParseBundle] reads.
func (b Bundle) MarshalJSON() ([]byte, error) {
	contents := b.contents
	contents.Issuers = append([]Issuer{}, contents.Issuers...) // an empty list rather than null
	return json.Marshal(contents)
}

// UnmarshalJSON reads it again, as [ParseBundle] does.
func (b *Bundle) UnmarshalJSON(data []byte) error {
	parsed, err := ParseBundle(data)
	if err != nil {
		return err
	}
	*b = *parsed
	return nil
}

// status asks the lists about one credential of the issuer: the worst answer of its entries counts.
func (b *Bundle) status(from string, entries []StatusEntry, at time.Time, maxAge time.Duration) Check {
	worst := Check{Result: Passed}
	if len(entries) == 0 {
		worst.Detail = "the issuer publishes no status for it"
	}
	for _, entry := range entries {
		check := b.entry(from, entry, at, maxAge)
		switch {
		case check.Result == Failed:
			return check
		case check.Result == Unknown, worst.Result == Passed && !check.AsOf.IsZero():
			worst = check
		}
	}
	return worst
}

func (b *Bundle) entry(from string, entry StatusEntry, at time.Time, maxAge time.Duration) Check {
	unknown := func(reason Reason, asOf time.Time, format string, args ...any) Check {
		return Check{Result: Unknown, Reason: reason, AsOf: asOf, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case entry.Type != statusEntryType:
		return unknown(ReasonStatusUnsupported, time.Time{}, "a status of type %.100q is not checked here", entry.Type)
	case slices.Contains(harmless, entry.StatusPurpose):
		return Check{Result: Passed}
	case entry.StatusPurpose != Revocation && entry.StatusPurpose != Suspension:
		return unknown(ReasonStatusUnsupported, time.Time{}, "a status for %.40q is not checked here", entry.StatusPurpose)
	case entry.StatusSize != 0 && entry.StatusSize != 1:
		return unknown(ReasonStatusUnsupported, time.Time{}, "a status of %d bits is not checked here", entry.StatusSize)
	}
	list, ok := b.lists[entry.StatusListCredential]
	switch {
	case !ok:
		return unknown(ReasonStatusMissing, time.Time{}, "the bundle has no status list %.200s", entry.StatusListCredential)
	case list.err != nil:
		return unknown(ReasonStatusInvalid, list.asOf, "the status list cannot be relied on: %.1000s", strings.TrimPrefix(list.err.Error(), "badge: "))
	case list.Issuer != from:
		return unknown(ReasonStatusInvalid, list.asOf, "the status list is of another issuer, %.200s", list.Issuer)
	case list.Purpose != entry.StatusPurpose:
		return unknown(ReasonStatusInvalid, list.asOf, "the status list is for %.40s, not for %s", list.Purpose, entry.StatusPurpose)
	case !list.ValidUntil.IsZero() && !at.Before(list.ValidUntil):
		return unknown(ReasonStatusStale, list.asOf, "the status list was good until %s", list.ValidUntil.Format(time.RFC3339))
	case maxAge != 0 && at.Sub(list.asOf) > maxAge:
		return unknown(ReasonStatusStale, list.asOf, "the status list is older than %s", maxAge)
	}
	index, err := entry.index()
	if err != nil {
		return Check{Result: Failed, Reason: ReasonStatusIndex, AsOf: list.asOf, Detail: err.Error()}
	}
	set, err := list.Bits.Get(index)
	switch {
	case err != nil:
		return Check{Result: Failed, Reason: ReasonStatusIndex, AsOf: list.asOf, Detail: strings.TrimPrefix(err.Error(), "badge: ")}
	case set && entry.StatusPurpose == Suspension:
		return Check{Result: Failed, Reason: ReasonSuspended, AsOf: list.asOf, Detail: "the issuer suspended it"}
	case set:
		return Check{Result: Failed, Reason: ReasonRevoked, AsOf: list.asOf, Detail: "the issuer revoked it"}
	}
	return Check{Result: Passed, AsOf: list.asOf}
}
