// Package sandbox drives a portal that is a sandbox: its clock can be turned forward and its vendor be played, so that a
// partner's integration can be tested through approval, expiry and everything else that takes days and another side.
//
//	sb := sandbox.New(pp)
//	_, err := sb.SimulateDeal(ctx, deal.ID, sandbox.DealSimulation{Action: sandbox.DealActionApprove})
//	_, err = sb.Advance(ctx, sandbox.Days(91)) // the protection ends, and the partner is told before
//
// A portal with real deals answers every one of these operations with [partnerportal.ErrNotFound]. For tests in Go that need
// no portal of their own, package portal/portaltest has all this in process.
package sandbox

import (
	"strconv"
	"time"
)

// Days turns the clock forward by n days of 24 hours.
func Days(n int) Turn { return Turn{Advance: "P" + strconv.Itoa(n) + "D"} }

// By turns the clock forward by d, in whole seconds.
func By(d time.Duration) Turn {
	return Turn{Advance: "PT" + strconv.FormatInt(int64(d/time.Second), 10) + "S"}
}

// To turns the clock forward to t.
func To(t time.Time) Turn { return Turn{To: t} }
