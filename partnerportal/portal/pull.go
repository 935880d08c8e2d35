package portal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// longestPull is how long one system may take to answer.
const longestPull = 5 * time.Minute

// integration is who brings in what the vendor's other systems say.
func integration(system string) call.Caller {
	return call.Caller{Side: partnerportal.SideVendor, Name: system, Scopes: []string{"leads:review", "program:review", "training:review"}}
}

// Pull reads the systems of [WithFinance], [WithCRM] and [WithLMS] now, as [Portal.Run] does by itself from time to time. One that
// fails keeps none of the others from being read; its failure is returned, and shown by account.sources until a reading succeeds.
func (p *Portal) Pull(ctx context.Context) error {
	select {
	case p.pulling <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.pulling }()
	var failures []error
	if s := p.options.finance; s != nil {
		failures = append(failures, pull(ctx, p, source.KindFinance, s.Finance, p.rooms.account.TakeBooks))
	}
	if s := p.options.crm; s != nil {
		failures = append(failures, p.pullCRM(ctx, s))
	}
	if s := p.options.lms; s != nil {
		failures = append(failures, p.pullLMS(ctx, s))
	}
	return errors.Join(failures...)
}

// pull reads one system, outside of any transaction as that may take minutes, and takes what it says in one.
func pull[T any](ctx context.Context, p *Portal, kind string, read func(context.Context) (*T, error), take func(context.Context, *T) error) error {
	said, err := readWithin(ctx, longestPull, read)
	if err == nil && said == nil {
		err = fmt.Errorf("%s: the source says nothing", kind)
	}
	if err == nil {
		err = p.asSystem(ctx, func(ctx context.Context) error { return take(ctx, said) })
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, p.asSystem(ctx, func(ctx context.Context) error { return p.rooms.account.Failed(ctx, kind, err) }))
}

func readWithin[T any](ctx context.Context, limit time.Duration, read func(context.Context) (*T, error)) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return read(ctx)
}

// pullCRM makes the leads that are new, each by itself, and keeps what the CRM says of revenue. A lead that is refused is a conflict.
func (p *Portal) pullCRM(ctx context.Context, crm source.CRM) error {
	var refused []string
	read := func(ctx context.Context) (*source.Relations, error) {
		said, err := crm.CRM(ctx)
		if err != nil || said == nil {
			return said, err
		}
		for i := range said.Leads {
			err := p.asSystem(ctx, func(ctx context.Context) error {
				return call.From(ctx).As(integration(said.System), func() error { return p.makeLead(ctx, &said.Leads[i]) })
			})
			if refusal, ok := errors.AsType[*partnerportal.Error](err); ok {
				refused = append(refused, fmt.Sprintf("The lead %q is refused: %s", said.Leads[i].Title, refusal.Detail))
			} else if err != nil {
				return nil, err
			}
		}
		return said, nil
	}
	return pull(ctx, p, source.KindCRM, read, func(ctx context.Context, said *source.Relations) error {
		return p.rooms.account.TakeRelations(ctx, said, refused)
	})
}

func (p *Portal) makeLead(ctx context.Context, lead *leads.NewLead) error {
	if len(lead.ExternalRefs) == 0 {
		return &partnerportal.Error{Detail: "It has no external reference, by which it would be known again."}
	}
	ref := lead.ExternalRefs[0]
	_, err := p.rooms.leads.GetByRef(ctx, ref.System, ref.ID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		_, err = p.rooms.leads.Create(ctx, lead)
	}
	return err
}

// pullAlways pulls until ctx ends.
func (p *Portal) pullAlways(ctx context.Context) {
	if len(p.options.sourceKinds()) == 0 {
		return
	}
	for {
		p.report(ctx, "pull from the other systems", p.Pull(ctx))
		timer := time.NewTimer(p.options.pullEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
