package orders

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// dossier is an order that an operation works on. Nothing is written before save, but references.
type dossier struct {
	order

	read   int64 // the revision as it was read; 0 when the order is new
	events []feed.Event
	placed []feed.OrderedLine // of a new order, with the special pricing that they take from
}

// tell notes an event for when the order is saved. Facts that are empty are left out.
func (d *dossier) tell(event string, facts map[string]any, changed ...string) {
	if facts == nil {
		facts = map[string]any{}
	}
	maps.DeleteFunc(facts, func(_ string, v any) bool { return v == "" })
	facts["number"] = d.Number
	d.events = append(d.events, feed.Event{
		Type: event, ResourceType: resource, ResourceID: d.ID, PartnerID: d.PartnerID, Audience: feed.Both, Facts: facts, ChangedFields: changed,
	})
}

// carry gives the event told last what its subscribers need and nobody else sees.
func (d *dossier) carry(payload any) { d.events[len(d.events)-1].Payload = payload }

// answer saves the order and shows it.
func (d *dossier) answer(ctx context.Context, c *call.Call) (*contract.Order, error) {
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return d.view(c), nil
}

func (d *dossier) save(ctx context.Context, c *call.Call) error {
	d.Revision, d.UpdatedAt = d.read+1, c.Now
	if slices.Contains(over, d.Status) && d.ClosedAt.IsZero() {
		d.ClosedAt = c.Now
	}
	if err := d.write(ctx, c); err != nil {
		return err
	}
	d.read = d.Revision
	for _, e := range d.events {
		e.Revision, e.State = d.Revision, string(d.Status)
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	d.events = nil
	return nil
}

func (d *dossier) write(ctx context.Context, c *call.Call) error {
	owed, err := d.owed()
	if err != nil {
		return err
	}
	doc, err := json.Marshal(&d.order)
	if err != nil {
		return err
	}
	stands := int64(1)
	if slices.Contains(nothing, d.Status) {
		stands = 0
	}
	if d.read == 0 {
		return c.Tx.InsertOrder(ctx, store.InsertOrderParams{
			ID: d.ID, Number: d.Number, Bucket: store.Bucket(d.ID), PartnerID: d.PartnerID, QuoteID: d.QuoteID, DealID: d.DealID, SessionID: d.SessionID,
			Status: string(d.Status), PoKey: poKey(d.PONumber), Stands: stands, Currency: owed.Currency(), Owed: owed.TenThousandths(),
			SubmittedAt: store.Micros(d.SubmittedAt), Revision: d.Revision, CreatedAt: store.Micros(d.CreatedAt), UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdateOrder(ctx, store.UpdateOrderParams{
		ID: d.ID, Revision: d.read, Status: string(d.Status), Stands: stands, Owed: owed.TenThousandths(), UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc),
	}))
}

// owed is what is to be paid of the total.
func (d *dossier) owed() (partnerportal.Money, error) { return d.Totals.Total.Sub(d.Totals.Canceled) }

func refuse(code partnerportal.ErrorCode, detail string) *partnerportal.Error {
	return problem.New(http.StatusConflict, code, detail)
}
