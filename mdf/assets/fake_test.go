package assets_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

const brochure = "%PDF-1.7 the brochure"

// shelf stands in for a portal: it has one asset, and draws what it is asked for at once. What it does not do, no test asks of it.
type shelf struct {
	assets.Server

	damaged bool // what it sends is not what it promised
}

func (*shelf) List(context.Context, *assets.ListParams) (*assets.Page, error) {
	return &assets.Page{Items: []assets.Asset{{
		ID: "ast_1", Status: assets.StatusPublished, Title: "GTX data sheet", Kind: assets.KindDatasheet, Version: 1, Access: assets.AccessAvailable,
		CoBrand: assets.Template{FileID: "file_1", Zones: []assets.Zone{{ID: "logo", Kind: assets.ZoneKindLogo, Required: true}}},
	}}}, nil
}

func (*shelf) CreateLink(_ context.Context, id string, body *assets.LinkRequest) (*assets.Link, error) {
	switch {
	case id != "ast_1":
		return nil, &partnerportal.Error{Status: http.StatusGone, Code: assets.ErrWithdrawn, Detail: "The asset was withdrawn. Stop using it."}
	case !body.AcceptTerms:
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: assets.ErrTerms}
	}
	sum := sha256.Sum256([]byte(brochure))
	return &assets.Link{ID: "dl_1", Token: "t", URL: "/downloads/t", Name: "gtx.pdf", MediaType: "application/pdf", Size: int64(len(brochure)), SHA256: hex.EncodeToString(sum[:])}, nil
}

func (s *shelf) Open(context.Context, string) (*partnerportal.Download, error) {
	content := brochure
	if s.damaged {
		content = strings.ToUpper(content)
	}
	return &partnerportal.Download{ReadCloser: io.NopCloser(strings.NewReader(content)), Name: "gtx.pdf", MediaType: "application/pdf", Size: int64(len(content))}, nil
}

func (*shelf) CoBrand(_ context.Context, id string, body *assets.CoBranding) (*assets.Job, error) {
	if len(body.Values) == 0 {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: assets.ErrZone, Detail: "logo is missing.",
			Fields: []partnerportal.FieldError{{Pointer: "/values", Code: "required", Message: "logo is missing."}}}
	}
	return &assets.Job{ID: "cob_1", AssetID: id, AssetVersion: 1, Status: assets.JobStatusReady, Values: body.Values, Output: assets.Output{Name: "gtx.pdf"}}, nil
}

func newClient(s *shelf) *assets.Client {
	router := partnerportal.NewRouter()
	assets.Mount(router, s)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return assets.New(pp)
}
