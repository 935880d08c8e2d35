package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// Option configures a [Portal].
type Option func(*options) error

type options struct {
	now           func() time.Time
	sandbox       bool
	logger        *slog.Logger
	enricher      Enricher
	tokenLifetime time.Duration
	rateLimit     rate.Limit // 0 is none
	burst         int

	eventRetention time.Duration
	guard          deliver.Guard

	finance   source.Finance
	crm       source.CRM
	lms       source.LMS
	pullEvery time.Duration
	freshFor  time.Duration // after which what they said is stale

	files       FileStore // nil: beside the database
	maxFileSize int64

	fonts      [][]byte
	letterhead document.Company
	press      *document.Press // made of these
}

func newOptions(opts []Option) (options, error) {
	o := options{now: time.Now, logger: slog.New(slog.DiscardHandler), tokenLifetime: time.Hour, eventRetention: 30 * 24 * time.Hour, maxFileSize: defaultFileSize,
		pullEvery: 15 * time.Minute, freshFor: 36 * time.Hour}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return o, err
		}
	}
	var err error
	if o.press, err = document.New(o.fonts, o.letterhead); err != nil {
		return o, fmt.Errorf("WithFonts: %w", err)
	}
	return o, nil
}

// WithClock lets the portal live by another clock than time.Now, for deadlines and for the times it writes. The lives of access
// tokens and of idempotency records go by the real time.
func WithClock(now func() time.Time) Option {
	return func(o *options) error {
		if now == nil {
			return errors.New("WithClock: the clock is nil")
		}
		o.now = now
		return nil
	}
}

// WithSandbox makes the portal a sandbox, see [Portal.Advance]. Never set it where real deals are.
func WithSandbox() Option {
	return func(o *options) error {
		o.sandbox = true
		return nil
	}
}

// WithLogger logs every request, and what goes wrong in the background. No query, header, body or secret is logged. Without
// it the portal is silent.
func WithLogger(logger *slog.Logger) Option {
	return func(o *options) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		o.logger = logger
		return nil
	}
}

// Enricher knows more of a customer than the partner typed: a CRM, a register of companies. It returns the customer as it
// knows it, and where that comes from; what the partner typed is kept. When it fails, the registration goes on without it. It
// is asked inside the transaction of the registration, so it must answer fast.
type Enricher interface {
	Enrich(ctx context.Context, customer partnerportal.Organization) (partnerportal.Organization, partnerportal.SourceStamp, error)
}

// WithEnricher asks e to complete registrations that lack the customer's name or country. Without it the portal completes
// them from what the same partner has registered before.
func WithEnricher(e Enricher) Option {
	return func(o *options) error {
		if e == nil {
			return errors.New("WithEnricher: the enricher is nil")
		}
		o.enricher = e
		return nil
	}
}

// WithTokenLifetime sets how long access tokens live, from a minute to a day. The default is an hour.
func WithTokenLifetime(d time.Duration) Option {
	return func(o *options) error {
		if d < time.Minute || d > 24*time.Hour {
			return fmt.Errorf("WithTokenLifetime: %v is not between a minute and a day", d)
		}
		o.tokenLifetime = d
		return nil
	}
}

// WithRateLimit lets each client make that many requests per second on average, and burst of them at once. What is beyond is
// answered 429 with Retry-After. Without it there is no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(o *options) error {
		if perSecond <= 0 || burst < 1 {
			return fmt.Errorf("WithRateLimit: %v per second and %d at once are not a limit", perSecond, burst)
		}
		o.rateLimit, o.burst = rate.Limit(perSecond), burst
		return nil
	}
}

// WithEventRetention sets how far the change feed goes back, from an hour to ten years of real time. Who was away for longer has to
// read deals and leads anew. The default is 30 days. Timelines of deals and leads go back to the beginning, whatever it is.
func WithEventRetention(d time.Duration) Option {
	return func(o *options) error {
		if d < time.Hour || d > 10*365*24*time.Hour {
			return fmt.Errorf("WithEventRetention: %v is not between an hour and ten years", d)
		}
		o.eventRetention = d
		return nil
	}
}

// WebhookGuard says where webhook deliveries may go. Endpoints are registered by others, so the zero guard lets them go to https addresses
// on the ports 443 and 8443 that are public, and nowhere inside the host's network, whatever a name resolves to at the time.
type WebhookGuard struct {
	AllowHTTP bool           // plain http too
	Ports     []uint16       // instead of 443 and 8443 (and, with AllowHTTP, 80); a 0 among them means all
	Prefixes  []netip.Prefix // networks that are allowed although they are not public
}

// WithWebhookGuard lets webhook endpoints be where the guard allows. Without it the zero guard rules.
func WithWebhookGuard(g WebhookGuard) Option {
	return func(o *options) error {
		for _, prefix := range g.Prefixes {
			if !prefix.IsValid() {
				return errors.New("WithWebhookGuard: a prefix is not valid")
			}
		}
		o.guard.AllowHTTP, o.guard.Ports, o.guard.Prefixes = g.AllowHTTP, g.Ports, g.Prefixes
		return nil
	}
}

// WithLoopbackWebhooks lets webhook endpoints be on this machine too, on any port and without TLS: for tests and examples. Elsewhere it
// would let whoever registers an endpoint reach what else listens here.
func WithLoopbackWebhooks() Option {
	return WithWebhookGuard(WebhookGuard{AllowHTTP: true, Ports: []uint16{0}, Prefixes: []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
	}})
}
