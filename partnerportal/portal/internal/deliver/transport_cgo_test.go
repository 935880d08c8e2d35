//go:build cgo

package deliver_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The resolver of the C library takes 0x7f.1 and 2130706433 for addresses. Which one resolves is settled once per process, so this is another.
func TestSpellingsAsC(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpellings$")
	c.Env = append(os.Environ(), "GODEBUG=netdns=cgo", resolveAsC+"=1")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
