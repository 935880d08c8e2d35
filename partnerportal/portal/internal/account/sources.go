package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// The kinds of systems that own figures.
const (
	portalKind  = "portal"
	financeKind = source.KindFinance
	crmKind     = source.KindCRM
)

// What a system may own.
const (
	revenueRecords = "revenue"
	mdfRecords     = "mdf"
	creditRecords  = "credit" // which the orders room reads
)

// state is how far a system was read, as it is stored. Its records stand beside it.
type state struct {
	contract.Source

	Owns []string `json:"owns,omitempty"`
}

// owns says that the system keeps such records; one that was never read may.
func (t *state) owns(what string) bool { return t.AsOf.IsZero() || slices.Contains(t.Owns, what) }

// stamp says where a figure of the system comes from. What a system said last stays in use when it cannot be read: it is only stale. One
// that was never read has said nothing, and there is no figure.
func (t *state) stamp() partnerportal.SourceStamp {
	stamp := partnerportal.SourceStamp{System: t.System, Kind: t.Kind, AsOf: t.AsOf, Stale: t.Stale}
	if t.AsOf.IsZero() {
		stamp.Error = "The system has not been read yet."
	}
	return stamp
}

// portalStamp is that of a figure that the portal itself owns.
func portalStamp() partnerportal.SourceStamp {
	return partnerportal.SourceStamp{System: portalKind, Kind: portalKind}
}

// sources are the systems that the portal pulls from, by kind.
type sources map[string]*state

// known reads how far each system was read.
func (s *Service) known(ctx context.Context, c *call.Call) (sources, error) {
	all := sources{}
	for _, kind := range s.kinds {
		all[kind] = &state{Source: contract.Source{System: kind, Kind: kind}}
	}
	if len(all) == 0 {
		return all, nil
	}
	rows, err := c.Tx.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if all[row.Kind] == nil {
			continue // the host no longer has it
		}
		t := new(state)
		if err := json.Unmarshal([]byte(row.Doc), t); err != nil {
			return nil, fmt.Errorf("source %s: %w", row.Kind, err)
		}
		all[row.Kind] = t
	}
	for _, t := range all {
		t.Stale = t.AsOf.Before(c.Now.Add(-s.freshFor))
	}
	return all, nil
}

// revenue says which sums are the revenue: those of finance before those of the CRM, and the portal's own won deals when neither
// keeps any.
func (all sources) revenue() (name string, stamp partnerportal.SourceStamp) {
	if t := all[financeKind]; t != nil && t.owns(revenueRecords) {
		return figures.FinanceRevenue, t.stamp()
	}
	if t := all[crmKind]; t != nil && t.owns(revenueRecords) {
		return figures.CRMRevenue, t.stamp()
	}
	return figures.Revenue, portalStamp()
}

// mdf is finance if it owns the balances, or nil.
func (all sources) mdf() *state {
	if t := all[financeKind]; t != nil && t.owns(mdfRecords) {
		return t
	}
	return nil
}

// failed names the systems whose last reading failed, or that were never read.
func (all sources) failed() []string {
	var names []string
	for _, t := range all {
		if t.Error != "" || t.AsOf.IsZero() {
			names = append(names, t.System)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Sources says which systems own figures, and how each is.
func (s *Service) Sources(ctx context.Context) (*contract.Sources, error) {
	c := call.From(ctx)
	all, err := s.known(ctx, c)
	if err != nil {
		return nil, err
	}
	found := &contract.Sources{Items: []contract.Source{}}
	for _, kind := range s.kinds {
		t := all[kind].Source
		if !c.Caller.Vendor() {
			t.Conflicts = nil
			if t.Error != "" {
				t.Error = "The last reading failed." // why may tell of the vendor's machines
			}
		}
		found.Items = append(found.Items, t)
	}
	return found, nil
}

func saveState(ctx context.Context, tx *store.Tx, t *state) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return tx.PutSource(ctx, store.PutSourceParams{Kind: t.Kind, Doc: string(doc)})
}

// endOf is 24:00 of a day of another system's, whose zone nobody knows: UTC.
func endOf(d partnerportal.Date) time.Time { return d.AddDays(1).In(time.UTC).Add(-time.Microsecond) }
