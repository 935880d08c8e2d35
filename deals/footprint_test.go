package deals_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An importer pays for what it links. Both programs get one deal; what the SDK adds to net/http and encoding/json stays
// below 1.5 MB.
func TestFootprint(t *testing.T) {
	if testing.Short() {
		t.Skip("links two programs")
	}
	sdk, plain := linked(t, "sdk"), linked(t, "plain")
	t.Logf("stripped: %d bytes with the SDK, %d without: %+d", sdk, plain, sdk-plain)
	assert.LessOrEqual(t, sdk-plain, int64(1_500_000))
}

func linked(t *testing.T, program string) int64 {
	t.Helper()
	binary := filepath.Join(t.TempDir(), program)
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", binary, "./testdata/footprint/"+program)
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	info, err := os.Stat(binary)
	require.NoError(t, err)
	return info.Size()
}
