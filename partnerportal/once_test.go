package partnerportal_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// flaky is a portal that honours idempotency keys, on a road that loses requests and answers.
type flaky struct {
	faults  []string
	sent    int
	records int             // things created
	arrived int             // requests that may have been carried out
	keys    map[string]bool // whose thing was created
}

func (p *flaky) RoundTrip(req *http.Request) (*http.Response, error) {
	fault := "none"
	if p.sent < len(p.faults) {
		fault = p.faults[p.sent]
	}
	p.sent++
	switch fault {
	case "refused":
		return nil, refused
	case "429":
		return answer(429, nil, `{}`), nil
	case "503 before":
		p.arrived++
		return answer(503, nil, `{}`), nil
	}
	p.arrived++
	key := req.Header.Get("Idempotency-Key")
	if key == "" || !p.keys[key] {
		p.records++
		p.keys[key] = true
	}
	switch fault {
	case "reset after":
		return nil, reset
	case "503 after":
		return answer(503, nil, `{}`), nil
	case "cut off":
		return answer(201, nil, `{"id":`), nil
	case "HTML":
		return answer(200, http.Header{"Content-Type": {"text/html"}}, `<html>`), nil
	}
	return answer(201, nil, `{"id":"t1"}`), nil
}

// Whatever the road does: a write is never carried out twice; success means once; and a failure that does not own up to an
// unknown outcome means not at all.
func TestWritesHappenOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := &flaky{keys: map[string]bool{}, faults: rapid.SliceOfN(rapid.SampledFrom([]string{
			"none", "refused", "429", "503 before", "503 after", "reset after", "cut off", "HTML"}), 0, 6).Draw(rt, "faults")}
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: p}),
			partnerportal.WithRetry(partnerportal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
		require.NoError(rt, err)
		keyed := rapid.Bool().Draw(rt, "keyed")
		request := poke()
		if keyed {
			request = create()
		}
		err = pp.Do(t.Context(), request, new(thing))
		require.LessOrEqual(rt, p.records, 1)
		switch {
		case err == nil:
			require.Equal(rt, 1, p.records)
		case !errors.Is(err, partnerportal.ErrOutcomeUnknown):
			require.Zero(rt, p.records)
		case keyed: // what the caller is told to do settles it
			key := asError(t, err).IdempotencyKey()
			p.faults = nil
			require.NoError(rt, pp.Do(t.Context(), request, new(thing), partnerportal.WithIdempotencyKey(key)))
			require.Equal(rt, 1, p.records)
		}
		if !keyed {
			require.LessOrEqual(rt, p.arrived, 1, "without a key nothing is sent again that may have arrived")
		}
	})
}
