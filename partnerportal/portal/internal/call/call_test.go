package call_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

func TestCallers(t *testing.T) {
	t.Parallel()
	partner := call.Caller{Side: partnerportal.SidePartner, PartnerID: "par_1", ClientID: "cli_1", Name: "CRM", Scopes: []string{"deals:read"}}
	vendor := call.Caller{Side: partnerportal.SideVendor}
	assert.Equal(t, "par_1", partner.Owner())
	assert.Equal(t, "vendor", vendor.Owner())
	assert.Equal(t, "vendor", call.System.Owner())
	assert.True(t, vendor.Vendor())
	assert.False(t, partner.Vendor())
	assert.True(t, partner.May())
	assert.True(t, partner.May("deals:write", "deals:read"))
	assert.False(t, partner.May("deals:write"))
	assert.Equal(t, partnerportal.Actor{Side: partnerportal.SidePartner, ID: "cli_1", Name: "CRM"}, partner.Actor())
}

func TestAsGivesTheCallerBack(t *testing.T) {
	t.Parallel()
	c := &call.Call{Caller: call.Caller{ClientID: "cli_1"}}
	broken := errors.New("broken")
	require.ErrorIs(t, c.As(call.System, func() error {
		assert.Equal(t, call.System, c.Caller)
		return broken
	}), broken)
	assert.Panics(t, func() { _ = c.As(call.System, func() error { panic("worse") }) })
	assert.Equal(t, "cli_1", c.Caller.ClientID)
}

func TestContextWithoutCall(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { call.From(t.Context()) })
	c := new(call.Call)
	assert.Same(t, c, call.From(call.With(t.Context(), c)))
	require.ErrorIs(t, call.NotFound("deal"), partnerportal.ErrNotFound)
}
