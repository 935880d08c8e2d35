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
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
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
)

// DefaultProgramID is the programme that every portal has and that partners belong to when nothing else is said.
const DefaultProgramID = policy.DefaultID

// Admin manages what the contract has no operations for yet: partners, callers and rules. It is Go, so whoever holds it runs
// the portal; there is no further check of who calls. What it refuses matches [partnerportal.ErrValidation], with the fields,
// or [partnerportal.ErrNotFound].
type Admin struct{ p *Portal }

// Admin returns the administration.
func (p *Portal) Admin() *Admin { return &Admin{p} }

// CreatePartner creates a partner. Only Name is needed: ID is made when empty, Status becomes active, ProgramID the default
// programme. Families and Territories are what the partner may register; empty means everything.
func (a *Admin) CreatePartner(ctx context.Context, partner Partner) (*Partner, error) {
	now := a.p.Now()
	if partner.ID == "" {
		partner.ID = ids.New(ids.Partner, now)
	}
	partner.CreatedAt = now
	if err := checkPartner(&partner); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(partner)
	if err != nil {
		return nil, err
	}
	err = a.p.store.Write(ctx, func(tx *store.Tx) error {
		if err := hasProgram(ctx, tx, partner.ProgramID); err != nil {
			return err
		}
		if _, err := tx.Partner(ctx, partner.ID); !errors.Is(err, store.ErrNotFound) {
			return orElse(err, refuse("/id", "duplicate_key", "There is a partner with this id already."))
		}
		return tx.InsertPartner(ctx, store.InsertPartnerParams{
			ID: partner.ID, Status: partner.Status, ProgramID: partner.ProgramID, Doc: string(doc), CreatedAt: store.Micros(now),
		})
	})
	if err != nil {
		return nil, err
	}
	return &partner, nil
}

// UpdatePartner replaces what is said of a partner, all but ID and CreatedAt. Suspending one (Status "suspended") ends its
// access within seconds; its deals stay as they are.
func (a *Admin) UpdatePartner(ctx context.Context, partner Partner) (*Partner, error) {
	if err := checkPartner(&partner); err != nil {
		return nil, err
	}
	err := a.p.store.Write(ctx, func(tx *store.Tx) error {
		before, err := loadPartner(ctx, tx, partner.ID)
		if err != nil {
			return err
		}
		if err := hasProgram(ctx, tx, partner.ProgramID); err != nil {
			return err
		}
		partner.CreatedAt = before.CreatedAt
		doc, err := json.Marshal(partner)
		if err != nil {
			return err
		}
		return store.Changed(tx.UpdatePartner(ctx, store.UpdatePartnerParams{
			ID: partner.ID, Status: partner.Status, ProgramID: partner.ProgramID, Doc: string(doc),
		}))
	})
	if err != nil {
		return nil, err
	}
	a.p.auth.Forget()
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
	if err := checkProgram(&rules); err != nil {
		return err
	}
	return a.p.store.Write(ctx, func(tx *store.Tx) error { return directory.Put(ctx, tx, &rules) })
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
	var f fields
	f.text("/holder", r.Holder, 120)
	keys := match.Keys(customer(r.Customer), matchKeys)
	if len(keys) == 0 {
		f.add("/customer", "required", "Give a domain that is not a free-mail provider's, a D-U-N-S number, a customer id, or name and country.")
	}
	if err := f.err(); err != nil {
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

func hasProgram(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Program(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return refuse("/program_id", "invalid_value", "There is no such programme. Create it with PutProgram first.")
	}
	return err
}

func orNotFound(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such " + what + "."}
	}
	return err
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
