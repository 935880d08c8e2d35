package credentials

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// mostPicture is how large a picture may be that is a badge, or shows one.
const mostPicture = 1 << 20

// Import brings in a badge that somebody else has issued.
func (s *Service) Import(ctx context.Context, body *contract.ImportRequest) (*contract.Credential, error) {
	c := call.From(ctx)
	if (body.Badge == "") == (body.FileID == "") {
		return nil, problem.Invalid("/badge", "required", "Give the badge as text, or the file with it: one of the two.")
	}
	person, err := learner(ctx, c, body.LearnerID)
	if err != nil {
		return nil, err
	}
	text, err := s.foreign(ctx, c, body)
	if err != nil {
		return nil, err
	}
	found := badge.Verify(text, nil)
	said := found.Credential
	if said == nil {
		return nil, refused(contract.ErrUnsupported, clip("Only badges of Open Badges 3.0 are brought in: a badge of 2.0 does not say enough to count by itself. "+found.Schema.Detail), found)
	}
	bundle, err := trustBundle(ctx, c.Tx, said.Issuer.ID)
	if err != nil {
		return nil, err
	}
	found = badge.Verify(text, bundle, badge.At(c.Now), badge.WithHolder(person.Email))
	if err := believed(found); err != nil {
		return nil, err
	}
	d, err := acceptedBy(ctx, c, said)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, refused(contract.ErrUnsupported, "No definition of the vendor accepts the achievement "+clip(said.CredentialSubject.Achievement.ID)+".", found)
	}
	origin, before, err := unknownYet(ctx, c, person.ID, found)
	if err != nil {
		return nil, err
	}
	replaced := ""
	if before != nil {
		replaced = before.ID
	}
	if err := notHeld(ctx, c, person.ID, d, replaced); err != nil {
		return nil, err
	}
	k := &credential{badge: string(text), Credential: contract.Credential{
		ID: ids.New(ids.Credential, c.Now), DefinitionID: d.ID, PartnerID: person.PartnerID, Holder: holder(person), Status: pending, Origin: contract.OriginImported, Supersedes: replaced,
		ForeignIssuer: contract.ForeignIssuer{ID: said.Issuer.ID, Name: bundleName(bundle, said.Issuer.ID)}, AwardedAt: said.AwardedDate, ValidFrom: said.ValidFrom, ValidUntil: said.ValidUntil,
		Verification: contract.Verification{Checks: checks(found)},
	}}
	k.describe(d)
	if found.OK() {
		k.Status, k.IssuedAt = issued, c.Now
	}
	if err := k.insert(ctx, c, origin); err != nil {
		return nil, err
	}
	if err := k.tell(ctx, c, contract.EventImported, k.end(), nil, "/status"); err != nil {
		return nil, err
	}
	if before != nil {
		reason := "Its issuer has renewed it."
		if before.Holder.LearnerID != person.ID {
			reason = "The holder has taken it along."
		}
		if err := before.giveWayTo(ctx, c, k, reason); err != nil {
			return nil, err
		}
	}
	return view(c, k), k.count(ctx, c)
}

// foreign is the badge that is brought in, as it came.
func (s *Service) foreign(ctx context.Context, c *call.Call, body *contract.ImportRequest) ([]byte, error) {
	if body.Badge != "" {
		return []byte(body.Badge), nil
	}
	file, err := c.Tx.UseFile(ctx, c.Caller.Owner(), body.FileID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem.Invalid("/file_id", "invalid_value", "There is no such file. Upload it first.")
	}
	if err != nil {
		return nil, err
	}
	picture, err := s.content(ctx, file, "/file_id")
	if err != nil {
		return nil, err
	}
	text, err := badge.Extract(picture)
	if err != nil {
		return nil, problem.Invalid("/file_id", "invalid_value", "The picture carries no badge.")
	}
	return text, c.Tx.ReleaseFile(ctx, c.Caller.Owner(), file.ID, c.Now) // what it carries is kept, not the picture
}

// content reads a picture that a field names.
func (s *Service) content(ctx context.Context, file store.File, pointer string) ([]byte, error) {
	if file.Size > mostPicture {
		return nil, problem.Invalid(pointer, "out_of_range", "Give a picture of at most 1 MiB.")
	}
	content, err := s.blobs.Open(ctx, file.ID)
	if err != nil {
		return nil, fmt.Errorf("credentials: the content %s: %w", file.ID, err)
	}
	defer content.Close()
	return io.ReadAll(io.LimitReader(content, mostPicture))
}

// believed refuses a badge that fails a check, or of which nobody knows who has signed it. What else is unknown, the vendor may decide.
func believed(found badge.Verdict) error {
	refuse := func(code partnerportal.ErrorCode, why string, check badge.Check) error {
		return refused(code, clip(why+": "+check.Detail+"."), found)
	}
	switch {
	case found.Schema.Result != badge.Passed:
		return refuse(contract.ErrUnsupported, "This is no badge that can be brought in", found.Schema)
	case found.Issuer.Result == badge.Failed:
		return refuse(contract.ErrIssuerUntrusted, "The vendor does not trust the issuer of the badge", found.Issuer)
	case found.Signature.Result != badge.Passed:
		return refuse(contract.ErrSignature, "Nothing proves that the issuer has signed the badge", found.Signature)
	case found.Status.Result == badge.Failed:
		return refuse(contract.ErrRevoked, "The issuer has taken the badge away", found.Status)
	case found.Validity.Result == badge.Failed:
		return refuse(contract.ErrExpired, "The badge is not valid now", found.Validity)
	case found.Holder.Result == badge.Failed:
		return refuse(contract.ErrHolderMismatch, "The badge is somebody else's", found.Holder)
	}
	return nil
}

// refused refuses a badge, with all that was checked.
func refused(code partnerportal.ErrorCode, detail string, found badge.Verdict) error {
	return problem.With(problem.New(http.StatusUnprocessableEntity, code, detail), "checks", checks(found))
}

// acceptedBy returns the definition that accepts a badge, nil when none does.
func acceptedBy(ctx context.Context, c *call.Call, said *badge.Credential) (*contract.Definition, error) {
	docs, err := c.Tx.ActiveCredentialDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	is := contract.Equivalent{Issuer: said.Issuer.ID, Achievement: said.CredentialSubject.Achievement.ID}
	for _, doc := range docs {
		d, err := decodeDefinition(doc)
		if err != nil {
			return nil, err
		}
		if slices.Contains(d.Accepts, is) {
			return d, nil
		}
	}
	return nil, nil
}

// unknownYet is by what a badge is told apart, and refuses one that was brought in before: whoever it is, it counts once. What it was until now, if
// that stands, gives way to it: when its holder has left and takes it along, or when its issuer has renewed it.
func unknownYet(ctx context.Context, c *call.Call, learnerID string, found badge.Verdict) (origin string, before *credential, err error) {
	said := found.Credential
	sum := sha256.Sum256([]byte(said.Issuer.ID + "\n" + said.ID))
	origin = hex.EncodeToString(sum[:])
	if err := c.Tx.Lock(ctx, "badge "+origin); err != nil {
		return "", nil, err
	}
	known, err := c.Tx.CredentialByOrigin(ctx, origin)
	if errors.Is(err, store.ErrNotFound) {
		return origin, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if before, err = take(ctx, c, known.ID); err != nil {
		return "", nil, err
	}
	if err := before.catchUp(ctx, c); err != nil {
		return "", nil, err
	}
	here, err := before.here(ctx, c)
	if err != nil {
		return "", nil, err
	}
	renewed := !before.ValidUntil.IsZero() && (said.ValidUntil.IsZero() || said.ValidUntil.After(before.ValidUntil))
	switch {
	case before.stands() && !here, before.stands() && before.Holder.LearnerID == learnerID && renewed && found.OK():
		return origin, before, c.Tx.ForgetCredentialOrigin(ctx, before.ID)
	case before.Status == expired && renewed:
		return origin, nil, c.Tx.ForgetCredentialOrigin(ctx, before.ID)
	}
	e := problem.New(http.StatusConflict, contract.ErrDuplicate, "The badge was brought in before.")
	if c.Caller.Vendor() || known.PartnerID == c.Caller.PartnerID {
		e = problem.With(e, "existing_id", known.ID)
	}
	return "", nil, e
}

// bundleName is what the vendor calls an issuer.
func bundleName(bundle *badge.Bundle, id string) string {
	for _, known := range bundle.Contents().Issuers {
		if known.ID == id {
			return known.Name
		}
	}
	return ""
}

// recheck holds what was imported of an issuer against what is known of it now. What fails counts no more, and what was waiting for a
// status list and passes counts.
func recheck(ctx context.Context, c *call.Call, issuer string) error {
	ids, err := c.Tx.CredentialsOfIssuer(ctx, issuer)
	if err != nil || len(ids) == 0 {
		return err
	}
	bundle, err := trustBundle(ctx, c.Tx, issuer)
	if err != nil {
		return err
	}
	for _, id := range ids {
		k, err := load(ctx, c.Tx, id)
		if err != nil {
			return err
		}
		if !k.stands() || k.agrees(k.judged(bundle, c.Now)) {
			continue // as most of them: nobody has to wait for those
		}
		if k, err = take(ctx, c, id); err != nil {
			return err
		}
		if err := k.catchUp(ctx, c); err != nil {
			return err
		}
		if k.stands() {
			if err := k.recheck(ctx, c, bundle); err != nil {
				return err
			}
		}
	}
	return nil
}

// judged is what is found of an imported badge now. The address was compared when it came.
func (k *credential) judged(bundle *badge.Bundle, now time.Time) badge.Verdict {
	found := badge.Verify([]byte(k.badge), bundle, badge.At(now))
	found.Holder = kept(k.Verification.Checks, found.Holder)
	return found
}

// agrees says that each check ends as it did when the badge was checked last.
func (k *credential) agrees(found badge.Verdict) bool {
	return slices.EqualFunc(k.Verification.Checks, checks(found), func(was, is contract.Check) bool {
		return was.Name == is.Name && was.Result == is.Result && was.Reason == is.Reason
	})
}

// recheck draws the conclusions. Only what its issuer has revoked is gone for good: a suspension may end, and a key that is not there may have
// been left out.
func (k *credential) recheck(ctx context.Context, c *call.Call, bundle *badge.Bundle) error {
	found := k.judged(bundle, c.Now)
	k.Verification.Checks = checks(found)
	passed := !slices.ContainsFunc(k.Verification.Checks, func(check contract.Check) bool { return check.Result != contract.CheckResultPassed })
	switch {
	case found.Status.Reason == badge.ReasonRevoked:
		return k.revoke(ctx, c, contract.RevocationCodeRevokedByIssuer, clip(found.Status.Detail))
	case k.counts() && (found.Status.Result == badge.Failed || found.Signature.Result == badge.Failed):
		k.Status, k.Verification.AcceptedBecause = pending, ""
		return k.save(ctx, c, contract.EventImported, k.end(), "/status")
	case k.Status == pending && passed:
		k.Status, k.IssuedAt = issued, c.Now
		return k.save(ctx, c, contract.EventIssued, k.end(), "/status")
	}
	return k.update(ctx, c)
}

// kept is the check of before with the name of another one, or that one when there was none.
func kept(before []contract.Check, check badge.Check) badge.Check {
	for _, was := range before {
		if string(was.Name) == check.Name {
			check.Result, check.Reason, check.Detail, check.AsOf = badge.Outcome(was.Result), badge.Reason(was.Reason), was.Detail, was.AsOf
		}
	}
	return check
}
