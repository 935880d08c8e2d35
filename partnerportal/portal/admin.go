package portal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/authn"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// The vendor's rules and partners.
type (
	// Partner is a company that sells for the vendor.
	Partner = policy.Partner
	// Program is a set of rules under which partners work.
	Program = policy.Program
	// DealRules are the rules of deal registration.
	DealRules = policy.DealRules
	// LeadRules are the rules of lead distribution.
	LeadRules = policy.LeadRules
	// AutoApproval is a rule that approves a deal without a person.
	AutoApproval = policy.AutoApproval
	// MembershipRules are the rules of terms, grace periods and moving up.
	MembershipRules = policy.MembershipRules
	// Tier is a level of a programme.
	Tier = policy.Tier
)

// DefaultProgramID is the programme that every portal has and that partners belong to when nothing else is said.
const DefaultProgramID = policy.DefaultID

// Admin sets a portal up in Go: callers, reserved accounts, and partners and rules, for which the contract has operations too (package
// program). Whoever holds it runs the portal; there is no further check of who calls. What it refuses matches
// [partnerportal.ErrValidation], with the fields, or [partnerportal.ErrNotFound].
type Admin struct{ p *Portal }

// Admin returns the administration.
func (p *Portal) Admin() *Admin { return &Admin{p} }

// CreatePartner creates a partner. Only Name is needed: ID is made when empty, Status becomes active, ProgramID the default
// programme. Families and Territories are what the partner may register; empty means everything. It becomes no member of its
// programme by that: Tier, TierRank and Productive are taken as they are given, until it is enrolled.
func (a *Admin) CreatePartner(ctx context.Context, partner Partner) (*Partner, error) {
	if partner.ID == "" {
		partner.ID = ids.New(ids.Partner, a.p.Now())
	}
	if err := a.change(ctx, func(ctx context.Context) error { return a.p.rooms.program.AddPartner(ctx, &partner) }); err != nil {
		return nil, err
	}
	return &partner, nil
}

// UpdatePartner replaces what is said of a partner, all but ID and CreatedAt. Suspending one (Status "suspended") ends its
// access within seconds; its deals stay as they are.
func (a *Admin) UpdatePartner(ctx context.Context, partner Partner) (*Partner, error) {
	if err := a.change(ctx, func(ctx context.Context) error { return a.p.rooms.program.ReplacePartner(ctx, &partner) }); err != nil {
		return nil, err
	}
	return &partner, nil
}

// Partner returns a partner.
func (a *Admin) Partner(ctx context.Context, id string) (*Partner, error) {
	return loadPartner(ctx, a.p.store.Read(), id)
}

// Partners returns all partners, the oldest first.
func (a *Admin) Partners(ctx context.Context) ([]Partner, error) {
	return directory.Partners(ctx, a.p.store.Read())
}

// Program returns a programme's rules.
func (a *Admin) Program(ctx context.Context, id string) (*Program, error) {
	return loadProgram(ctx, a.p.store.Read(), id)
}

// PutProgram creates a programme or replaces its rules. They hold for what happens from then on: protections that have
// started keep their ends. Begin with [Admin.Program] of [DefaultProgramID] and change what differs.
func (a *Admin) PutProgram(ctx context.Context, rules Program) error {
	return a.change(ctx, func(ctx context.Context) error {
		_, err := a.p.rooms.program.Put(ctx, rules.ID, "", &rules)
		return err
	})
}

// host is who acts through the administration.
var host = call.Caller{Side: partnerportal.SideVendor, Name: "Administration"}

// change does what an operation of the contract would do, in the same way: in one transaction with what is to be told of it.
func (a *Admin) change(ctx context.Context, do func(context.Context) error) error {
	return a.p.commit(ctx, host, "", func(ctx context.Context, _ *call.Call) error { return do(ctx) })
}

// Reservation keeps a customer for the vendor: partners' registrations of it are in conflict with the reservation.
type Reservation struct {
	// Holder is who keeps the account, for the vendor's own eyes, such as a sales team.
	Holder string
	// Customer is recognised by its domain, D-U-N-S number, name with country, and its ids in systems that the programme shares
	// (DealRules.CustomerIDSystems), as in deals.
	Customer partnerportal.Organization
}

// ReserveAccount makes a reservation.
func (a *Admin) ReserveAccount(ctx context.Context, r Reservation) error {
	var f problem.Fields
	f.Text("/holder", r.Holder, 120)
	keys := match.Keys(customer(r.Customer), policy.Default().Deal.MatchKeys)
	if len(keys) == 0 {
		f.Add("/customer", "required", "Give a domain that is not a free-mail provider's, a D-U-N-S number, a customer id, or name and country.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	doc, err := json.Marshal(r.Customer)
	if err != nil {
		return err
	}
	id := ids.New("rsv_", a.p.Now())
	return a.p.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.PutReservedAccount(ctx, store.PutReservedAccountParams{ID: id, Holder: r.Holder, Doc: string(doc)}); err != nil {
			return err
		}
		for _, key := range keys {
			if err := tx.PutReservedKey(ctx, store.PutReservedKeyParams{MatchKey: string(key), AccountID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

func customer(o partnerportal.Organization) match.Customer {
	domain := o.Domain
	if domain == "" {
		domain = o.Website
	}
	c := match.Customer{Name: o.Name, Country: o.Country, Domain: domain, DUNS: o.DUNS}
	for _, ref := range o.ExternalRefs {
		c.Refs = append(c.Refs, match.Ref{System: ref.System, ID: ref.ID})
	}
	return c
}

// ClientSpec says who a new caller is.
type ClientSpec struct {
	// PartnerID is the partner that it acts for; "" is the vendor.
	PartnerID string
	// Name is shown to both sides as who did something, such as "Acme CRM".
	Name string
	// Scopes are what it may do; none means all that its side needs.
	Scopes []string
}

// Credentials are what a caller exchanges for access tokens. The secret is shown once: the portal keeps only its hash.
type Credentials struct {
	ClientID     string
	ClientSecret string
}

// CreateClient creates a caller that authenticates with client credentials.
func (a *Admin) CreateClient(ctx context.Context, spec ClientSpec) (*Credentials, error) {
	secret := authn.NewSecret(authn.SecretPrefix)
	id, err := a.createCaller(ctx, spec, secret)
	if err != nil {
		return nil, err
	}
	return &Credentials{ClientID: id, ClientSecret: secret}, nil
}

// CreateAPIKey creates a caller that sends a key, ppk_…, with every request. The key is shown once and is good until the
// caller is revoked; prefer [Admin.CreateClient] where the other end can fetch tokens.
func (a *Admin) CreateAPIKey(ctx context.Context, spec ClientSpec) (string, error) {
	key := authn.NewSecret(authn.KeyPrefix)
	_, err := a.createCaller(ctx, spec, key)
	if err != nil {
		return "", err
	}
	return key, nil
}

func (a *Admin) createCaller(ctx context.Context, spec ClientSpec, secret string) (id string, err error) {
	if err := a.checkClient(&spec); err != nil {
		return "", err
	}
	now := a.p.Now()
	id = ids.New(ids.Client, now)
	return id, a.p.store.Write(ctx, func(tx *store.Tx) error {
		if spec.PartnerID != "" {
			if _, err := loadPartner(ctx, tx, spec.PartnerID); err != nil {
				return err
			}
		}
		return tx.InsertClient(ctx, store.InsertClientParams{
			ID: id, PartnerID: spec.PartnerID, Name: spec.Name, SecretHash: authn.Hash(secret),
			Scopes: strings.Join(spec.Scopes, " "), CreatedAt: store.Micros(now),
		})
	})
}

// Client is a caller as the administration lists it.
type Client struct {
	ID        string
	PartnerID string // "" is the vendor
	Name      string
	Scopes    []string
	CreatedAt time.Time
	RevokedAt time.Time // zero while it may call
}

// Clients returns all callers, API keys and revoked ones among them, the oldest first.
func (a *Admin) Clients(ctx context.Context) ([]Client, error) {
	rows, err := a.p.store.Read().Clients(ctx)
	if err != nil {
		return nil, err
	}
	clients := make([]Client, len(rows))
	for i, row := range rows {
		clients[i] = Client{ID: row.ID, PartnerID: row.PartnerID, Name: row.Name, Scopes: strings.Fields(row.Scopes),
			CreatedAt: store.Time(row.CreatedAt), RevokedAt: store.Time(row.RevokedAt)}
	}
	return clients, nil
}

// RevokeClient ends what a caller may do, with all its access tokens: here at once, on other replicas within seconds.
// Revoking it again changes nothing.
func (a *Admin) RevokeClient(ctx context.Context, id string) error {
	err := a.p.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Client(ctx, id); err != nil {
			return orNotFound(err, "client")
		}
		_, err := tx.RevokeClient(ctx, store.RevokeClientParams{ID: id, RevokedAt: store.Micros(a.p.Now())})
		return err
	})
	if err == nil {
		a.p.auth.Forget()
	}
	return err
}

func loadPartner(ctx context.Context, tx *store.Tx, id string) (*Partner, error) {
	partner, err := directory.LoadPartner(ctx, tx, id)
	return partner, orNotFound(err, "partner")
}

func loadProgram(ctx context.Context, tx *store.Tx, id string) (*Program, error) {
	if _, err := tx.Program(ctx, id); err != nil {
		return nil, orNotFound(err, "programme")
	}
	return directory.Load(ctx, tx, id)
}

func orNotFound(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such " + what + "."}
	}
	return err
}
