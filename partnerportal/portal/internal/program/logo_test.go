package program_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestLogo(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		upload := func(owner *partnerportal.Client, purpose files.Purpose, size int) string {
			var picture bytes.Buffer
			require.NoError(t, png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, size, size))))
			f, err := files.New(owner).Upload(ctx, files.Upload{Purpose: purpose, File: files.Content{Name: "logo.png", Reader: &picture}})
			require.NoError(t, err)
			return f.ID
		}
		used := func(id string) bool {
			f, err := files.New(d.Acme).Get(ctx, id)
			require.NoError(t, err)
			return f.Used
		}
		first, second := upload(d.Acme, files.PurposeLogo, 10), upload(d.Acme, files.PurposeLogo, 20)
		p, err := d.acme.SetLogo(ctx, d.AcmeID, program.Logo{FileID: first})
		require.NoError(t, err)
		assert.Equal(t, first, p.LogoFileID)
		assert.True(t, used(first))
		again, err := d.acme.SetLogo(ctx, d.AcmeID, program.Logo{FileID: first}, partnerportal.IfMatch(p))
		require.NoError(t, err)
		assert.Equal(t, p.Revision, again.Revision, "nothing has changed")

		_, err = d.vendor.UpdatePartner(ctx, d.AcmeID, program.PartnerPatch{Country: partnerportal.Set("DE")}, partnerportal.IfMatch(p))
		require.NoError(t, err)
		_, err = d.acme.SetLogo(ctx, d.AcmeID, program.Logo{FileID: second}, partnerportal.IfMatch(p))
		require.ErrorIs(t, err, partnerportal.ErrStale)
		host := *p
		host.LogoFileID = ""
		_, err = d.Admin().UpdatePartner(ctx, host)
		require.NoError(t, err)
		p, err = d.acme.SetLogo(ctx, d.AcmeID, program.Logo{FileID: second})
		require.NoError(t, err)
		assert.Equal(t, second, p.LogoFileID)
		assert.False(t, used(first))
		assert.True(t, used(second))

		for name, id := range map[string]string{"another's": upload(d.Globex, files.PurposeLogo, 10), "none": "file_x", "no logo": upload(d.Acme, files.PurposeProof, 30)} {
			_, err = d.acme.SetLogo(ctx, d.AcmeID, program.Logo{FileID: id})
			require.ErrorIs(t, err, partnerportal.ErrValidation, name)
		}
		_, err = d.globex.SetLogo(ctx, d.AcmeID, program.Logo{})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		p, err = d.acme.SetLogo(ctx, d.AcmeID, program.Logo{})
		require.NoError(t, err)
		assert.Empty(t, p.LogoFileID)
		assert.False(t, used(second))
	})
}
