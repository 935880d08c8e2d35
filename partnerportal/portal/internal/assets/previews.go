package assets

import (
	"context"
	"net/http"
	"path"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// OpenPreview returns a picture of an asset.
func (s *Service) OpenPreview(ctx context.Context, assetID string) (*partnerportal.Download, error) {
	a, err := open(ctx, call.From(ctx), assetID)
	if err != nil {
		return nil, err
	}
	if !a.Preview {
		return nil, noPreview()
	}
	return s.picture(ctx, previewOf(a), pictured(a).Name)
}

// OpenJobPreview returns a picture of what a job has made.
func (s *Service) OpenJobPreview(ctx context.Context, jobID string) (*partnerportal.Download, error) {
	c := call.From(ctx)
	j, err := loadJob(ctx, c, jobID)
	if err != nil {
		return nil, err
	}
	if _, err := open(ctx, c, j.AssetID); err != nil {
		return nil, err
	}
	if !j.Preview {
		return nil, noPreview()
	}
	return s.picture(ctx, jobPreview(j), j.Output.Name)
}

func noPreview() error {
	return refuse(http.StatusNotFound, contract.ErrNoPreview, "There is no picture, or none yet.")
}

func (s *Service) picture(ctx context.Context, blob, name string) (*partnerportal.Download, error) {
	return s.content(ctx, blob, contract.Output{Name: strings.TrimSuffix(name, path.Ext(name)) + ".png", MediaType: brand.PNG, Size: -1})
}
