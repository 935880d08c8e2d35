package quotes_test

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// shelf is a file store where something happens while a content comes.
type shelf struct {
	*blob.Dir

	meanwhile func()
	names     []string
}

func (s *shelf) Put(ctx context.Context, name string, content io.Reader) error {
	s.names = append(s.names, name)
	s.meanwhile()
	return s.Dir.Put(ctx, name, content)
}

// While a document is made and stored others work on, even on its quote; what is not kept in the end does not stay.
func TestDocumentsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	files := &shelf{Dir: blob.NewDir(t.TempDir()), meanwhile: func() {}}
	w, ctx := furnish(t, portaltest.New(t, portal.WithFileStore(files))), t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	files.meanwhile = func() { must[*quotes.Quote](t)(w.acme.Cancel(ctx, q.ID, quotes.Remark{})) }
	require.ErrorIs(t, second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX})), partnerportal.ErrInvalidState)
	require.Len(t, files.names, 1)
	require.NoError(t, must[io.ReadSeekCloser](t)(files.Open(ctx, files.names[0])).Close())
	w.Advance(8 * day)
	require.ErrorIs(t, second(files.Open(ctx, files.names[0])), fs.ErrNotExist)
}

// A key stands for one document, as it does for all that is made.
func TestDocumentsUnderAKey(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	key := partnerportal.WithIdempotencyKey("sheet-1")
	first := must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX}, key))
	var r partnerportal.Response
	again := must[*quotes.Document](t)(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX}, key, partnerportal.WithResponse(&r)))
	assert.Equal(t, first, again)
	assert.Equal(t, "true", r.Header.Get("Idempotency-Replayed"))
	err := second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF}, key))
	require.ErrorIs(t, err, partnerportal.ErrIdempotencyKeyReused)
	assert.Equal(t, http.StatusCreated, r.Status)
}
