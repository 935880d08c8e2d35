package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/credentials"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// publish serves what anybody needs to verify a credential without trusting the portal: keys, status lists, who issues, and a page for people.
func (p *Portal) publish(mux *http.ServeMux) {
	type (
		document = *credentials.Document
		tx       = *store.Tx
	)
	room := p.rooms.credentials
	for path, read := range map[string]publicly{
		credentials.JWKSPath:                             func(ctx context.Context, tx tx, _ string) (document, error) { return room.Keys(ctx, tx) },
		credentials.ProfilePath:                          func(ctx context.Context, tx tx, _ string) (document, error) { return room.Profile(ctx, tx) },
		credentials.KeyPath + "{name}":                   room.PublicKey,
		credentials.AchievementPath + "{name}":           room.Achievement,
		credentials.AchievementPath + "{name}/image.png": room.AchievementPicture,
		credentials.StatusPath + "{name}": func(ctx context.Context, tx tx, name string) (document, error) {
			return room.StatusList(ctx, tx, name, p.Now())
		},
		credentials.VerifyPath + "{name}": func(ctx context.Context, tx tx, name string) (document, error) {
			return room.Page(ctx, tx, name, p.Now())
		},
		credentials.VerifyPath + "{name}/badge.png": room.BadgePNG,
		credentials.VerifyPath + "{name}/badge.svg": room.BadgeSVG,
	} {
		mux.Handle(path, only(p.public(read), http.MethodGet, http.MethodHead))
	}
}

// publicly reads a document that the last part of its path names.
type publicly func(ctx context.Context, tx *store.Tx, name string) (*credentials.Document, error)

// public serves documents to whoever asks. Pages elsewhere may read them; pictures that others have drawn run nothing here.
func (p *Portal) public(read publicly) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).operation = "credentials.public"
		d, err := read(r.Context(), p.store.Read(), r.PathValue("name"))
		if refusal, ok := errors.AsType[*partnerportal.Error](err); ok {
			writeProblem(w, r, refusal)
			return
		}
		if err != nil {
			p.internal(w, r, err)
			return
		}
		sum := sha256.Sum256(d.Body)
		header := w.Header()
		header.Set("Content-Type", d.MediaType)
		header.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
		header.Set("Cache-Control", "no-cache")
		if d.MaxAge > 0 {
			header.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(d.MaxAge.Seconds())))
		}
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.Body))
	})
}
