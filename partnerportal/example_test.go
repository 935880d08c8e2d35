package partnerportal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// examplePortal answers as a portal would. Outside of examples it is at the other end of a URL.
func examplePortal() http.Handler {
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, kind string, status int, body string) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Request-Id", "req_1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, "application/json", 200, `{"access_token":"t1","token_type":"Bearer","expires_in":3600}`)
	})
	mux.HandleFunc("GET /v1/scores/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "acme" {
			reply(w, "application/problem+json", 404, `{"code":"not_found","detail":"There is no such score."}`)
			return
		}
		reply(w, "application/json", 200, `{"points":87}`)
	})
	return mux
}

var getScore = &partnerportal.Operation{ID: "scores.get", Method: "GET", Path: "/scores/{partner}"}

type score struct {
	Points int `json:"points"`
}

func ExampleNew() {
	pp, err := partnerportal.New("https://portal.example.com",
		partnerportal.WithClientCredentials("acme-crm", "s3cret", "deals:read", "deals:write"),
		partnerportal.WithApplication("acme-crm", "2.3.0"),
		partnerportal.WithHandler(examplePortal()), // instead of the network, so that this example runs anywhere
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pp)
	// Output: partnerportal.Client(https://portal.example.com)
}

// An operation that this version of the SDK does not know yet can be called all the same.
func ExampleClient_Do() {
	pp, _ := partnerportal.New("", partnerportal.WithHandler(examplePortal()), partnerportal.WithAPIKey("ppk_example"))
	var result score
	var resp partnerportal.Response
	err := pp.Do(context.Background(), &partnerportal.Request{Op: getScore, PathArgs: []string{"acme"}}, &result, partnerportal.WithResponse(&resp))
	fmt.Println(result.Points, resp.Status, resp.RequestID, err)
	// Output: 87 200 req_1 <nil>
}

func ExampleError() {
	pp, _ := partnerportal.New("", partnerportal.WithHandler(examplePortal()), partnerportal.WithAPIKey("ppk_example"))
	_, err := partnerportal.Invoke[score](context.Background(), pp, &partnerportal.Request{Op: getScore, PathArgs: []string{"nobody"}})
	switch {
	case errors.Is(err, partnerportal.ErrNotFound):
		fmt.Println("no such partner")
	case errors.Is(err, partnerportal.ErrRateLimited):
		fmt.Println("later")
	}
	if e, ok := errors.AsType[*partnerportal.Error](err); ok {
		fmt.Println(e.Detail)
	}
	fmt.Println(err)
	// Output:
	// no such partner
	// There is no such score.
	// scores.get: 404 not_found (request req_1)
}

// What a refusal tells beside its code are members of the problem. Packages have functions for those that a program decides by.
func ExampleExtensionOf() {
	var err error = &partnerportal.Error{Code: "quote_not_accepted", Extensions: map[string]json.RawMessage{"quote_status": json.RawMessage(`"presented"`)}}
	status, ok := partnerportal.ExtensionOf[string](err, "quote_status")
	fmt.Println(status, ok)
	// Output: presented true
}

// A key made from what identifies the business event stays the same when the program is started again, and so the event is
// registered once.
func ExampleDeriveKey() {
	fmt.Println(partnerportal.DeriveKey("crm-import", "opportunity/006Qx00000A1b2C/register"))
	// Output: pp1_bac381003ceea3b62741573a819d5a95727371ef
}

func ExampleCollect() {
	pages := map[string][]string{"": {"deal_1", "deal_2"}, "c2": {"deal_3"}}
	next := map[string]string{"": "c2"}
	seq := partnerportal.Paginate(context.Background(), "", nil, func(_ context.Context, cursor, _ string) ([]string, string, error) {
		return pages[cursor], next[cursor], nil
	})
	deals, err := partnerportal.Collect(seq)
	fmt.Println(deals, err)
	// Output: [deal_1 deal_2 deal_3] <nil>
}

func ExampleMoney() {
	list := partnerportal.MustMoney("125000.00", "USD")
	fee := partnerportal.MustMoney("0.0125", "USD")
	net, _ := list.MulRat(875, 1000) // a discount of 12.5 %
	total, _ := net.Add(fee)
	payable, _ := total.Round()
	fmt.Println(net, total, payable)

	_, err := list.Add(partnerportal.MustMoney("1", "EUR"))
	fmt.Println(errors.Is(err, partnerportal.ErrCurrencyMismatch))

	wire, _ := json.Marshal(payable)
	fmt.Println(string(wire))
	// Output:
	// 109375.00 USD 109375.0125 USD 109375.01 USD
	// true
	// {"amount":"109375.01","currency":"USD"}
}

func ExampleMoney_Share() {
	line := partnerportal.MustMoney("100.00", "USD")
	canceled, _ := line.Share(3, 7) // three of seven units
	fmt.Println(canceled)
	// Output: 42.86 USD
}

func ExampleDate() {
	closing, _ := partnerportal.ParseDate("2026-12-30")
	fmt.Println(closing.AddDays(90), closing.DaysSince(partnerportal.DateOf(time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC))))
	fmt.Println(closing.AddMonths(2)) // there is no 30 February
	// Output:
	// 2027-03-30 29
	// 2027-02-28
}

func ExampleOpt() {
	type patch struct {
		Name partnerportal.Opt[string] `json:"name,omitzero"`
		Note partnerportal.Opt[string] `json:"note,omitzero"`
		City partnerportal.Opt[string] `json:"city,omitzero"`
	}
	body, _ := json.Marshal(patch{Name: partnerportal.Set("Acme FY27"), Note: partnerportal.Null[string]()})
	fmt.Println(string(body))
	// Output: {"name":"Acme FY27","note":null}
}

func ExampleSecret() {
	key := partnerportal.NewSecret("ppk_example")
	fmt.Println(key, len(key.Reveal()))
	// Output: REDACTED 11
}
