package quotes

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// mostDocuments is how many files are kept of a version.
const mostDocuments = 20

// CreateDocument renders a quote that was presented, once, and keeps the document as a file of the partner's. Rendering and storing it take
// their time, so no transaction is open meanwhile: a first one announces the file, and whatever ends before the second has made it the
// quote's, a deadline knows what to remove.
func (s *Service) CreateDocument(ctx context.Context, quoteID string, body *contract.NewDocument) (*contract.Document, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	if kept, err := s.printable(c, r, body); kept != nil || err != nil {
		return kept, err
	}
	out, err := s.render(ctx, c, r, body.Kind, body.Locale)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(out.Content)
	doc := &contract.Document{
		ID: ids.New(ids.Document, c.Now), Kind: body.Kind, Locale: out.Locale, Version: r.Version, FileID: ids.New(ids.File, c.Now), Name: out.Name,
		MediaType: out.MediaType, Size: int64(len(out.Content)), SHA256: hex.EncodeToString(digest[:]), CreatedAt: c.Now,
	}
	if err := s.transact(ctx, func(ctx context.Context) error { return announce(ctx, r.PartnerID, doc) }); err != nil {
		return nil, err
	}
	if err := s.blobs.Put(ctx, doc.FileID, bytes.NewReader(out.Content)); err != nil {
		return nil, err
	}
	err = s.transact(ctx, func(ctx context.Context) (err error) {
		doc, err = s.keep(ctx, quoteID, body, *doc)
		return err
	})
	return doc, err
}

// printable returns the document when it has been kept already, and refuses one that cannot be.
func (s *Service) printable(c *call.Call, r *record, body *contract.NewDocument) (*contract.Document, error) {
	if err := offers.Check("quote", r.Status, contract.ActionCreateDocument, c.Caller, r.allowed(c)); err != nil {
		return nil, err
	}
	kept := r.document(body.Kind, body.Locale)
	switch {
	case kept != nil:
		return kept, nil
	case s.blobs == (blob.None{}):
		return nil, blob.Missing()
	case len(r.Documents) >= mostDocuments:
		return nil, problem.Invalid("/locale", "too_many", fmt.Sprintf("A version of a quote has at most %d documents.", mostDocuments))
	}
	return nil, nil //nolint:nilnil // there is none yet, and nothing in its way
}

// announce writes the row of a file that is about to come.
func announce(ctx context.Context, owner string, doc *contract.Document) error {
	c := call.From(ctx)
	expires := store.Micros(c.Now.Add(store.UnusedFiles))
	if err := c.Tx.InsertFile(ctx, store.InsertFileParams{ID: doc.FileID, Owner: owner, CreatedAt: store.Micros(c.Now), ExpiresAt: expires}); err != nil {
		return err
	}
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: store.FileSweep, ResourceID: doc.FileID, DueAt: expires})
}

// keep makes the document the quote's, unless another of its kind was faster.
func (s *Service) keep(ctx context.Context, quoteID string, body *contract.NewDocument, doc contract.Document) (*contract.Document, error) {
	c := call.From(ctx)
	d, err := lockQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	if kept, err := s.printable(c, &d.record, body); kept != nil || err != nil {
		return kept, err
	}
	at := store.Micros(c.Now)
	if _, err := c.Tx.KeepFile(ctx, store.KeepFileParams{
		ID: doc.FileID, Purpose: "attachment", Name: doc.Name, MediaType: doc.MediaType, Size: doc.Size, SHA256: doc.SHA256, CreatedAt: at, ExpiresAt: at,
	}); err != nil {
		return nil, err
	}
	if _, err := c.Tx.UseFile(ctx, d.PartnerID, doc.FileID); err != nil {
		return nil, err
	}
	d.Documents = append(d.Documents, doc)
	d.tell(contract.EventDocumentCreated, map[string]any{"kind": string(doc.Kind)}, "/documents")
	return &doc, d.save(ctx, c)
}

// document is the one that was kept, or nil.
func (r *record) document(kind contract.DocumentKind, locale string) *contract.Document {
	locale = document.Locale(locale)
	i := slices.IndexFunc(r.Documents, func(d contract.Document) bool { return d.Kind == kind && d.Locale == locale })
	if i < 0 {
		return nil
	}
	return &r.Documents[i]
}

// OpenDocument returns a quote as a file: the one that was kept, or one that is rendered now.
func (s *Service) OpenDocument(ctx context.Context, quoteID string, p *contract.OpenDocumentParams) (*partnerportal.Download, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	kind := cmp.Or(p.Format, contract.DocumentKindPDF)
	if kept := r.document(kind, p.Locale); kept != nil {
		file, err := s.blobs.Open(ctx, kept.FileID)
		if err != nil {
			return nil, fmt.Errorf("the document %s: %w", kept.ID, err)
		}
		return &partnerportal.Download{ReadCloser: file, Name: kept.Name, MediaType: kept.MediaType, Size: kept.Size, ETag: `"` + kept.SHA256 + `"`}, nil
	}
	out, err := s.render(ctx, c, r, kind, p.Locale)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(out.Content)
	return &partnerportal.Download{
		ReadCloser: content{bytes.NewReader(out.Content)}, Name: out.Name, MediaType: out.MediaType, Size: int64(len(out.Content)),
		ETag: fmt.Sprintf(`"%x"`, digest),
	}, nil
}

// content is what a download reads, in parts too.
type content struct{ io.ReadSeeker }

// Close has nothing to do.
func (content) Close() error { return nil }

// render makes a document of what both sides may see of a quote.
func (s *Service) render(ctx context.Context, c *call.Call, r *record, kind contract.DocumentKind, locale string) (*document.Output, error) {
	partner, err := directory.LoadPartner(ctx, c.Tx, r.PartnerID)
	if err != nil {
		return nil, err
	}
	program, err := directory.Load(ctx, c.Tx, r.ProgramID)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(cmp.Or(program.TimeZone, "UTC"))
	if err != nil {
		return nil, err
	}
	out, err := s.press.Render(document.Input{
		Kind: kind, Quote: &r.Quote, Partner: s.letterhead(ctx, partner), Locale: locale, Zone: zone,
	})
	if missing, ok := errors.AsType[*document.GlyphError](err); ok {
		return nil, noGlyph(missing)
	}
	if errors.Is(err, document.ErrTooLong) {
		return nil, problem.Invalid("/lines", "too_long", fmt.Sprintf("Lines, notes and terms of a document have at most %d characters together. Shorten what is said of the products.", document.MostText))
	}
	return out, err
}

// letterhead is how a partner is shown. A logo that is gone or cannot be read is not: the name then stands for it, as where there is none.
func (s *Service) letterhead(ctx context.Context, p *policy.Partner) document.Company {
	c := document.Company{Name: p.Name, Address: []string{p.Website}}
	if p.LogoFileID == "" {
		return c
	}
	content, err := s.blobs.Open(ctx, p.LogoFileID)
	if err != nil {
		return c
	}
	defer content.Close()
	if logo, err := document.Logo(content); err == nil {
		c.Logo = logo
	}
	return c
}

// noGlyph refuses a document with characters that no font has.
func noGlyph(missing *document.GlyphError) error {
	e := problem.New(http.StatusUnprocessableEntity, contract.ErrGlyphMissing, "No font of the portal has some characters of the quote. The portal's host adds fonts.")
	var characters strings.Builder
	for _, g := range missing.Glyphs {
		e.Fields = append(e.Fields, problem.Field(g.Pointer, "glyph_missing", "No font has "+g.Names()+"."))
		for _, char := range g.Characters {
			if !strings.ContainsRune(characters.String(), char) {
				characters.WriteRune(char)
			}
		}
	}
	return problem.With(e, "characters", characters.String())
}
