package webhook

import "time"

// Header is what every event says of itself, whatever its type. Members that the sender leaves out are zero.
type Header struct {
	ID         string    // of the event: the same in every attempt, in the webhook-id header and in the change feed
	Type       string    // such as "deal.approved"
	Timestamp  time.Time // when it happened; not when it was sent
	APIVersion string    // the version that the data was written in: information, never a reason to refuse
	Live       bool      // false for events of a sandbox and for test events
	Tenant     string    // whose event it is, when one endpoint serves several
	Subject    Subject   // what it happened to
}

// Subject is the resource that an event tells of.
type Subject struct {
	Type    string // such as "deal"
	ID      string
	Version int64 // grows with every change of the resource, so that old news can be told from new; 0 when it has none
	URL     string
}

// Event is what a handler receives: the header and the data in the type that [On] was given. Members of the data that T does not
// know are ignored. Nothing of an Event shares memory with the request, so it may be kept.
type Event[T any] struct {
	Header
	Data     T
	Backfill bool // read from the change feed by Backfill, not pushed by the sender
}
