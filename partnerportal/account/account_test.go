package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// The tag is that of the figures: it survives the way over the wire and the next reading, and not a change.
func TestSummaryETag(t *testing.T) {
	t.Parallel()
	money := account.New(newClient())
	var resp partnerportal.Response
	first, err := money.Summary(t.Context(), account.SummaryParams{}, partnerportal.WithResponse(&resp))
	require.NoError(t, err)
	assert.Equal(t, resp.ETag(), first.ETag())
	again, err := money.Summary(t.Context(), account.SummaryParams{})
	require.NoError(t, err)
	assert.NotEqual(t, first.GeneratedAt, again.GeneratedAt)
	assert.Equal(t, first.ETag(), again.ETag())
	changed := *again
	changed.Commissions.Due = usd("18400.01")
	assert.NotEqual(t, first.ETag(), changed.ETag())
	assert.Equal(t, time.Unix(2, 0).UTC(), again.GeneratedAt, "reading the tag changes nothing")
	_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(&changed))
	require.NoError(t, err)
	for _, tags := range []string{first.ETag(), "W/" + first.ETag(), `"other", ` + first.ETag(), "*"} {
		_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.WithHeader("If-None-Match", tags))
		require.ErrorIs(t, err, partnerportal.ErrNotModified, tags)
	}
	_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(nil))
	require.ErrorIs(t, err, partnerportal.ErrInvalidArgument)
}
