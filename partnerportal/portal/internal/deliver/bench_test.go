package deliver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
)

// BenchmarkDeliver sends a backlog of events to one endpoint on this machine, over HTTP, from a database on disk. An operation is one event:
// read from the feed, made a delivery, claimed, signed, sent and recorded.
func BenchmarkDeliver(b *testing.B) {
	for _, subjects := range []int{1, 100} {
		b.Run(fmt.Sprintf("subjects=%d", subjects), func(b *testing.B) {
			r := newRig(b, "sqlite:"+filepath.Join(b.TempDir(), "portal.db"))
			var arrived atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				_, _ = io.Copy(io.Discard, req.Body)
				arrived.Add(1)
				w.WriteHeader(http.StatusNoContent)
			}))
			b.Cleanup(server.Close)
			sender := deliver.New(deliver.Config{Store: r.store, Source: r.source, Transport: testGuard(nil).Transport()})
			b.Cleanup(sender.Close)
			r.insert("vendor", "enabled", server.URL)
			const batch = 1000
			for made := 0; made < b.N; made += batch {
				names := make([]string, min(batch, b.N-made))
				for i := range names {
					names[i] = fmt.Sprintf("deal_%d", (made+i)%subjects)
				}
				r.happen(names...)
			}
			b.ResetTimer()
			for arrived.Load() < int64(b.N) {
				if err := sender.Settle(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
