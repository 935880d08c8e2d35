package source_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// statementOf is an xAPI statement of somebody's on a course.
func statementOf(id, verb, course, rest string) string {
	return fmt.Sprintf(`{"id":%q,"actor":{"mbox":"mailto:ada@acme.com"},"verb":{"id":"http://adlnet.gov/expapi/verbs/%s"},
		"object":{"id":"https://lms.example.com/courses/%s"},"timestamp":"2026-11-20T09:00:00.5+01:00","stored":"2026-11-20T08:00:02Z"%s}`, id, verb, course, rest)
}

// store is a learning record store that answers with what a test wants, in process.
type store struct {
	answer   func(r *http.Request) (status int, header map[string]string, body string)
	requests []*http.Request
}

func (s *store) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests = append(s.requests, r)
	w := httptest.NewRecorder()
	status, header, body := s.answer(r)
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.WriteString(body)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func lrs(t *testing.T, s *store, change ...func(*source.XAPIConfig)) *source.XAPI {
	t.Helper()
	config := source.XAPIConfig{Endpoint: "https://lrs.example.com/xapi/", System: "lrs", Username: "portal", Password: "secret", Client: &http.Client{Transport: s}}
	for _, c := range change {
		c(&config)
	}
	x, err := source.NewXAPI(config)
	require.NoError(t, err)
	return x
}

var through = map[string]string{"X-Experience-API-Consistent-Through": "2026-11-22T12:00:00Z"}

// A store is read page by page, from where the last reading ended, and is as of its own word.
func TestXAPIPages(t *testing.T) {
	t.Parallel()
	s := &store{}
	s.answer = func(r *http.Request) (int, map[string]string, string) {
		if r.URL.Query().Get("page") == "2" {
			return 200, through, `{"statements":[` + statementOf("B", "passed", "GTX-101", `,"result":{"score":{"scaled":0.925}}`) + `],"more":""}`
		}
		return 200, through, `{"statements":[` + statementOf("A", "initialized", "GTX-101", "") + `,` + statementOf("x", "liked", "GTX-101", "") + `],"more":"/xapi/statements?page=2"}`
	}
	since := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	learned, err := lrs(t, s).LMSSince(t.Context(), since)
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 8, 0, 0, 5e8, time.UTC)
	assert.Equal(t, &source.Learning{
		Stamp: source.Stamp{System: "lrs", AsOf: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)},
		Records: []source.Record{
			{ID: "a", Person: "ada@acme.com", Course: "GTX-101", Verb: source.VerbInitialized, At: at},
			{ID: "b", Person: "ada@acme.com", Course: "GTX-101", Verb: source.VerbPassed, At: at, Score: "92.5"},
		},
	}, learned)
	require.Len(t, s.requests, 2)
	first := s.requests[0]
	assert.Equal(t, "/xapi/statements", first.URL.Path)
	assert.Equal(t, url.Values{"since": {"2026-11-01T00:00:00Z"}, "ascending": {"true"}, "limit": {"500"}}, first.URL.Query())
	assert.Equal(t, "1.0.3", first.Header.Get("X-Experience-API-Version"))
	user, password, _ := first.BasicAuth()
	assert.Equal(t, []string{"portal", "secret"}, []string{user, password})

	_, err = lrs(t, s, func(c *source.XAPIConfig) { c.Username, c.Password, c.Token = "", "", "t0k3n" }).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Bearer t0k3n", s.requests[2].Header.Get("Authorization"))
	assert.Empty(t, s.requests[2].URL.Query().Get("since"))
}

// What fails is tried again, with pauses, and not for ever; what the store refuses is not tried again.
func TestXAPIRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		s := &store{answer: func(*http.Request) (int, map[string]string, string) {
			if n++; n < 3 {
				return 503, map[string]string{"Retry-After": "7"}, ""
			}
			return 200, through, `{"statements":[]}`
		}}
		began := time.Now()
		_, err := lrs(t, s).LMS(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 14*time.Second, time.Since(began), "as the store has asked")

		s.requests, s.answer = nil, func(*http.Request) (int, map[string]string, string) { return 502, nil, "" }
		_, err = lrs(t, s).LMS(t.Context())
		require.ErrorContains(t, err, "502")
		assert.Len(t, s.requests, 4)
		s.requests, s.answer = nil, func(*http.Request) (int, map[string]string, string) { return 401, nil, "" }
		_, err = lrs(t, s).LMS(t.Context())
		require.ErrorContains(t, err, "lrs: the store answers 401")
		assert.Len(t, s.requests, 1)
	})
}

// A store that lies or is broken fails the reading.
func TestXAPIRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header     map[string]string
		body, want string
	}{
		"no JSON":             {through, `<html>`, "no StatementResult"},
		"another shape":       {through, `{"statements":{}}`, "no StatementResult"},
		"a statement as text": {through, `{"statements":["x"]}`, "statement 1 of a page"},
		"no id":               {through, `{"statements":[` + statementOf("", "passed", "GTX", "") + `]}`, "no id"},
		"another host":        {through, `{"statements":[],"more":"https://evil.example/more"}`, "sends elsewhere"},
		"without encryption":  {through, `{"statements":[],"more":"http://lrs.example.com/more"}`, "sends elsewhere"},
		"a circle":            {through, `{"statements":[],"more":"/xapi/statements?again"}`, "round in a circle"},
		"no instant":          {map[string]string{"X-Experience-API-Consistent-Through": "now"}, `{"statements":[]}`, "is no instant"},
		"endless":             {through, `{"statements":["` + strings.Repeat("x", 33<<20) + `"]}`, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{answer: func(*http.Request) (int, map[string]string, string) { return 200, test.header, test.body }}
			_, err := lrs(t, s).LMS(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
	for name, config := range map[string]source.XAPIConfig{
		"no endpoint": {Token: "x"}, "no address": {Endpoint: "lrs.example.com", Token: "x"}, "a password in it": {Endpoint: "https://a:b@lrs.example.com", Token: "x"},
		"no credentials": {Endpoint: "https://lrs.example.com"}, "both": {Endpoint: "https://lrs.example.com", Username: "a", Token: "x"},
		"a long name": {Endpoint: "https://lrs.example.com", Token: "x", System: strings.Repeat("x", 65)},
	} {
		_, err := source.NewXAPI(config)
		require.Error(t, err, name)
	}
}

// A store vouches for what it gives when it begins to give it, and not for what is stored while the pages are turned.
func TestXAPIAsOfItsFirstPage(t *testing.T) {
	t.Parallel()
	s := &store{answer: func(r *http.Request) (int, map[string]string, string) {
		if r.URL.Query().Get("page") == "2" {
			return 200, map[string]string{"X-Experience-API-Consistent-Through": "2026-11-22T12:05:00Z"}, `{"statements":[]}`
		}
		return 200, through, `{"statements":[],"more":"/xapi/statements?page=2"}`
	}}
	learned, err := lrs(t, s).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), learned.AsOf)
}

// A reading that stops before its end goes on there, also when the next statement came at the same instant as the last.
func TestXAPIStopsInBetween(t *testing.T) {
	t.Parallel()
	page := 0
	s := &store{answer: func(*http.Request) (int, map[string]string, string) {
		page++
		return 200, through, fmt.Sprintf(`{"statements":[%s],"more":"/xapi/statements?page=%d"}`, statementOf("A", "liked", "GTX", ""), page)
	}}
	learned, err := lrs(t, s).LMS(t.Context())
	require.NoError(t, err)
	assert.Len(t, s.requests, 2001)
	assert.Equal(t, time.Date(2026, 11, 20, 8, 0, 1, 999e6, time.UTC), learned.AsOf)
}

// The credentials are the store's alone.
func TestXAPIRedirects(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]string{"below it": "https://x.lrs.example.com/", "without encryption": "http://lrs.example.com/", "around": "/xapi/statements"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{answer: func(*http.Request) (int, map[string]string, string) {
				return 302, map[string]string{"Location": to}, ""
			}}
			_, err := lrs(t, s).LMS(t.Context())
			require.ErrorContains(t, err, "sends elsewhere")
			for _, r := range s.requests {
				assert.Equal(t, "https://lrs.example.com", r.URL.Scheme+"://"+r.URL.Host)
			}
			assert.LessOrEqual(t, len(s.requests), 4)
		})
	}
	s := &store{answer: func(r *http.Request) (int, map[string]string, string) {
		if r.URL.Path == "/xapi/statements" {
			return 307, map[string]string{"Location": "/v2/statements"}, ""
		}
		return 200, through, `{"statements":[]}`
	}}
	_, err := lrs(t, s).LMS(t.Context())
	require.NoError(t, err)
}

// Without the store's word a reading is as of its last statement, and somewhat before.
func TestXAPIAsOf(t *testing.T) {
	t.Parallel()
	s := &store{answer: func(*http.Request) (int, map[string]string, string) {
		return 200, nil, `{"statements":[` + statementOf("A", "passed", "GTX", "") + `]}`
	}}
	learned, err := lrs(t, s).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 11, 20, 7, 59, 2, 0, time.UTC), learned.AsOf, "what was stored at the same time may be seen later")
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	learned, err = lrs(t, s).LMSSince(t.Context(), later)
	require.NoError(t, err)
	assert.Equal(t, later, learned.AsOf, "it never goes back")
}

// What statements mean: who, what, and how well.
func TestStatements(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statement string
		want      string // person, course, verb, score, progress; "" for none
	}{
		"an address":         {statementOf("A", "passed", "GTX-101", ""), "ada@acme.com GTX-101 passed  0"},
		"an account":         {strings.Replace(statementOf("A", "passed", "GTX", ""), `"mbox":"mailto:ada@acme.com"`, `"account":{"homePage":"https://x","name":"u-7"}`, 1), "https://x u-7 GTX passed  0"},
		"a name alone":       {strings.Replace(statementOf("A", "passed", "GTX", ""), `"mbox":"mailto:ada@acme.com"`, `"account":{"name":"u-7"}`, 1), "u-7 GTX passed  0"},
		"no home page":       {strings.Replace(statementOf("A", "passed", "GTX", ""), `"mbox":"mailto:ada@acme.com"`, `"account":{"homePage":"https://x u-7","name":"8"}`, 1), ""},
		"an OpenID":          {strings.Replace(statementOf("A", "passed", "GTX", ""), `"mbox":"mailto:ada@acme.com"`, `"openid":"https://id/ada"`, 1), "https://id/ada GTX passed  0"},
		"a hashed address":   {strings.Replace(statementOf("A", "passed", "GTX", ""), `"mbox":"mailto:`, `"mbox_sha1sum":"`, 1), ""},
		"a group":            {strings.Replace(statementOf("A", "passed", "GTX", ""), `"actor":{`, `"actor":{"objectType":"Group",`, 1), ""},
		"about a statement":  {strings.Replace(statementOf("A", "passed", "GTX", ""), `"object":{`, `"object":{"objectType":"StatementRef",`, 1), ""},
		"no course":          {strings.Replace(statementOf("A", "passed", "GTX", ""), "/courses/GTX", "", 1), ""},
		"a URN":              {strings.Replace(statementOf("A", "passed", "GTX", ""), "https://lms.example.com/courses/GTX", "urn:lms:course:GTX-9", 1), "ada@acme.com GTX-9 passed  0"},
		"attempted":          {statementOf("A", "attempted", "GTX", ""), "ada@acme.com GTX initialized  0"},
		"no success":         {statementOf("A", "completed", "GTX", `,"result":{"success":false}`), "ada@acme.com GTX failed  0"},
		"nearly":             {statementOf("A", "passed", "GTX", `,"result":{"score":{"scaled":0.79999}}`), "ada@acme.com GTX passed 79.99 0"},
		"57 percent":         {statementOf("A", "passed", "GTX", `,"result":{"score":{"scaled":0.57}}`), "ada@acme.com GTX passed 57 0"},
		"points":             {statementOf("A", "passed", "GTX", `,"result":{"score":{"raw":15,"min":0,"max":20}}`), "ada@acme.com GTX passed 75 0"},
		"points of nothing":  {statementOf("A", "passed", "GTX", `,"result":{"score":{"raw":15}}`), "ada@acme.com GTX passed  0"},
		"below zero":         {statementOf("A", "failed", "GTX", `,"result":{"score":{"scaled":-1}}`), "ada@acme.com GTX failed 0 0"},
		"more than all":      {statementOf("A", "passed", "GTX", `,"result":{"score":{"scaled":7}}`), "ada@acme.com GTX passed  0"},
		"half way":           {statementOf("A", "progressed", "GTX", `,"result":{"extensions":{"https://w3id.org/xapi/cmi5/result/extensions/progress":50}}`), "ada@acme.com GTX progressed  50"},
		"further than there": {statementOf("A", "progressed", "GTX", `,"result":{"extensions":{"https://w3id.org/xapi/cmi5/result/extensions/progress":5000}}`), "ada@acme.com GTX progressed  100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, files := range []map[string]string{{"statements.json": "[" + test.statement + "]"}, {"statements.jsonl": strings.ReplaceAll(test.statement, "\n", " ") + "\n"}} {
				learned, err := drop(t, files).LMS(t.Context())
				require.NoError(t, err)
				if test.want == "" {
					require.Empty(t, learned.Records)
					continue
				}
				require.Len(t, learned.Records, 1)
				r := learned.Records[0]
				assert.Equal(t, test.want, fmt.Sprint(r.Person, " ", r.Course, " ", r.Verb, " ", r.Score, " ", r.Progress))
				assert.True(t, r.Score == "" || source.IsPercent(r.Score))
			}
		})
	}
}

// A statement that voids another one takes its record back, whoever says so and whatever else it says; a broken one is none.
func TestVoidingStatements(t *testing.T) {
	t.Parallel()
	voiding := func(object string) string {
		return `{"id":"V","actor":{"objectType":"Group","mbox":"mailto:lms@example.com"},"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"},"object":` + object + `,"stored":"2026-11-20T08:00:02Z"}`
	}
	statements := strings.Join([]string{
		voiding(`{"objectType":"StatementRef","id":"E05AA883-ACAF-40AD-BF54-02C8CE485FB0"}`), voiding(`{"objectType":"StatementRef","id":"v"}`),
		voiding(`{"objectType":"StatementRef"}`), voiding(`{"objectType":"Activity","id":"https://lms.example.com/courses/GTX"}`), voiding(`{"id":"https://lms.example.com/courses/GTX"}`), voiding(`{}`),
	}, ",\n")
	want := []source.Record{{ID: "e05aa883-acaf-40ad-bf54-02c8ce485fb0", Verb: source.VerbVoided}, {ID: "v", Verb: source.VerbVoided}}
	s := &store{answer: func(*http.Request) (int, map[string]string, string) {
		return 200, through, `{"statements":[` + statements + `]}`
	}}
	learned, err := lrs(t, s).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, learned.Records)
	learned, err = drop(t, map[string]string{"statements.json": "[" + statements + "]"}).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, learned.Records)
	learned, err = drop(t, map[string]string{"records.csv": "id,person,course,verb,at\n7,,,voided,\n"}).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []source.Record{{ID: "7", Verb: source.VerbVoided}}, learned.Records)
}

// People and records as plain files.
func TestDirReadsPeopleAndRecords(t *testing.T) {
	t.Parallel()
	learned, err := drop(t, map[string]string{
		"people.csv":   "ref,partner_id,name,email,roles,left\nu-1,par_1,Ada,ada@acme.com,engineer presales,\nu-2,par_1,Bob,bob@acme.com,,yes\n",
		"records.json": `[{"id":1,"person":"u-1","course":"GTX-101","verb":"passed","at":"2026-11-20T09:00:00+01:00","score":92.5},{"id":"2","person":"u-1","partner_id":"par_1","course":"GTX-201","verb":"progressed","at":"2026-11-20T08:00:00Z","progress":40}]`,
	}).LMS(t.Context())
	require.NoError(t, err)
	require.Len(t, learned.People, 2)
	assert.Len(t, learned.People[0].Roles, 2)
	assert.True(t, learned.People[1].Left)
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	assert.Equal(t, []source.Record{
		{ID: "1", Person: "u-1", Course: "GTX-101", Verb: source.VerbPassed, At: at, Score: "92.5"},
		{ID: "2", Person: "u-1", PartnerID: "par_1", Course: "GTX-201", Verb: source.VerbProgressed, At: at, Progress: 40},
	}, learned.Records)
	assert.Nil(t, learned.Completions)

	header := "id,person,course,verb,at,score,progress\n"
	for name, test := range map[string]struct{ file, content, want string }{
		"no verb":           {"records.csv", header + "1,u,GTX,liked,2026-11-20T08:00:00Z,,\n", "line 2: verb"},
		"no instant":        {"records.csv", header + "1,u,GTX,passed,yesterday,,\n", "line 2: at"},
		"no percentage":     {"records.csv", header + "1,u,GTX,passed,2026-11-20T08:00:00Z,120,\n", "line 2: score"},
		"no progress":       {"records.csv", header + "1,u,GTX,passed,2026-11-20T08:00:00Z,,half\n", "line 2: progress"},
		"nobody":            {"people.csv", "ref,partner_id,name,email\n,par_1,Ada,a@b\n", "line 2: ref is missing"},
		"perhaps left":      {"people.csv", "ref,partner_id,name,email,left\nu,par_1,Ada,a@b,maybe\n", "line 2: left"},
		"no array":          {"statements.json", "{}", "no JSON array"},
		"an open array":     {"statements.json", "[", "does not end"},
		"more than one":     {"statements.json", "[] []", "something follows"},
		"lines of an array": {"statements.jsonl", "[]", "statement 1: it is no JSON object"},
		"half a line":       {"statements.jsonl", `{"id":`, "statement 1"},
		"a stray bracket":   {"statements.jsonl", "]", "something follows"},
		"another type":      {"statements.json", `[{"id":7}]`, "statement 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drop(t, map[string]string{test.file: test.content}).LMS(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
}

// A home page is an address with a host, however it is written; all else is part of the name.
func TestAccount(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string][2]string{
		"https://lms.example.com u-7":      {"https://lms.example.com", "u-7"},
		"HTTPS://LMS.example.com/ u-7":     {"https://lms.example.com", "u-7"},
		"https://lms.example.com/A Ada L.": {"https://lms.example.com/A", "Ada L."},
		"u-7":                              {"", "u-7"},
		"Ada Lovelace":                     {"", "Ada Lovelace"},
		"ldap:ada smith":                   {"", "ldap:ada smith"},
		"https://id.example.com/ada":       {"", "https://id.example.com/ada"},
		"https://lms.example.com ":         {"", "https://lms.example.com "},
		"://x u-7":                         {"", "://x u-7"},
		"":                                 {"", ""},
	} {
		homePage, name := source.Account(ref)
		assert.Equal(t, want, [2]string{homePage, name}, ref)
	}
}

func TestIsPercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0": true, "92.5": true, "100": true, "100.00": true, "07": true, "": false, "100.01": false, "101": false, "-1": false, "1.": false, ".5": false, "1.234": false, "1e1": false, "١": false,
	} {
		assert.Equal(t, want, source.IsPercent(text), text)
	}
}
