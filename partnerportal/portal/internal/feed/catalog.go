package feed

// Configured is the Payload of configuration.created.
type Configured struct {
	ConfigurationID string
	SessionID       string // the session that it was made in, if any
	DealID          string
	Valid           bool
}
