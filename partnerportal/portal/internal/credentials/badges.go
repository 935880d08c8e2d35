package credentials

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/training"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// holder is a person as credentials name it: the address stands there as a hash, with a salt of its own, so that two credentials of one
// person cannot be tied together by it.
func holder(person *training.Learner) contract.Holder {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never fails
	identity := badge.EmailIdentity(person.Email, hex.EncodeToString(salt[:]))
	return contract.Holder{LearnerID: person.ID, Name: person.Name, EmailHash: identity.IdentityHash, Salt: identity.Salt}
}

// profile is the issuer as badges name it.
func profile(issuer *contract.Issuer) badge.Profile {
	return badge.Profile{
		ID: issuer.ProfileURL, Type: badge.Set[string]{"Profile"}, Name: issuer.Name, URL: issuer.URL, Description: issuer.Description, Email: issuer.Email,
	}
}

// achievement is a definition as badges name it.
func achievement(issuer *contract.Issuer, d *contract.Definition) badge.Achievement {
	id := issuer.URL + AchievementPath + d.ID
	a := badge.Achievement{
		ID: id, Type: badge.Set[string]{"Achievement"}, AchievementType: string(d.AchievementType), Name: d.Name, Description: d.Description,
		Criteria: badge.Criteria{ID: d.Criteria.URL, Narrative: d.Criteria.Narrative}, HumanCode: d.ID, Version: d.Version, Specialization: d.Level, Tag: d.Tags,
		Image: &badge.Image{ID: id + "/image.png", Type: "Image", Caption: d.Name},
	}
	for _, to := range d.Alignment {
		a.Alignment = append(a.Alignment, badge.Alignment{
			Type: badge.Set[string]{"Alignment"}, TargetName: to.TargetName, TargetURL: to.TargetURL, TargetCode: to.TargetCode,
			TargetDescription: to.TargetDescription, TargetFramework: to.TargetFramework,
		})
	}
	return a
}

// write writes down what the badge of a credential says from now on.
func (k *credential) write(issuer *contract.Issuer, d *contract.Definition) error {
	b := badge.Credential{
		Context: badge.Set[any]{badge.ContextVC, badge.ContextOB}, Type: badge.Set[string]{badge.TypeCredential, badge.TypeBadge},
		ID: k.Verification.URL, Name: d.Name, Issuer: profile(issuer), ValidFrom: k.ValidFrom, ValidUntil: k.ValidUntil, AwardedDate: k.AwardedAt,
		CredentialSubject: badge.Subject{
			Type: badge.Set[string]{"AchievementSubject"}, Achievement: achievement(issuer, d),
			Identifier: []badge.Identity{{Type: "IdentityObject", IdentityType: "emailAddress", Hashed: true, IdentityHash: k.Holder.EmailHash, Salt: k.Holder.Salt}},
		},
		CredentialStatus: badge.Statuses{badge.Status(k.Verification.StatusListURL, k.Verification.StatusListIndex, badge.Revocation)},
	}
	if k.Score != "" {
		b.CredentialSubject.Result = []badge.Result{{Type: badge.Set[string]{"Result"}, Value: k.Score}}
	}
	for _, e := range k.Evidence {
		b.Evidence = append(b.Evidence, badge.Evidence{Type: badge.Set[string]{"Evidence"}, ID: e.URL, Name: e.Name, Narrative: e.Narrative})
	}
	text, err := json.Marshal(b)
	k.badge = string(text)
	return err
}

// sign returns the badge as it goes around: signed now, or, of another issuer, as it came.
func (k *credential) sign(ctx context.Context, tx *store.Tx) (string, error) {
	if k.Origin == contract.OriginImported {
		return k.badge, nil
	}
	var b badge.Credential
	if err := json.Unmarshal([]byte(k.badge), &b); err != nil {
		return "", fmt.Errorf("the badge of %s: %w", k.ID, err)
	}
	key, err := signingKey(ctx, tx)
	if err != nil {
		return "", err
	}
	return badge.Sign(&b, key)
}

// OpenBadge returns the badge itself.
func (s *Service) OpenBadge(ctx context.Context, credentialID string) (*contract.BadgeDocument, error) {
	c := call.From(ctx)
	k, err := find(ctx, c, credentialID)
	if err != nil {
		return nil, err
	}
	text, err := k.sign(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	said := badge.Verify([]byte(text), nil, badge.At(c.Now)).Payload // read by the verifier, whose bounds hold for what others have written
	d := &contract.BadgeDocument{Badge: text, VerifyURL: k.Verification.URL}
	if len(said) > 0 {
		if err := json.Unmarshal(said, &d.Credential); err != nil {
			return nil, fmt.Errorf("the badge of %s: %w", k.ID, err)
		}
	}
	return d, nil
}

// OpenPNG returns the badge as a PNG with the JWT inside.
func (s *Service) OpenPNG(ctx context.Context, credentialID string) (*partnerportal.Download, error) {
	return s.baked(ctx, credentialID, s.png, "image/png", ".png")
}

// OpenSVG returns the badge as an SVG with the JWT inside.
func (s *Service) OpenSVG(ctx context.Context, credentialID string) (*partnerportal.Download, error) {
	return s.baked(ctx, credentialID, s.svg, "image/svg+xml", ".svg")
}

func (s *Service) baked(ctx context.Context, id string, draw drawing, media, extension string) (*partnerportal.Download, error) {
	c := call.From(ctx)
	k, err := find(ctx, c, id)
	if err != nil {
		return nil, err
	}
	content, err := k.bake(ctx, c.Tx, draw)
	if err != nil {
		return nil, err
	}
	return &partnerportal.Download{ReadCloser: io.NopCloser(bytes.NewReader(content)), Name: k.DefinitionID + extension, MediaType: media, Size: int64(len(content))}, nil
}

// drawing makes the picture of a definition.
type drawing func(ctx context.Context, d *contract.Definition) ([]byte, error)

// bake puts the badge of a credential into its picture.
func (k *credential) bake(ctx context.Context, tx *store.Tx, draw drawing) ([]byte, error) {
	if k.Status == pending {
		return nil, problem.InvalidState("The badge has still to be accepted: there is nothing to show yet.", k.Status, []contract.Action{})
	}
	d, err := definition(ctx, tx, k.DefinitionID)
	if err != nil {
		return nil, err
	}
	text, err := k.sign(ctx, tx)
	if err != nil {
		return nil, err
	}
	picture, err := draw(ctx, d)
	if err != nil {
		return nil, err
	}
	return badge.Bake(picture, text)
}
