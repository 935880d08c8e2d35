package portal

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/authn"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// This file is what every operation passes through, in this order: observe, authenticate, limit, validate, receive, transact.

// observe gives the exchange its id and notes what came of it.
func (p *Portal) observe(next partnerportal.Endpoint) partnerportal.Endpoint {
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		x := exchangeOf(in.Context())
		in.RequestID, x.operation = x.id, in.Op.ID
		reply, err := next(in)
		if e, ok := errors.AsType[*partnerportal.Error](err); ok {
			x.code = string(e.Code)
			if challenge := authn.Challenge(e, in.Op.Scopes); challenge != "" {
				x.header.Set("WWW-Authenticate", challenge)
			}
		}
		return reply, err
	}
}

// authenticate finds out who calls, and whether the caller may.
func (p *Portal) authenticate(next partnerportal.Endpoint) partnerportal.Endpoint {
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		caller, err := p.auth.Caller(in.Context(), in.Request.Header.Get("Authorization"))
		if err != nil {
			return nil, err
		}
		x := exchangeOf(in.Context())
		x.clientID, x.partnerID = caller.ClientID, caller.PartnerID
		if err := authn.Authorize(caller, in.Op.Scopes); err != nil {
			return nil, err
		}
		// The transaction comes later; what is known now travels in a call without one.
		in.SetContext(call.With(in.Context(), &call.Call{Caller: caller}))
		return next(in)
	}
}

// limit slows a client down that asks too often.
func (p *Portal) limit(next partnerportal.Endpoint) partnerportal.Endpoint {
	if p.options.rateLimit == 0 {
		return next
	}
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		kept, _ := p.limiters.LoadOrStore(call.From(in.Context()).Caller.ClientID, rate.NewLimiter(p.options.rateLimit, p.options.burst))
		limiter, ok := kept.(*rate.Limiter)
		if !ok {
			return nil, errors.New("the limiters hold something else")
		}
		allowed := limiter.Allow()
		left := max(0, limiter.Tokens())
		wait := time.Duration(math.Ceil((1-min(1, left))/float64(p.options.rateLimit))) * time.Second
		exchangeOf(in.Context()).header.Set("RateLimit", `"client";r=`+strconv.Itoa(int(left))+";t="+strconv.Itoa(int(wait/time.Second)))
		if !allowed {
			return nil, &partnerportal.Error{Status: http.StatusTooManyRequests, Code: "rate_limited", RetryAfter: max(wait, time.Second),
				Detail: "The client makes more requests than it may. Slow down."}
		}
		return next(in)
	}
}

// validate holds the request against the contract.
func (p *Portal) validate(next partnerportal.Endpoint) partnerportal.Endpoint {
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		if err := p.contract.Check(in); err != nil {
			return nil, err
		}
		return next(in)
	}
}

// receive takes an uploaded file in before the transaction begins: it may take minutes, and a transaction would hold up others.
func (p *Portal) receive(next partnerportal.Endpoint) partnerportal.Endpoint {
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		if in.Op.Form == nil {
			return next(in)
		}
		ctx := call.With(in.Context(), p.newCall(call.From(in.Context()).Caller, in.RequestID, p.store.Read()))
		if err := p.rooms.files.Admit(in.Request.ContentLength); err != nil {
			return nil, err
		}
		upload, err := in.Upload()
		if err != nil {
			return nil, err
		}
		intake, err := p.rooms.files.Receive(ctx, upload)
		if err != nil {
			return nil, err
		}
		reply, err := next(in)
		if err != nil || !intake.Kept() {
			p.report(ctx, "discard an upload", p.rooms.files.Discard(ctx, intake))
		}
		return reply, err
	}
}

// transact runs the operation in one transaction with its events and, if it has an idempotency key, with the record of its
// answer. Reads need no transaction, and some operations make their own.
func (p *Portal) transact(next partnerportal.Endpoint) partnerportal.Endpoint {
	return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
		caller, ctx := call.From(in.Context()).Caller, in.Context()
		if in.Op.Method == http.MethodGet {
			in.SetContext(call.With(ctx, p.newCall(caller, in.RequestID, p.store.Read())))
			return next(in)
		}
		once, err := p.once(in, caller)
		if err != nil {
			return nil, err
		}
		defer once.done()
		if p.rooms.transactsItself(in.Op.ID) {
			return p.apart(in, caller, once, next)
		}
		var reply *partnerportal.Reply
		err = p.commit(ctx, caller, in.RequestID, func(ctx context.Context, c *call.Call) error {
			var err error
			if reply, err = once.replay(ctx, c.Tx); err != nil || reply != nil {
				return err
			}
			in.SetContext(ctx)
			if reply, err = next(in); err != nil {
				return err
			}
			return once.remember(ctx, c.Tx, reply)
		})
		if err != nil {
			return nil, err
		}
		return reply, nil
	}
}

// apart runs an operation that makes its own transactions. With an idempotency key its answer is remembered in one more, after them; should
// that fail, the operation is carried out again, which must lead to the same.
func (p *Portal) apart(in *partnerportal.Incoming, caller call.Caller, once *once, next partnerportal.Endpoint) (*partnerportal.Reply, error) {
	ctx := in.Context()
	var reply *partnerportal.Reply
	err := p.store.Write(ctx, func(tx *store.Tx) (err error) {
		reply, err = once.replay(ctx, tx)
		return err
	})
	if err != nil || reply != nil {
		return reply, err
	}
	in.SetContext(call.With(ctx, p.newCall(caller, in.RequestID, p.store.Read())))
	if reply, err = next(in); err != nil {
		return nil, err
	}
	return reply, p.store.Write(ctx, func(tx *store.Tx) error {
		if first, err := once.replay(ctx, tx); first != nil || err != nil { // another replica was faster
			return err
		}
		return once.remember(ctx, tx, reply)
	})
}

// commit is the one way in which anything happens: do runs in a transaction with what is to be told of it, and when that is
// committed, those who are outside of it hear.
func (p *Portal) commit(ctx context.Context, caller call.Caller, requestID string, do func(ctx context.Context, c *call.Call) error) error {
	c := new(call.Call)
	err := p.store.Write(ctx, func(tx *store.Tx) error {
		c = p.newCall(caller, requestID, tx) // the transaction may run more than once
		ctx := call.With(ctx, c)
		if err := do(ctx, c); err != nil {
			return err
		}
		return c.Flush(ctx)
	})
	if err != nil {
		return err
	}
	c.Committed()
	p.webhooks.Wake()
	return nil
}
