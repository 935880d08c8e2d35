package assets

import (
	"bytes"
	"context"
	"errors"
	"hash"
	"image"
	"io"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// meter measures a content while it passes.
type meter struct {
	content io.Reader
	hash    hash.Hash
	size    int64
	err     error // why the content ended before its end
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.content.Read(p)
	m.size += int64(n)
	_, _ = m.hash.Write(p[:n]) // never fails
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// drawPreview draws the picture of an asset's latest version.
func (s *Service) drawPreview(ctx context.Context, w work) error {
	var a *contract.Asset
	err := s.transact(ctx, func(ctx context.Context) (err error) {
		a, err = load(ctx, call.From(ctx), w.id)
		return err
	})
	if err != nil {
		return err
	}
	drawn, err := s.thumbnail(ctx, a)
	if err != nil && !w.last && !errors.Is(err, brand.ErrContent) {
		return err
	}
	return errors.Join(err, s.done(ctx, w, func(ctx context.Context, c *call.Call) error {
		if !drawn {
			return nil
		}
		return c.Tx.SetAssetPreview(ctx, store.SetAssetPreviewParams{ID: a.ID, Preview: int64(a.Version)})
	}))
}

// thumbnail reports whether there was something to draw.
func (s *Service) thumbnail(ctx context.Context, a *contract.Asset) (drawn bool, err error) {
	file := pictured(a)
	if file == nil {
		return false, nil
	}
	picture, err := s.decode(ctx, file.FileID)
	if err != nil {
		return false, err
	}
	_, err = s.keep(ctx, previewOf(a), func(w io.Writer) error { return brand.Encode(w, brand.Preview(picture), brand.PNG) })
	return err == nil, err
}

func (s *Service) decode(ctx context.Context, fileID string) (image.Image, error) {
	content, err := s.blobs.Open(ctx, fileID)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return brand.Picture(content)
}

// drawJob makes what a job is for.
func (s *Service) drawJob(ctx context.Context, w work) error {
	j, v, err := s.begin(ctx, w)
	if err != nil {
		return err
	}
	err = s.make(ctx, j, v)
	switch {
	case err == nil:
		j.Status = contract.JobStatusReady
		return s.done(ctx, w, func(ctx context.Context, c *call.Call) error { return finish(ctx, c, j, contract.EventCoBrandReady) })
	case errors.Is(err, brand.ErrContent), errors.Is(err, brand.ErrTooLong):
		j.Error = reason(err)
		err = nil // the partner's to mend, or the vendor's
	case w.last:
		j.Error = "The portal could not draw it. Try again, or tell the vendor."
	default:
		return err
	}
	j.Status, j.Output, j.Preview = contract.JobStatusFailed, contract.Output{}, false
	return errors.Join(err, s.done(ctx, w, func(ctx context.Context, c *call.Call) error { return finish(ctx, c, j, contract.EventCoBrandFailed) }))
}

// begin says of a job that somebody is at it.
func (s *Service) begin(ctx context.Context, w work) (j *contract.Job, v *contract.Version, err error) {
	err = s.transact(ctx, func(ctx context.Context) error {
		c := call.From(ctx)
		if j, err = loadJob(ctx, c, w.id); err != nil {
			return err
		}
		if v, err = versionOf(ctx, c, j.AssetID, j.AssetVersion); err != nil {
			return err
		}
		j.Status = contract.JobStatusRendering
		return saveJob(ctx, c, j)
	})
	return j, v, err
}

// make draws a job's output and, of a picture, its preview.
func (s *Service) make(ctx context.Context, j *contract.Job, v *contract.Version) error {
	file := fileOf(v.Files, v.CoBrand.FileID)
	marks, err := s.marks(ctx, j, v)
	if err != nil {
		return err
	}
	var draw func(w io.Writer) error
	if file.MediaType == brand.PDF {
		template, err := s.read(ctx, file.FileID)
		if err != nil {
			return err
		}
		draw = func(w io.Writer) error { return brand.OnPDF(w, bytes.NewReader(template), marks) }
	} else {
		template, err := s.decode(ctx, file.FileID)
		if err != nil {
			return err
		}
		picture, err := brand.OnPicture(template, marks)
		if err != nil {
			return err
		}
		if _, err := s.keep(ctx, jobPreview(j), func(w io.Writer) error { return brand.Encode(w, brand.Preview(picture), brand.PNG) }); err != nil {
			return err
		}
		draw, j.Preview = func(w io.Writer) error { return brand.Encode(w, picture, file.MediaType) }, true
	}
	if j.Output, err = s.keep(ctx, j.ID, draw); err != nil {
		return err
	}
	j.Output.Name, j.Output.MediaType = file.Name, file.MediaType
	return nil
}

// marks are what goes into the zones, in their order.
func (s *Service) marks(ctx context.Context, j *contract.Job, v *contract.Version) ([]brand.Mark, error) {
	var marks []brand.Mark
	for _, z := range v.CoBrand.Zones {
		for _, value := range j.Values {
			if value.Zone != z.ID {
				continue
			}
			m := brand.Mark{Zone: z, Text: value.Text}
			if value.FileID != "" {
				var err error
				if m.Picture, err = s.decode(ctx, value.FileID); err != nil {
					return nil, err
				}
			}
			marks = append(marks, m)
		}
	}
	return marks, nil
}

func (s *Service) read(ctx context.Context, fileID string) ([]byte, error) {
	content, err := s.blobs.Open(ctx, fileID)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(io.LimitReader(content, largestPDF+1))
}
