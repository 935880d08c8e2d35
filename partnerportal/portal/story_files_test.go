package portal_test

import (
	"io"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

// files: a partner uploads two files, reads one back in full and in part, and removes it.
func (s *story) files() {
	t, ctx, acme := s.t, s.ctx, s.acme.files
	const text = "%PDF-1.7 the invoice"
	upload := files.Upload{Purpose: files.PurposeProof, File: files.Content{Name: "invoice.pdf", Reader: strings.NewReader(text)}}
	f := did[files.File](s)(acme.Upload(ctx, upload))
	assert.Equal(t, f, did[files.File](s)(acme.Get(ctx, f.ID)))
	for part, want := range map[string]string{"bytes=0-": text, "bytes=1-3": "PDF"} {
		d := did[partnerportal.Download](s)(acme.Open(ctx, f.ID, partnerportal.WithHeader("Range", part)))
		got, err := io.ReadAll(d)
		require.NoError(t, err)
		s.ok(d.Close())
		assert.Equal(t, want, string(got))
	}
	d := did[partnerportal.Download](s)(acme.Open(ctx, f.ID))
	s.ok(d.Close())
	_, err := acme.Open(ctx, f.ID, partnerportal.WithHeader("Range", "bytes=1000-"))
	s.refused("range_not_satisfiable", err)
	_, err = s.globex.files.Get(ctx, f.ID)
	s.refused("not_found", err)
	_, err = acme.Upload(ctx, files.Upload{Purpose: files.PurposeLogo, File: files.Content{Name: "logo.png", Reader: strings.NewReader(text)}})
	s.refused("media_type_not_allowed", err)
	s.ok(acme.Delete(ctx, f.ID))
}
