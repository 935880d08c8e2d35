// Package partnerportal is the core that every package of the SDK stands on: the [Client] with its authentication, retries,
// idempotency keys and limits, the one error type [Error], lists as iterators, and the values [Money], [Date] and [Opt].
//
// Make one Client per portal and credential, and hand it to the packages of the areas you work in:
//
//	pp, err := partnerportal.New("https://portal.example.com",
//		partnerportal.WithClientCredentials(id, secret))
//	…
//	deal, err := deals.New(pp).Get(ctx, "deal_01j…")
//
// # What a Client promises
//
//   - A write is sent again only when that cannot do it twice: the portal has certainly not seen it, or it carries an
//     idempotency key, which every operation that takes one gets by itself. When the end is open nonetheless, the error is
//     [ErrOutcomeUnknown] and carries the key to ask again with.
//   - A call ends when its context does, and without a deadline after two minutes at most. Waits asked for by the portal are
//     obeyed up to a minute; a longer one is handed to the caller in [Error].RetryAfter at once. A call with a file has a day, as long
//     as something moves, and never holds the file in memory.
//   - Credentials go to the configured portal and nowhere else: redirects are never followed, plain http is refused beyond
//     this machine, and no error or log line shows a secret, a query or a body.
//   - Nothing happens behind the caller's back: no global state, no environment, no logging and no goroutine unless asked for,
//     apart from the short-lived one that fetches an access token for all waiting callers.
package partnerportal

// Version is the version of this SDK. It is sent in the User-Agent header.
const Version = "0.1.0"
