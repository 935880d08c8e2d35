package assets_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	n, err := newClient(new(shelf)).Download(t.Context(), "ast_1", assets.LinkRequest{AcceptTerms: true}, &b)
	require.NoError(t, err)
	assert.EqualValues(t, len(brochure), n)
	assert.Equal(t, brochure, b.String())

	_, err = newClient(new(shelf)).Download(t.Context(), "ast_2", assets.LinkRequest{}, &b)
	require.ErrorIs(t, err, assets.ErrWithdrawn)
	_, err = newClient(&shelf{damaged: true}).Download(t.Context(), "ast_1", assets.LinkRequest{AcceptTerms: true}, &b)
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent)
}

func TestWhatIsOver(t *testing.T) {
	t.Parallel()
	for status, want := range map[assets.JobStatus]bool{
		assets.JobStatusQueued: false, assets.JobStatusRendering: false, assets.JobStatusReady: true, assets.JobStatusFailed: true, assets.JobStatusExpired: true,
	} {
		assert.Equal(t, want, (&assets.Job{Status: status}).Over(), status)
	}
	assert.False(t, (&assets.Asset{}).CoBrandable())
	assert.True(t, (&assets.Asset{CoBrand: assets.Template{FileID: "file_1"}}).CoBrandable())
}
