package partnerportal_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// busyAt turns the first n requests away, and then lets them through.
func busyAt(n int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n > 0 {
			n--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// A program in a hurry tries less often and waits less than the default. The policy holds for a client or for one call.
func ExampleWithRetry() {
	pp, err := partnerportal.New("", partnerportal.WithHandler(busyAt(1, examplePortal())), partnerportal.WithAPIKey("ppk_example"),
		partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 2, BaseDelay: 10 * time.Millisecond}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var resp partnerportal.Response
	_, err = partnerportal.Invoke[score](context.Background(), pp, &partnerportal.Request{Op: getScore, PathArgs: []string{"acme"}},
		partnerportal.WithTimeout(time.Minute), partnerportal.WithResponse(&resp))
	fmt.Println(resp.Attempts, err)
	// Output: 2 <nil>
}

// The log shows every attempt, and nothing that is secret.
func ExampleWithLogger() {
	unchanging := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Value.Kind() == slog.KindDuration {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: unchanging}))
	pp, err := partnerportal.New("", partnerportal.WithHandler(examplePortal()), partnerportal.WithAPIKey("ppk_example"), partnerportal.WithLogger(logger))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := pp.Do(context.Background(), &partnerportal.Request{Op: getScore, PathArgs: []string{"acme"}}, nil); err != nil {
		fmt.Println(err)
	}
	// Output: level=DEBUG msg="partnerportal call" operation=scores.get method=GET path=/scores/{partner} attempt=1 status=200 request_id=req_1
}

// The key makes the call safe to repeat, even from a program that was started anew: the portal answers as it did before.
func ExampleWithIdempotencyKey() {
	award := &partnerportal.Operation{ID: "scores.award", Method: http.MethodPost, Path: "/scores", Status: http.StatusCreated, Idempotent: true}
	given := map[string]*score{}
	router := partnerportal.NewRouter() // stands in for a portal
	router.Handle(award, func(in *partnerportal.Incoming) (any, error) {
		if given[in.IdempotencyKey()] == nil {
			given[in.IdempotencyKey()] = &score{Points: 10 * (len(given) + 1)}
		}
		return given[in.IdempotencyKey()], nil
	})
	pp, err := partnerportal.New("", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range []string{"order/1", "order/1", "order/2"} {
		result, err := partnerportal.Invoke[score](context.Background(), pp, &partnerportal.Request{Op: award},
			partnerportal.WithIdempotencyKey(partnerportal.DeriveKey("awards", event)))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event, result.Points)
	}
	// Output:
	// order/1 10
	// order/1 10
	// order/2 20
}

// A Router is the other end of the contract, here with middleware that lets nobody write.
func ExampleRouter() {
	readOnly := func(next partnerportal.Endpoint) partnerportal.Endpoint {
		return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
			if in.Op.Method != http.MethodGet {
				return nil, &partnerportal.Error{Status: http.StatusForbidden, Code: "read_only", Detail: "The portal is closed for the night."}
			}
			return next(in)
		}
	}
	drop := &partnerportal.Operation{ID: "scores.drop", Method: http.MethodDelete, Path: "/scores/{partner}", Status: http.StatusNoContent}
	router := partnerportal.NewRouter(readOnly)
	router.Handle(getScore, func(in *partnerportal.Incoming) (any, error) {
		return &score{Points: len(in.PathValue("partner"))}, nil
	})
	router.Handle(drop, func(*partnerportal.Incoming) (any, error) { return nil, nil })

	pp, err := partnerportal.New("", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := partnerportal.Invoke[score](context.Background(), pp, &partnerportal.Request{Op: getScore, PathArgs: []string{"acme"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Points)
	fmt.Println(pp.Do(context.Background(), &partnerportal.Request{Op: drop, PathArgs: []string{"acme"}}, nil))
	// Output:
	// 4
	// scores.drop: 403 read_only
}
