// Package assets is the library of what partners market with: brochures, images, videos. A partner finds what it may have,
// downloads it by short-lived links, and puts its own logo and words on the vendor's templates.
//
//	library := assets.New(pp)
//	for asset, err := range library.All(ctx, assets.ListParams{Product: []string{"GTX"}, Locale: []string{"de"}}) {
//		…
//	}
//	n, err := library.Download(ctx, asset.ID, assets.LinkRequest{AcceptTerms: true}, file)
//
//	job, err := library.CoBrand(ctx, asset.ID, assets.CoBranding{Values: []assets.ZoneValue{
//		{Zone: "logo", FileID: logo.ID}, {Zone: "headline", Text: "Acme and you"},
//	}})
//
// A job is worked on in the background. asset.cobrand_ready on the change feed or a webhook says that it is done; what it has
// made is downloaded like a file, with the job's id in the [LinkRequest].
//
// Whoever has downloaded an asset, or made something of it, hears on the change feed when it gets newer files, expires, or is withdrawn.
package assets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrExpired says that the asset has ended.
	ErrExpired = partnerportal.ErrorCode("asset_expired")
	// ErrWithdrawn says that the vendor has taken the asset back: stop using it.
	ErrWithdrawn = partnerportal.ErrorCode("asset_withdrawn")
	// ErrTier says that the asset is for a higher tier.
	ErrTier = partnerportal.ErrorCode("tier_required")
	// ErrProgram says that the asset is for the members of another programme.
	ErrProgram = partnerportal.ErrorCode("program_required")
	// ErrTerritory says that the asset is for other countries or regions.
	ErrTerritory = partnerportal.ErrorCode("territory_not_allowed")
	// ErrTerms says that the asset has terms, which the request did not accept.
	ErrTerms = partnerportal.ErrorCode("terms_not_accepted")
	// ErrLinkExpired says that the time of a link is over, or that the asset has newer files. Ask for another one.
	ErrLinkExpired = partnerportal.ErrorCode("link_expired")
	// ErrNoPreview says that there is no picture, or none yet.
	ErrNoPreview = partnerportal.ErrorCode("preview_missing")
	// ErrNotCoBrandable says that the asset has no template.
	ErrNotCoBrandable = partnerportal.ErrorCode("not_co_brandable")
	// ErrZone says that zones are missing, or cannot be filled like this; the problem's errors say which and why.
	ErrZone = partnerportal.ErrorCode("zone_invalid")
	// ErrLogoTooSmall says that a logo or image has too few pixels.
	ErrLogoTooSmall = partnerportal.ErrorCode("logo_too_small")
	// ErrJobNotReady says that the job has nothing to download: it is not done, it has failed, its time is over, or the asset has newer files.
	ErrJobNotReady = partnerportal.ErrorCode("job_not_ready")
)

// What happens to assets and co-branding jobs, as the change feed names it.
const (
	EventCreated       = "asset.created"        // added as a draft
	EventUpdated       = "asset.updated"        // what is said of it changed
	EventVersionAdded  = "asset.version_added"  // it has newer files
	EventScheduled     = "asset.scheduled"      // it will be published
	EventPublished     = "asset.published"      // partners may have it
	EventExpired       = "asset.expired"        // its time is over
	EventWithdrawn     = "asset.withdrawn"      // the vendor has taken it back
	EventArchived      = "asset.archived"       // put away for good
	EventDownloaded    = "asset.downloaded"     // somebody got a link to a file
	EventCoBrandReady  = "asset.cobrand_ready"  // a co-branding job has made its file
	EventCoBrandFailed = "asset.cobrand_failed" // a co-branding job could not
)

// CoBrandable says that partners can put their logo on the asset.
func (a *Asset) CoBrandable() bool { return a.CoBrand.FileID != "" }

// Over says that nothing more will become of the job.
func (j *Job) Over() bool { return j.Status != JobStatusQueued && j.Status != JobStatusRendering }

// Download writes a file of an asset, or what a co-branding job has made, to w, and returns the number of bytes written. It asks for a link
// and follows it; the portal notes the download. The content is checked against the SHA-256 of the link; what fails
// that is [partnerportal.ErrUnexpectedContent], and w then holds bytes that are not the file.
//
// opts hold for each of the two calls. To read something of a file before the rest, use [Client.CreateLink] and [Client.Open].
func (c *Client) Download(ctx context.Context, assetID string, what LinkRequest, w io.Writer, opts ...partnerportal.RequestOption) (int64, error) {
	link, err := c.CreateLink(ctx, assetID, what, opts...)
	if err != nil {
		return 0, err
	}
	content, err := c.Open(ctx, link.Token, opts...)
	if err != nil {
		return 0, err
	}
	defer content.Close()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, hash), content)
	if err != nil {
		return n, err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != link.SHA256 {
		return n, &partnerportal.Error{Operation: opOpen.ID, Code: partnerportal.ErrUnexpectedContent, Err: errors.New("the content does not have the SHA-256 of its link")}
	}
	return n, nil
}
