package partnerportal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorIs(t *testing.T) {
	t.Parallel()
	domain := partnerportal.ErrorCode("conflict_blocked")
	for name, tc := range map[string]struct {
		err *partnerportal.Error
		is  []error
		not []error
	}{
		"status":     {&partnerportal.Error{Status: 404, Code: "not_found"}, []error{partnerportal.ErrNotFound}, []error{partnerportal.ErrStale, domain}},
		"code":       {&partnerportal.Error{Status: 409, Code: "conflict_blocked"}, []error{domain}, []error{partnerportal.ErrInvalidState}},
		"state":      {&partnerportal.Error{Status: 409, Code: "invalid_state"}, []error{partnerportal.ErrInvalidState}, []error{domain}},
		"validation": {&partnerportal.Error{Status: 422, Code: "amount_too_small"}, []error{partnerportal.ErrValidation}, nil},
		"key reused": {&partnerportal.Error{Status: 422, Code: "idempotency_key_reused"}, []error{partnerportal.ErrIdempotencyKeyReused}, []error{partnerportal.ErrValidation}},
		"5xx":        {&partnerportal.Error{Status: 502}, []error{partnerportal.ErrUnavailable}, []error{partnerportal.ErrOutcomeUnknown}},
		"ambiguous":  {&partnerportal.Error{Ambiguous: true, Err: io.EOF}, []error{partnerportal.ErrOutcomeUnknown, io.EOF}, []error{partnerportal.ErrUnavailable}},
	} {
		for _, is := range tc.is {
			require.ErrorIs(t, tc.err, is, name)
		}
		for _, not := range tc.not {
			require.NotErrorIs(t, tc.err, not, name)
		}
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*partnerportal.Error{
		"deals.get: 404 not_found (request req_1)": {Operation: "deals.get", Status: 404, Code: "not_found", RequestID: "req_1", Detail: "hidden"},
		"404 not found": {Status: 404},
		"deals.create: 422 validation_failed: /amount required, /name too_long, /x y, … (3 attempts)": {Operation: "deals.create", Status: 422,
			Code: "validation_failed", Attempts: 3, Fields: []partnerportal.FieldError{{Pointer: "/amount", Code: "required"},
				{Pointer: "/name", Code: "too_long"}, {Pointer: "/x", Code: "y"}, {Pointer: "/z", Code: "y"}}},
		"deals.list: failed: EOF (retry after 3s, outcome unknown)": {Operation: "deals.list", Err: io.EOF, RetryAfter: 3 * time.Second, Ambiguous: true},
		"unknown error":               {},
		"429 a?b??[31m (request x?y)": {Status: 429, Code: "a\nb\r\x1b[31m", RequestID: "x y"},
	} {
		assert.Equal(t, want, e.Error())
	}
	long := (&partnerportal.Error{Code: partnerportal.ErrorCode(strings.Repeat("é", 500)), Err: errors.New(strings.Repeat("é\n", 500))}).Error()
	assert.Less(t, len(long), 450)
	assert.NotContains(t, long, "\n")
}

func TestProblem(t *testing.T) {
	t.Parallel()
	const body = `{"type":"https://portal.example.com/problems/invalid-state","title":"Wrong state","status":409,"detail":"The deal is won.",
		"code":"invalid_state","request_id":"req_9","current_state":"won","allowed_actions":["reopen"],
		"errors":[{"pointer":"/amount","code":"required","message":"is missing"}],"existing_id":"deal_2","current_revision":12}`
	err := scripted(t, play(problem(409, body))).Do(t.Context(), create(), nil)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	e := asError(t, err)
	assert.Equal(t, "won", e.CurrentState)
	assert.Equal(t, []string{"reopen"}, e.AllowedActions)
	assert.Equal(t, []partnerportal.FieldError{{Pointer: "/amount", Code: "required", Message: "is missing"}}, e.Fields)
	assert.Equal(t, "The deal is won.", e.Detail)
	var revision int
	found, err := e.Extension("current_revision", &revision)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, 12, revision)
	found, err = e.Extension("existing_id", &revision)
	assert.True(t, found)
	require.Error(t, err)
	found, err = e.Extension("nothing", &revision)
	assert.False(t, found)
	require.NoError(t, err)
	for name, want := range map[string]bool{"current_revision": true, "existing_id": false, "nothing": false} {
		revision, ok := partnerportal.ExtensionOf[int](fmt.Errorf("register: %w", e), name)
		assert.Equal(t, want, ok, name)
		assert.Equal(t, want, revision == 12, name)
	}
	_, ok := partnerportal.ExtensionOf[int](io.ErrUnexpectedEOF, "current_revision")
	assert.False(t, ok)

	wire, err := json.Marshal(e)
	require.NoError(t, err)
	assert.JSONEq(t, body, string(wire))
	wire, err = json.Marshal(&partnerportal.Error{Status: 404, Extensions: map[string]json.RawMessage{
		"title": []byte(`"forged"`), "status": []byte(`200`), "broken": []byte(`{`)}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"type":"about:blank","title":"Not Found","status":404}`, string(wire))
}

// RFC 9457: members of the wrong type are ignored, and the status is that of the answer.
func TestProblemIsReadLeniently(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer step
		code   partnerportal.ErrorCode
		fields int
		id     string
	}{
		"wrong types":  {problem(409, `{"type":7,"title":[],"status":"x","detail":{},"code":"c","errors":[7,{"pointer":"/a"},{"pointer":3}],"allowed_actions":"x"}`), "c", 1, ""},
		"other status": {problem(409, `{"status":200,"code":"c"}`), "c", 0, ""},
		"an array":     {problem(409, `[]`), "", 0, ""},
		"broken":       {problem(409, `{"code":"c"`), "", 0, ""},
		"empty":        {problem(409, ``), "", 0, ""},
		"HTML":         {step{status: 409, body: `{"code":"c"}`, header: http.Header{"Content-Type": {"text/html"}, "X-Request-Id": {"req_2"}}}, "", 0, "req_2"},
	} {
		e := asError(t, scripted(t, play(tc.answer)).Do(t.Context(), create(), nil))
		assert.Equal(t, 409, e.Status, name)
		assert.Equal(t, tc.code, e.Code, name)
		assert.Len(t, e.Fields, tc.fields, name)
		assert.Equal(t, tc.id, e.RequestID, name)
	}
}

// A portal cannot make its client hold a hundred times what it sends: an answer of 8 MiB has room for millions of fields.
func TestProblemOfMillionsOfFields(t *testing.T) {
	t.Parallel()
	e := new(partnerportal.Error)
	require.NoError(t, json.Unmarshal([]byte(`{"errors":[7,{"pointer":"/lines"}`+strings.Repeat(`,{}`, 20_000)+`],"code":"validation_failed"}`), e))
	assert.Equal(t, partnerportal.ErrValidation, e.Code)
	assert.Equal(t, "/lines", e.Fields[0].Pointer)
	assert.Len(t, e.Fields, 9_999)
}

func TestErrorLogValue(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Error("failed", "err", &partnerportal.Error{Operation: "deals.get", Status: 503, Code: "busy",
		RequestID: "req_1", Attempts: 4, RetryAfter: time.Second, Ambiguous: true, Err: io.EOF, Detail: "hidden"})
	assert.Contains(t, out.String(), `"err":{"operation":"deals.get","status":503,"code":"busy","request_id":"req_1","attempts":4,`+
		`"retry_after":1000000000,"outcome_unknown":true,"cause":"EOF"}`)
	assert.NotContains(t, out.String(), "hidden")
}

func FuzzProblem(f *testing.F) {
	f.Add([]byte(`{"code":"c","errors":[{"pointer":"/a"}],"x":1}`))
	f.Add([]byte(`{"status":1e99,"allowed_actions":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := asError(t, scripted(t, play(problem(409, string(body)))).Do(t.Context(), create(), nil))
		assert.Equal(t, 409, e.Status)
		assert.NotContains(t, e.Error(), "\n")
		wire, err := json.Marshal(e)
		require.NoError(t, err)
		var back partnerportal.Error
		require.NoError(t, json.Unmarshal(wire, &back))
		assert.Equal(t, e.Code, back.Code)
		assert.Equal(t, e.Fields, back.Fields)
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"3", "-1", "9223372036854775807", "Sat, 01 Jan 2000 00:00:10 GMT", "Saturday, 01-Jan-00 00:00:10 GMT", " 1 "} {
		f.Add(seed, "Sat, 01 Jan 2000 00:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		s := play(step{status: 429, body: `{}`, header: http.Header{"Retry-After": {value}, "Date": {date}}})
		err := scripted(t, s).Do(t.Context(), get("t1"), nil, partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
		assert.GreaterOrEqual(t, asError(t, err).RetryAfter, time.Duration(0))
	})
}

func FuzzPathSegment(f *testing.F) {
	for _, seed := range []string{"t1", "..", "a/../b", "%2e%2e", "?", "#", "/", "//", "\x00", "\xff", "a;b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		mux, reached := http.NewServeMux(), ""
		mux.HandleFunc("GET /v1/things/{id}", func(_ http.ResponseWriter, r *http.Request) { reached = r.PathValue("id") })
		pp, err := partnerportal.New("", partnerportal.WithHandler(mux))
		require.NoError(t, err)
		if err = pp.Do(t.Context(), get(id), nil); err != nil {
			assert.Empty(t, reached)
			if id != "/" { // which ServeMux takes for a trailing slash, even escaped
				require.ErrorIs(t, err, partnerportal.ErrInvalidArgument)
			}
			return
		}
		assert.Equal(t, id, reached, "an id reaches the resource of that id, and no other")
	})
}

// Packages that do not know this one ask an error by a method whether a resource is gone for good.
func TestErrorTellsStrangersThatNothingIsFound(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  *partnerportal.Error
		want bool
	}{
		"the portal's word":          {&partnerportal.Error{Status: 404, Code: "not_found"}, true},
		"gone":                       {&partnerportal.Error{Status: 410, Code: "gone"}, true},
		"a gateway without a portal": {&partnerportal.Error{Status: 404}, false},
		"no token endpoint":          {&partnerportal.Error{Code: partnerportal.ErrNoToken, Err: &partnerportal.Error{Status: 404, Code: "not_found"}}, false},
		"refused":                    {&partnerportal.Error{Status: 403, Code: "insufficient_scope"}, false},
	} {
		var stranger interface{ NotFound() bool }
		require.ErrorAs(t, fmt.Errorf("row 7: %w", tc.err), &stranger, name)
		assert.Equal(t, tc.want, stranger.NotFound(), name)
	}
}
