package webhook_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

var benchSizes = []int{1 << 10, 16 << 10, 256 << 10, 1 << 20}

func sizeName(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dMiB", n>>20)
}

// BenchmarkFloor is the HMAC alone, reused, over the body alone: what no verifier can be faster than.
func BenchmarkFloor(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(sizeName(size), func(b *testing.B) {
			body := bytes.Repeat([]byte("x"), size)
			mac := hmac.New(sha256.New, bytes.Repeat([]byte("k"), 32))
			var sum [sha256.Size]byte
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				mac.Reset()
				mac.Write(body)
				mac.Sum(sum[:0])
			}
		})
	}
}

// BenchmarkVerify is the whole decision: headers, limits, clock, MAC, strict base64, comparison.
func BenchmarkVerify(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(sizeName(size), func(b *testing.B) {
			v, h, body := benchDelivery(b, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(h, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerifyOverFloor reports the ratio of the two, taken by turns, from the best of each: on a shared machine an average says
// more about the neighbours. The goal is 1.25 at 1 KiB and 1.05 from 16 KiB.
func BenchmarkVerifyOverFloor(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(sizeName(size), func(b *testing.B) {
			v, h, body := benchDelivery(b, size)
			mac := hmac.New(sha256.New, bytes.Repeat([]byte("k"), 32))
			var sum [sha256.Size]byte
			best := [2]time.Duration{time.Hour, time.Hour}
			batch := max(1, 64<<10/size)
			for b.Loop() {
				begin := time.Now()
				for range batch {
					mac.Reset()
					mac.Write(body)
					mac.Sum(sum[:0])
				}
				best[0] = min(best[0], time.Since(begin))
				begin = time.Now()
				for range batch {
					if _, err := v.Verify(h, body); err != nil {
						b.Fatal(err)
					}
				}
				best[1] = min(best[1], time.Since(begin))
			}
			b.ReportMetric(float64(best[0])/float64(batch), "floor-ns")
			b.ReportMetric(float64(best[1])/float64(batch), "verify-ns")
			b.ReportMetric(float64(best[1])/float64(best[0]), "x-floor")
		})
	}
}

// BenchmarkSign is the sender's side.
func BenchmarkSign(b *testing.B) {
	s, err := webhook.NewSigner(webhook.GenerateSecret())
	require.NoError(b, err)
	body, at := bytes.Repeat([]byte("x"), 1<<10), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign("evt_01j8x4c6v0e8m9t2k3r5q7w1zy", at, body); err != nil {
			b.Fatal(err)
		}
	}
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	v, h, body := benchDelivery(t, 1<<10)
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := v.Verify(h, body); err != nil {
			t.Error(err)
		}
	})
	// The race detector makes sync.Pool forget on purpose, so the state is then made anew.
	if !raceEnabled {
		require.Zero(t, allocs)
	}
}

func benchDelivery(tb testing.TB, size int) (*webhook.Verifier, http.Header, []byte) {
	tb.Helper()
	key := webhook.GenerateSecret()
	v, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(tb, err)
	s, err := webhook.NewSigner(key)
	require.NoError(tb, err)
	h, body := http.Header{
		"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}, "Content-Length": {"1024"}, "Content-Type": {"application/json"},
		"User-Agent": {"portal/1.0"}, "X-Forwarded-For": {"192.0.2.7"}, "X-Forwarded-Proto": {"https"},
	}, bytes.Repeat([]byte("x"), size)
	require.NoError(tb, s.SetHeaders(h, "evt_01j8x4c6v0e8m9t2k3r5q7w1zy", time.Now(), body))
	return v, h, body
}
