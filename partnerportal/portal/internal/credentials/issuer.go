package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// issuerSetting is under which name the issuer is kept.
const issuerSetting = "credential_issuer"

// issuerOf returns who issues, nil while nobody has said so.
func issuerOf(ctx context.Context, tx *store.Tx) (*contract.Issuer, error) {
	doc, err := tx.Setting(ctx, issuerSetting)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := new(contract.Issuer)
	if err := json.Unmarshal([]byte(doc), i); err != nil {
		return nil, fmt.Errorf("the issuer of credentials: %w", err)
	}
	return i, nil
}

func noIssuer() error {
	return problem.New(http.StatusConflict, contract.ErrIssuerMissing, "Nobody has said yet who issues the credentials. The vendor does so with PUT /credential-issuer.")
}

// GetIssuer returns who issues the credentials.
func (s *Service) GetIssuer(ctx context.Context) (*contract.Issuer, error) {
	i, err := issuerOf(ctx, call.From(ctx).Tx)
	if err == nil && i == nil {
		err = call.NotFound("issuer yet")
	}
	return i, err
}

// PutIssuer says who issues the credentials, and makes the first key.
func (s *Service) PutIssuer(ctx context.Context, ifMatch string, body *contract.Issuer) (*contract.Issuer, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, issuerSetting); err != nil {
		return nil, err
	}
	before, err := issuerOf(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	i := *body
	if i.Revision = 0; before != nil {
		i.Revision = before.Revision
	}
	if err := problem.Unchanged("The issuer", ifMatch, i.Revision); err != nil {
		return nil, err
	}
	if err := checkIssuer(&i); err != nil {
		return nil, err
	}
	if before == nil {
		if _, err := makeKey(ctx, c, &i, i.Algorithm); err != nil {
			return nil, err
		}
	}
	i.Revision, i.UpdatedAt = i.Revision+1, c.Now
	doc, err := json.Marshal(i)
	if err != nil {
		return nil, err
	}
	return &i, c.Tx.SetSetting(ctx, store.SetSettingParams{Name: issuerSetting, Value: string(doc)})
}

// checkIssuer holds an issuer against the rules, and says where the public finds it.
func checkIssuer(i *contract.Issuer) error {
	var f problem.Fields
	f.Text("/name", i.Name, 200)
	i.URL = strings.TrimSuffix(i.URL, "/")
	u, err := url.Parse(i.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		f.Add("/url", "invalid_format", `Give an absolute address without a query, such as "https://portal.example.com".`)
	case u.Scheme != "https":
		f.Add("/url", "invalid_format", "Give an address that begins with https://: what is fetched otherwise proves nothing.")
	}
	if address, err := mail.ParseAddress(i.Email); i.Email != "" && (err != nil || address.Address != i.Email) {
		f.Add("/email", "invalid_format", "Give an e-mail address.")
	}
	if i.Algorithm == "" {
		i.Algorithm = contract.AlgorithmEdDSA
	}
	problem.OneOf(&f, "/algorithm", i.Algorithm, contract.AlgorithmEdDSA, contract.AlgorithmES256)
	i.ProfileURL, i.JWKSURL = i.URL+ProfilePath, i.URL+JWKSPath
	return f.Err()
}

// Where the public finds what verifies credentials, below the issuer's address.
const (
	ProfilePath     = "/credentials/issuer"
	AchievementPath = "/credentials/achievements/" // and the definition
	StatusPath      = "/credentials/status/"       // and the number of the list
	JWKSPath        = "/.well-known/credentials/jwks.json"
	KeyPath         = "/.well-known/credentials/keys/" // and the thumbprint
	VerifyPath      = "/verify/"                       // and the credential
)
