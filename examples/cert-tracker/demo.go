package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// demo is a portal in which people have worked.
type demo struct {
	partnerID    string
	acme, vendor *partnerportal.Client
}

// openDemo opens a portal in memory in which four people of a partner are certified, and returns the partner's client.
func openDemo(ctx context.Context) (_ *partnerportal.Client, closePortal func() error, err error) {
	p, err := portal.Open(ctx, "sqlite::memory:")
	if err != nil {
		return nil, nil, err
	}
	partner, err := p.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return nil, nil, errors.Join(err, p.Close())
	}
	d := &demo{partnerID: partner.ID}
	if d.acme, err = login(ctx, p, partner.ID); err == nil {
		d.vendor, err = login(ctx, p, "")
	}
	if err == nil {
		err = d.play(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, p.Close())
	}
	return d.acme, p.Close, nil
}

func login(ctx context.Context, p *portal.Portal, partnerID string) (*partnerportal.Client, error) {
	key, err := p.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: partnerID, Name: cmp.Or(partnerID, "vendor")})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://portal.example.com", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
}

func (d *demo) play(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.definitions, d.tier, d.certify} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// definitions are a certification that is renewed by training, in the 60 days before its end and the 30 after, and one that is not
// renewed at all.
func (d *demo) definitions(ctx context.Context) error {
	proofs, school := credentials.New(d.vendor), training.New(d.vendor)
	if _, err := proofs.PutIssuer(ctx, credentials.Issuer{Name: "Globex", URL: "https://portal.example.com"}); err != nil {
		return err
	}
	course, err := school.CreateCourse(ctx, training.NewCourse{Code: "ENG-250", Title: "What is new in routers"})
	if err != nil {
		return err
	}
	if course, err = school.PublishCourse(ctx, course.ID); err != nil {
		return err
	}
	_, err = proofs.PutDefinition(ctx, "engineer", credentials.Definition{
		Name: "Certified Engineer", Description: "Installs and repairs routers.",
		Criteria: credentials.Criteria{Narrative: "Passed the exam ENG-200."}, ValidityMonths: 24, CourseIDs: []string{course.ID},
		Renewal: credentials.RenewalRules{Method: credentials.RenewalMethodTraining, WindowDays: 60, LateDays: 30},
	})
	if err != nil {
		return err
	}
	_, err = proofs.PutDefinition(ctx, "launch", credentials.Definition{
		Name: "Launch Partner", Description: "Sold the first GTX.", Criteria: credentials.Criteria{Narrative: "Sold one in the first year."}, ValidityMonths: 12,
	})
	return err
}

// tier asks for two certified engineers.
func (d *demo) tier(ctx context.Context) error {
	programs := program.New(d.vendor)
	rules, err := programs.Get(ctx, program.DefaultID)
	if err != nil {
		return err
	}
	rules.Tiers = []program.Tier{
		{ID: "member", Name: "Member", Rank: 1},
		{ID: "gold", Name: "Gold", Rank: 2, Productive: true, Requirements: []program.Requirement{{
			ID: "engineers", Kind: program.RequirementKindCertifiedPeople, Name: "Certified engineers", Threshold: 2,
			CredentialDefinitionIDs: []string{"engineer"},
		}}},
	}
	rules.Membership.AtRiskDays = 90
	if _, err = programs.Put(ctx, rules.ID, *rules, partnerportal.IfMatch(rules)); err != nil {
		return err
	}
	_, err = programs.Enrol(ctx, program.Enrolment{ProgramID: rules.ID, PartnerID: d.partnerID, TierID: "gold"})
	return err
}

// certify gives people what they have, as if it had been long ago.
func (d *demo) certify(ctx context.Context) error {
	for _, who := range []struct {
		name, definition string
		days             int
	}{
		{"Ada Lovelace", "engineer", 21}, {"Grace Hopper", "engineer", 75}, {"Edsger Dijkstra", "engineer", 400}, {"Radia Perlman", "launch", 40},
	} {
		learner, err := training.New(d.acme).AddLearner(ctx, training.NewLearner{
			Name: who.name, Email: who.name[:3] + "@acme.example", Roles: []training.Role{training.RoleEngineer},
		})
		if err != nil {
			return err
		}
		_, err = credentials.New(d.vendor).Issue(ctx, credentials.NewCredential{
			DefinitionID: who.definition, LearnerID: learner.ID, ValidUntil: time.Now().AddDate(0, 0, who.days).Truncate(time.Second),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
