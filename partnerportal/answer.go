package partnerportal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// handle reads one answer and makes it the result or the failure of the attempt.
func (k *call) handle(resp *http.Response) error {
	if k.deliver(resp) {
		return nil
	}
	defer resp.Body.Close()
	if k.location != nil {
		resp.Header["Location"] = k.location
	}
	k.handled, k.status, k.header = true, resp.StatusCode, resp.Header
	success := resp.StatusCode/100 == 2
	limit := k.client.limits.Error
	if success {
		limit = k.client.limits.Response
	}
	fits, err := k.readBody(resp.Body, resp.ContentLength, limit)
	switch {
	case err != nil && success:
		k.status, k.header = 0, nil // half an answer is none
		k.failTransport(err)
	case !success && k.stream.broken() != nil:
		k.fail(&Error{Err: k.stream.broken()}, permanent, 0) // what the portal says of half a file is of no interest
	case !success:
		if !fits || err != nil {
			k.body = k.body[:0] // the status alone counts
		}
		e := problemOf(k.op.ID, k.status, k.header, k.body)
		if wait, ok := retryAfter(k.header, time.Now()); ok {
			e.RetryAfter = wait
		}
		k.fail(e, outcomeOf(k.status, e.Code), costStatus)
	case !fits:
		k.unexpected(fmt.Errorf("the answer is larger than %d bytes", limit))
	case k.out != nil:
		k.decode()
	}
	if k.failure == nil {
		return nil
	}
	return k.failure
}

// decode puts a successful answer into the caller's value.
func (k *call) decode() {
	if !isJSON(k.header) || len(k.body) == 0 {
		k.unexpected(fmt.Errorf("%s of type %q where JSON should be: %q", sizeWord(len(k.body)), clip(k.header.Get("Content-Type"), 64), snippet(k.body)))
		return
	}
	err := json.Unmarshal(k.body, k.out)
	_, broken := errors.AsType[*json.SyntaxError](err)
	switch {
	case err == nil:
	case broken && !strings.Contains(err.Error(), "max depth"):
		// Most likely the end is missing: without a length, a broken connection looks like the end of the answer.
		k.fail(&Error{Status: k.status, Code: ErrUnexpectedContent, Err: errors.New("the answer is broken JSON")}, unknown, costBroken)
	default:
		k.unexpected(fmt.Errorf("the answer does not fit the contract: %w", err))
	}
}

// unexpected fails the attempt for an answer that another attempt would not better. The portal said success, so a write may
// well have been carried out.
func (k *call) unexpected(err error) {
	k.uncertain = true
	e := &Error{Status: k.status, Code: ErrUnexpectedContent, RequestID: k.header.Get("X-Request-Id"), Err: err}
	k.fail(e, permanent, 0)
}

func (k *call) fail(e *Error, what outcome, cost int64) {
	k.failure, k.outcome, k.cost = e, what, cost
	if what == unknown {
		k.uncertain = true
	}
}

// failTransport fails the attempt for an error of the connection, or for its time having run out.
func (k *call) failTransport(err error) {
	err = plainError(err)
	ctx := k.request.Context()
	sent := k.trace.sent()
	auth, tokenless := errors.AsType[*authFailure](err)
	switch {
	case tokenless:
		k.fail(&Error{Code: ErrNoToken, Err: auth.err}, permanent, 0)
		return
	case k.stream.broken() != nil: // and so the portal cannot have got the whole of it
		k.fail(&Error{Err: k.stream.broken()}, permanent, 0)
		return
	case ctx.Err() != nil:
		k.uncertain = k.uncertain || sent
		k.fail(&Error{Err: ctx.Err()}, permanent, 0)
		return
	case errors.Is(err, errForeign):
		k.fail(&Error{Code: ErrInvalidArgument, Err: err}, permanent, 0)
		return
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		err = attemptTimeout{} // ours: the caller's context is alive
	}
	what, code := outcomeOfError(err, sent)
	cost := int64(costBroken)
	if what == notSent {
		cost = costStatus
	}
	k.fail(&Error{Code: code, Err: err}, what, cost)
}

// snippet shows the beginning of an answer that cannot be read, for people. Words as long as tokens and keys are taken out, in case
// the answer quotes the request.
func snippet(body []byte) string {
	long := regexp.MustCompile(`[A-Za-z0-9_\-+/=.~%]{20,}`)
	return clip(long.ReplaceAllString(string(body[:min(len(body), 1024)]), redacted), 200)
}

func sizeWord(n int) string {
	if n == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%d bytes", n)
}
