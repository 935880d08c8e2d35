package files_test

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// victimFile, in the environment, makes the test binary the process that will be killed.
const victimFile = "PARTNERPORTAL_TEST_FILES_VICTIM"

func TestMain(m *testing.M) {
	if file := os.Getenv(victimFile); file != "" {
		victim(file, os.Getenv(victimFile+"_KEY"))
		return
	}
	os.Exit(m.Run())
}

// stuck gives half a file, says so, and never comes back.
type stuck struct{ half io.Reader }

func (s *stuck) Read(p []byte) (int, error) {
	if n, _ := s.half.Read(p); n > 0 {
		return n, nil
	}
	_, _ = os.Stdout.WriteString("half\n")
	select {}
}

// victim uploads file after file, with one that is stuck half-way, until it is killed. It writes what was answered to standard output.
func victim(file, key string) {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite:"+file)
	if err != nil {
		panic(err)
	}
	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		panic(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		half := io.MultiReader(strings.NewReader(pdf), strings.NewReader(strings.Repeat("x", 1<<20)))
		_, _ = files.New(pp).Upload(ctx, files.Upload{File: files.Content{Name: "half.pdf", Reader: &stuck{half}}})
	})
	for range 2 {
		group.Go(func() {
			for i := 0; ; i++ {
				f, err := files.New(pp).Upload(ctx, content("a.pdf", pdf+strconv.Itoa(i)))
				if err != nil {
					panic(err)
				}
				_, _ = os.Stdout.WriteString(f.ID + "\n")
			}
		})
	}
	group.Wait()
}

// TestKilledHalfWay kills a portal with SIGKILL while files come in. What was answered is there; of the rest, a day later, there is
// nothing: each row has its content and each content its row.
func TestKilledHalfWay(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	file := filepath.Join(t.TempDir(), "portal.db")
	p, err := portal.Open(t.Context(), "sqlite:"+file)
	require.NoError(t, err)
	partner, err := p.Admin().CreatePartner(t.Context(), portal.Partner{Name: "Acme", Country: "US"})
	require.NoError(t, err)
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: partner.ID, Name: "Victim"})
	require.NoError(t, err)
	require.NoError(t, p.Close())

	var answered []string
	for range 2 {
		answered = append(answered, killAfter(t, file, key, 10)...)
	}
	folder, err := os.ReadDir(file + ".files")
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(folder, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".part") }), "something was half done")

	nextDay := func() time.Time { return time.Now().Add(25 * time.Hour) }
	p, err = portal.Open(t.Context(), "sqlite:"+file, portal.WithClock(nextDay))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	_, err = p.Tick(t.Context())
	require.NoError(t, err)

	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	for _, id := range answered {
		_, err := files.New(pp).Download(t.Context(), id, io.Discard)
		require.NoError(t, err, "what was answered is there")
	}
	inTable, inFolder := idsIn(t, file), []string{}
	folder, err = os.ReadDir(file + ".files")
	require.NoError(t, err)
	for _, e := range folder {
		inFolder = append(inFolder, e.Name())
	}
	assert.ElementsMatch(t, inTable, inFolder)
	assert.Subset(t, inTable, answered)
}

// killAfter lets a victim upload n files, waits until another is half done, and kills it.
func killAfter(t *testing.T, file, key string, n int) (answered []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+file, victimFile+"_KEY="+key)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	half := false
	for lines := bufio.NewScanner(out); (len(answered) < n || !half) && lines.Scan(); {
		if lines.Text() == "half" {
			half = true
			continue
		}
		answered = append(answered, lines.Text())
	}
	require.NoError(t, cmd.Process.Kill())
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
	require.Error(t, cmd.Wait(), "it ran until it was killed")
	require.True(t, half && len(answered) >= n, stderr.String())
	return answered
}

func idsIn(t *testing.T, file string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT id FROM files")
	require.NoError(t, err)
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(t, rows.Err())
	return ids
}
