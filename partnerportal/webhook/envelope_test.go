package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// badEnvelope asserts that a signed body is refused.
func badEnvelope(t *testing.T, body string) {
	t.Helper()
	h := newHook(t)
	h.refused(h.request([]byte(body)), 400, webhook.ErrInvalidEnvelope)
}

//nolint:thelper // these are the tests
var envelopeCases = []receiverCase{
	{89, "unknown type, data null", func(t *testing.T) {
		var seen []webhook.Event[json.RawMessage]
		h := newHook(t, webhook.WithUnknown(func(_ context.Context, ev webhook.Event[json.RawMessage]) {
			seen = append(seen, ev)
			panic("whatever it does")
		}))
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.invented_later", "null")))
		require.Len(t, seen, 1)
		assert.Equal(t, "deal.invented_later", seen[0].Type)
		assert.Equal(t, "null", string(seen[0].Data))
		assert.Equal(t, 204, newHook(t).deliver([]byte(`{"type":"x"}`)), "no hook, no data, no id of its own")
	}},
	{90, "signed but not JSON", func(t *testing.T) {
		for _, body := range []string{"", "x", "{", `"text"`, "[]", "null", "1", `{"type":"a"`, "\ufeff" + `{"type":"a"}`, `{'type':'a'}`,
			`{"type":"a",}`, `{"type":"a" "b":1}`, `{"type":"a","b":01}`, `{"type":"a","b":.5}`, `{"type":"a","b":1.}`, `{"type":"a","b":+1}`,
			`{"type":"a","b":NaN}`, `{"type":"a","b":tru}`, `{"type":"a","b":"\x"}`, `{"type":"a","b":"\u12g4"}`, "{\"type\":\"a\",\"b\":\"\n\"}",
			"{\"type\":\"a\",\"b\":\"\xff\"}", `{"type":"a","b":[1,]}`, `{"type":"a","b":[1 2]}`, `{"type":"a","b":1e}`, `{"type":"a",1:2}`} {
			badEnvelope(t, body)
		}
	}},
	{91, "signed, no type", func(t *testing.T) {
		for _, body := range []string{`{}`, `{"id":"evt_1","data":{}}`, `{"type":""}`, `{"type":null}`, `{"type":7}`, `{"Type":"deal.approved"}`} {
			badEnvelope(t, body)
		}
		for _, member := range []string{`"id":"a.b"`, `"id":7`, `"live":"yes"`, `"timestamp":"yesterday"`, `"subject":[]`,
			`"subject":{"version":1.5}`, `"subject":{"version":1e30}`, `"subject":{"id":1}`} {
			badEnvelope(t, `{"type":"deal.approved",`+member+`}`)
		}
	}},
	{92, "known type, data of wrong shape", func(t *testing.T) {
		h := newHook(t)
		assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved", `{"deal_id":7}`)))
		assert.Equal(t, []webhook.Code{webhook.ErrInvalidData}, h.codes)
		var kept []string
		h = newHook(t, webhook.WithPark(func(_ context.Context, body []byte, reason error) error {
			kept = append(kept, string(body))
			assert.ErrorContains(t, reason, "deal_id")
			return nil
		}))
		body := event("evt_1", "deal.approved", `{"deal_id":7}`)
		assert.Equal(t, 202, h.deliver(body))
		assert.Equal(t, 204, h.deliver(body))
		assert.Equal(t, []string{string(body)}, kept)
		assert.Zero(t, h.called())
	}},
	{97, "900 nested arrays, truncated", func(t *testing.T) {
		badEnvelope(t, `{"type":"deal.approved","data":`+strings.Repeat("[", 900))
		badEnvelope(t, `{"type":"deal.approved","data":`+strings.Repeat("[", 900)+strings.Repeat("]", 900)+"}")
		badEnvelope(t, `{"type":"deal.approved","data":`+strings.Repeat(`{"a":`, 64)+"1"+strings.Repeat("}", 65))
		_, _, err := webhook.ParseEnvelope([]byte(`{"type":"deal.approved","data":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + "}"))
		assert.NoError(t, err)
	}},
	{98, "duplicate name", func(t *testing.T) {
		badEnvelope(t, `{"type":"deal.rejected","type":"deal.approved"}`)
		badEnvelope(t, `{"type":"deal.rejected","ty\u0070e":"deal.approved"}`)
		badEnvelope(t, `{"type":"deal.approved","data":{"a":[{"b":1,"b":1}]}}`)
		badEnvelope(t, `{"type":"deal.approved","subject":{"id":"a","id":"b"}}`)
		badEnvelope(t, `{"type":"deal.approved","data":{"\ud800":1,"\ud801":2}}`)
		many := make([]string, 5000)
		for i := range many {
			many[i] = fmt.Sprintf(`"n%d":{"n%d":1}`, i, i)
		}
		body := `{"type":"deal.approved","data":{` + strings.Join(many, ",") + `%s}}`
		badEnvelope(t, fmt.Sprintf(body, `,"n4999":1`))
		badEnvelope(t, fmt.Sprintf(body, `,"n0":1`))
		assert.Equal(t, 204, newHook(t).deliver(fmt.Appendf(nil, body, "")))
	}},
	{122, "trailing data", func(t *testing.T) {
		for _, tail := range []string{"{}", "x", "\x00", ",", "}"} {
			badEnvelope(t, string(event("evt_1", "deal.approved"))+tail)
		}
		assert.Equal(t, 204, newHook(t).deliver(append(event("evt_1", "deal.approved"), " \r\n\t"...)))
	}},
	{123, "NUL and lone surrogates in strings", func(t *testing.T) {
		h := newBareHook(t)
		var got string
		webhook.On(h.Receiver, "deal.approved", func(_ context.Context, ev webhook.Event[deal]) error { got = ev.Data.ID; return nil })
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved", `{"deal_id":"a\u0000\ud800\u00e9é\uD83D\uDE00"}`)))
		assert.Equal(t, "a\x00\ufffdéé😀", got)
		header, _, err := webhook.ParseEnvelope([]byte(`{"type":"a\u0000\ud800\/"}`))
		require.NoError(t, err)
		assert.Equal(t, "a\x00\ufffd/", header.Type)
	}},
	{124, "numbers over 2^53", func(t *testing.T) {
		h := newBareHook(t)
		var got int64
		webhook.On(h.Receiver, "deal.approved", func(_ context.Context, ev webhook.Event[deal]) error { got = ev.Data.Revenue; return nil })
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved", `{"revenue":9223372036854775807}`)))
		assert.Equal(t, int64(9223372036854775807), got)
	}},
}

// FuzzEnvelope holds the parser against encoding/json: what it accepts, encoding/json reads as the same event.
func FuzzEnvelope(f *testing.F) {
	f.Add(event("evt_1", "deal.approved"))
	f.Add([]byte(`{"type":"a","data":[1,-0.5e+7,true,null,"\u00e9\ud83d\ude00",{}],"live":null,"subject":null}`))
	f.Add([]byte(`{"type":"a","timestamp":"2026-11-22T09:30:00.5+01:00","subject":{"version":-9}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		header, data, err := webhook.ParseEnvelope(body)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		require.True(t, json.Valid(body))
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(body, &members))
		var want struct {
			id, kind, tenant string
			live             bool
			at               time.Time
			subject          map[string]json.RawMessage
			version          int64
		}
		for name, into := range map[string]any{"id": &want.id, "type": &want.kind, "tenant": &want.tenant, "live": &want.live, "timestamp": &want.at, "subject": &want.subject} {
			if raw, ok := members[name]; ok {
				require.NoError(t, json.Unmarshal(raw, into))
			}
		}
		if raw, ok := want.subject["version"]; ok {
			require.NoError(t, json.Unmarshal(raw, &want.version))
		}
		assert.Equal(t, want.id, header.ID)
		assert.Equal(t, want.kind, header.Type)
		assert.Equal(t, want.tenant, header.Tenant)
		assert.Equal(t, want.live, header.Live)
		assert.True(t, want.at.Equal(header.Timestamp))
		assert.Equal(t, want.version, header.Subject.Version)
		assert.True(t, bytes.Equal(members["data"], data))
	})
}
