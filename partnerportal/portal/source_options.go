package portal

import (
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// WithFinance lets a finance system own what it says: balances, revenue, what became of payouts. See package source for the rules.
func WithFinance(s source.Finance) Option {
	return func(o *options) error {
		if s == nil {
			return errors.New("WithFinance: the source is nil")
		}
		o.finance = s
		return nil
	}
}

// WithCRM lets a CRM own the revenue that it attributes to partners, unless finance does, and bring in leads.
func WithCRM(s source.CRM) Option {
	return func(o *options) error {
		if s == nil {
			return errors.New("WithCRM: the source is nil")
		}
		o.crm = s
		return nil
	}
}

// WithLMS lets a learning system say what partners' people have learned, and how many of them meet a requirement of a tier. One that is a
// [source.Launcher] gives the addresses at which they begin.
func WithLMS(s source.LMS) Option {
	return func(o *options) error {
		if s == nil {
			return errors.New("WithLMS: the source is nil")
		}
		o.lms = s
		return nil
	}
}

// WithPullEvery sets how often [Portal.Run] reads the other systems, from a second to a day. The default is a quarter of an hour.
func WithPullEvery(d time.Duration) Option {
	return func(o *options) error {
		if d < time.Second || d > 24*time.Hour {
			return fmt.Errorf("WithPullEvery: %v is not between a second and a day", d)
		}
		o.pullEvery = d
		return nil
	}
}

// WithFreshness sets after how long what another system has said counts as stale, from a minute to a year. The default of 36 hours lets a
// nightly export be late once.
func WithFreshness(d time.Duration) Option {
	return func(o *options) error {
		if d < time.Minute || d > 366*24*time.Hour {
			return fmt.Errorf("WithFreshness: %v is not between a minute and a year", d)
		}
		o.freshFor = d
		return nil
	}
}

// sourceKinds are the kinds of systems that there are.
func (o *options) sourceKinds() []string {
	var kinds []string
	if o.finance != nil {
		kinds = append(kinds, source.KindFinance)
	}
	if o.crm != nil {
		kinds = append(kinds, source.KindCRM)
	}
	if o.lms != nil {
		kinds = append(kinds, source.KindLMS)
	}
	return kinds
}
