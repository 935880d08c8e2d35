package credentials

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"strconv"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// Document is something that the public may read.
type Document struct {
	MediaType string
	Body      []byte
	MaxAge    time.Duration // for how long it may be kept without asking again; 0 for not at all
}

// The media types of what is published.
const (
	jwkSet  = "application/jwk-set+json"
	jwk     = "application/jwk+json"
	vcJWT   = "application/vc+jwt"
	jsonLD  = "application/ld+json"
	webPage = "text/html; charset=utf-8"
)

// Keys are the public keys of the issuer.
func (s *Service) Keys(ctx context.Context, tx *store.Tx) (*Document, error) {
	all, err := keys(ctx, tx)
	if err != nil {
		return nil, err
	}
	return document(jwkSet, published(all))
}

// PublicKey is one of them, by its thumbprint. One that was revoked is gone.
func (s *Service) PublicKey(ctx context.Context, tx *store.Tx, thumbprint string) (*Document, error) {
	all, err := keys(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i, k := range all {
		if k.row.ID == thumbprint && k.Status != contract.KeyStatusRevoked {
			return document(jwk, published(all[i : i+1]).Keys[0])
		}
	}
	return nil, call.NotFound("key")
}

// Profile is the issuer as badges name it.
func (s *Service) Profile(ctx context.Context, tx *store.Tx) (*Document, error) {
	issuer, err := issuerOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	if issuer == nil {
		return nil, call.NotFound("issuer yet")
	}
	return document(jsonLD, struct {
		Context []string `json:"@context"`
		badge.Profile
	}{[]string{badge.ContextVC, badge.ContextOB}, profile(issuer)})
}

// Achievement is a definition as badges name it.
func (s *Service) Achievement(ctx context.Context, tx *store.Tx, definitionID string) (*Document, error) {
	issuer, err := issuerOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	d, err := definition(ctx, tx, definitionID)
	if err != nil || issuer == nil {
		return nil, call.OrNotFound(err, "achievement")
	}
	return document(jsonLD, struct {
		Context []string `json:"@context"`
		badge.Achievement
	}{[]string{badge.ContextVC, badge.ContextOB}, achievement(issuer, d)})
}

// AchievementPicture is the picture of a definition, without a badge in it.
func (s *Service) AchievementPicture(ctx context.Context, tx *store.Tx, definitionID string) (*Document, error) {
	d, err := definition(ctx, tx, definitionID)
	if err != nil {
		return nil, call.OrNotFound(err, "achievement")
	}
	content, err := s.png(ctx, d)
	return &Document{MediaType: "image/png", Body: content, MaxAge: listTTL}, err
}

// StatusList is a status list, signed.
func (s *Service) StatusList(ctx context.Context, tx *store.Tx, number string, now time.Time) (*Document, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, call.NotFound("status list")
	}
	list, err := s.statusList(ctx, tx, id, now)
	if err != nil {
		return nil, call.OrNotFound(err, "status list")
	}
	return &Document{MediaType: vcJWT, Body: []byte(list), MaxAge: listTTL}, nil
}

// BadgePNG is the picture of a credential with the badge inside, for whoever has its address.
func (s *Service) BadgePNG(ctx context.Context, tx *store.Tx, credentialID string) (*Document, error) {
	return publicBadge(ctx, tx, credentialID, s.png, "image/png")
}

// BadgeSVG is the same as an SVG.
func (s *Service) BadgeSVG(ctx context.Context, tx *store.Tx, credentialID string) (*Document, error) {
	return publicBadge(ctx, tx, credentialID, s.svg, "image/svg+xml")
}

func publicBadge(ctx context.Context, tx *store.Tx, credentialID string, draw drawing, media string) (*Document, error) {
	k, err := public(ctx, tx, credentialID)
	if err != nil {
		return nil, err
	}
	if k.Origin == contract.OriginImported { // it is not ours to publish, and may hold the address as it is
		d, err := definition(ctx, tx, k.DefinitionID)
		if err != nil {
			return nil, err
		}
		content, err := draw(ctx, d)
		return &Document{MediaType: media, Body: content}, err
	}
	content, err := k.bake(ctx, tx, draw)
	return &Document{MediaType: media, Body: content}, err
}

// public returns a credential that the public may see: one that was issued or accepted. Its id cannot be guessed; whoever has the address was
// given it by the holder or the partner.
func public(ctx context.Context, tx *store.Tx, id string) (*credential, error) {
	k, err := load(ctx, tx, id)
	if err == nil && k.IssuedAt.IsZero() {
		return nil, call.NotFound(credentialResource)
	}
	return k, err
}

//go:embed verify.html
var pageText string

var page = template.Must(template.New("verify").Funcs(template.FuncMap{
	"day": func(t time.Time) string { return t.Format("2 January 2006") },
	"words": func(code contract.CheckResult) string {
		return map[contract.CheckResult]string{"passed": "✓ passed", "failed": "✗ failed"}[code]
	},
	"title": func(name contract.CheckName) string {
		return map[contract.CheckName]string{
			"signature": "It was signed by its issuer", "issuer": "The issuer is known", "validity": "It is valid today",
			"status": "It was not taken away", "holder": "Whose it is", "schema": "It has the form of Open Badges",
		}[name]
	},
}).Parse(pageText))

// Page is the page that verifies a credential for people. It shows no address, and loads nothing from elsewhere.
func (s *Service) Page(ctx context.Context, tx *store.Tx, credentialID string, now time.Time) (*Document, error) {
	k, err := public(ctx, tx, credentialID)
	if err != nil {
		return nil, err
	}
	found, err := s.judge(ctx, tx, k, now)
	if err != nil {
		return nil, err
	}
	seen := k.Credential
	if k.over(now) {
		seen.Status = expired
	}
	issuer := seen.ForeignIssuer
	if k.Origin != contract.OriginImported {
		us, err := issuerOf(ctx, tx)
		if err != nil {
			return nil, err
		}
		issuer = contract.ForeignIssuer{ID: us.ProfileURL, Name: us.Name}
	}
	var b bytes.Buffer
	err = page.Execute(&b, map[string]any{
		"Credential": seen, "Issuer": issuer, "OK": found.OK() && k.counts() && !k.over(now), "Checks": checks(found), "At": now.Truncate(time.Second),
	})
	return &Document{MediaType: webPage, Body: b.Bytes()}, err
}

// document is a document that may be kept as long as a status list.
func document(media string, v any) (*Document, error) {
	body, err := json.Marshal(v)
	return &Document{MediaType: media, Body: body, MaxAge: listTTL}, err
}
