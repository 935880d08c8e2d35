// Package quotes is the portal's room for quotes, special pricing and price policies, and for the sessions in which they are made.
//
// states.go has the tables of what may happen. A [dossier] is a quote that an operation works on, saved once with all that happened to it;
// draft.go makes one of what a caller says, and pricing is the business of the packages pricing and quoting. What was presented is not
// changed any more: the next version is another row. Special pricing (special*.go) is a document of its own that quotes name; orders take
// from its quantities over the feed. Everything works on the transaction of the [call.Call] in the context. Locks are taken in this order:
// quote, special pricing, session.
package quotes

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Service implements the quotes operations of the contract.
type Service struct {
	models *offer.Models
	blobs  blob.Store
	press  *document.Press
	// transact runs an operation's part that changes something, in a transaction as its caller.
	transact func(ctx context.Context, do func(ctx context.Context) error) error
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that keeps documents in blobs, and transacts by itself what makes them.
func New(models *offer.Models, blobs blob.Store, press *document.Press, transact func(context.Context, func(context.Context) error) error) *Service {
	return &Service{models: models, blobs: blobs, press: press, transact: transact}
}

// Subscribe lets orders mark their quotes, take from special pricing and give both back, and sessions follow what is made in them.
func (s *Service) Subscribe(f *feed.Feed) {
	f.Subscribe("order.submitted", s.ordered)
	for _, event := range []string{"order.line_canceled", "order.canceled", "order.rejected", "order.failed"} {
		f.Subscribe(event, s.unordered)
	}
	s.subscribeSessions(f)
}
