package events

import (
	"encoding/binary"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// writeCursor makes a cursor of a sequence number, sealed for its reader.
func writeCursor(c *call.Call, sequence int64) string {
	return c.Tx.Seal(binary.BigEndian.AppendUint64(nil, uint64(sequence)), cursorOf(c))
}

func readCursor(c *call.Call, cursor string) (sequence int64, ok bool) {
	plain, ok := c.Tx.Unseal(cursor, cursorOf(c))
	if !ok || len(plain) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(plain)), true
}

func cursorOf(c *call.Call) string { return "events " + c.Caller.Owner() }
