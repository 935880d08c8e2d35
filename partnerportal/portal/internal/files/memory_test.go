package files_test

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// large, in the environment, makes TestMemory use a file of 1 GiB instead of 256 MiB.
const large = "PARTNERPORTAL_TEST_LARGE_FILE"

// sparse is a large file that takes no room: zeros behind a PDF's first line. As they pass it notes how much memory is in use.
type sparse struct {
	head *strings.Reader
	left int64
	*peak
}

func (s *sparse) Read(p []byte) (int, error) {
	s.watch()
	if n, err := s.head.Read(p); n > 0 {
		return n, err
	}
	n := int(min(s.left, int64(len(p))))
	clear(p[:n])
	if s.left -= int64(n); n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// peak is the largest heap that was seen, looked at every so many calls.
type peak struct {
	calls int
	heap  uint64
}

func (p *peak) watch() {
	if p.calls++; p.calls%256 != 1 {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.heap = max(p.heap, m.HeapAlloc)
}

func (p *peak) Write(data []byte) (int, error) {
	p.watch()
	return len(data), nil
}

// TestMemory holds that both ends together keep a file of any size out of memory, on the way in and on the way out. It does not
// run beside other tests: their memory would be counted.
func TestMemory(t *testing.T) { //nolint:paralleltest // see above
	size := int64(256 << 20)
	if os.Getenv(large) != "" {
		size = 1 << 30
	}
	if testing.Short() {
		size = 64 << 20
	}
	w := onFile(t, portal.WithMaxFileSize(2<<30))
	key, err := w.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: w.AcmeID, Name: "Large"})
	require.NoError(t, err)
	overSocket, err := partnerportal.New(w.URL(), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	inProcess, err := partnerportal.New("", partnerportal.WithHandler(w.Portal), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	for name, pp := range map[string]*partnerportal.Client{"socket": overSocket, "in process": inProcess} {
		c := files.New(pp)
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		in, out := new(peak), new(peak)
		const head = "%PDF-1.7\n"
		f, err := c.Upload(t.Context(), files.Upload{Purpose: files.PurposeAsset, File: files.Content{
			Name: "film.pdf", Reader: &sparse{strings.NewReader(head), size - int64(len(head)), in}}})
		require.NoError(t, err)
		require.Equal(t, size, f.Size)
		n, err := c.Download(t.Context(), f.ID, out)
		require.NoError(t, err)
		require.Equal(t, size, n)
		for way, p := range map[string]*peak{"up": in, "down": out} {
			extra := int64(p.heap) - int64(before.HeapAlloc)
			t.Logf("%s, %s: %d MiB and %d KiB of extra heap", name, way, size>>20, extra>>10)
			assert.Less(t, extra, int64(64<<20))
		}
	}
}

// BenchmarkFiles moves files of 64 MiB in and out, over a socket and in process, hashed and synced to the disk.
func BenchmarkFiles(b *testing.B) {
	const size = 64 << 20
	w := onFile(b)
	key, err := w.Admin().CreateAPIKey(b.Context(), portal.ClientSpec{PartnerID: w.AcmeID, Name: "Large"})
	require.NoError(b, err)
	overSocket, err := partnerportal.New(w.URL(), partnerportal.WithAPIKey(key))
	require.NoError(b, err)
	for name, c := range map[string]*files.Client{"socket": files.New(overSocket), "process": w.acme} {
		var f *files.File
		b.Run(name+"/up", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				content := &sparse{strings.NewReader(pdf), size - int64(len(pdf)), new(peak)}
				f, err = c.Upload(b.Context(), files.Upload{File: files.Content{Name: "film.pdf", Reader: content}})
				require.NoError(b, err)
			}
		})
		b.Run(name+"/down", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				_, err := c.Download(b.Context(), f.ID, io.Discard)
				require.NoError(b, err)
			}
		})
	}
}
