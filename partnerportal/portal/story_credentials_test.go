package portal_test

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// credentials: the vendor certifies three people at Acme, who lose, renew and replace what they have, while a tier depends on it; and one
// brings a badge from elsewhere.
func (s *story) credentials() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.credentials, s.vendor.credentials
	credential := did[credentials.Credential](s)
	_, err := acme.GetIssuer(ctx)
	s.refused("not_found", err)
	issuer := did[credentials.Issuer](s)(vendor.PutIssuer(ctx, credentials.Issuer{Name: "Vendor", URL: "https://portal.test"}))
	assert.Equal(t, issuer, did[credentials.Issuer](s)(acme.GetIssuer(ctx)))
	did[credentials.Key](s)(vendor.RotateKey(ctx, credentials.KeyRotation{Algorithm: credentials.AlgorithmES256}))
	assert.Len(t, did[credentials.KeyList](s)(acme.ListKeys(ctx)).Items, 2)
	s.definitions()
	s.certifiedMembers()

	ada, grace := s.learner("Ada"), s.learner("Grace")
	k := credential(vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada}))
	_, err = vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: ada})
	s.refused("already_held", err)
	credential(vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "for-ever", LearnerID: ada}))
	other := credential(vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: grace}))
	fresh := credential(vendor.Supersede(ctx, other.ID, credentials.Replacement{Reason: "A new name."}))
	credential(vendor.Revoke(ctx, fresh.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct, Reason: "Sold the exam."}))
	credential(vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: grace}))
	assert.Len(t, did[credentials.Page](s)(acme.List(ctx, credentials.ListParams{Status: credentials.InForce})).Items, 3)
	assert.NotEmpty(t, did[credentials.BadgeDocument](s)(acme.OpenBadge(ctx, k.ID)).Badge)
	assert.True(t, did[credentials.Verdict](s)(acme.Verify(ctx, k.ID)).OK)
	for _, picture := range []*partnerportal.Download{did[partnerportal.Download](s)(acme.OpenPNG(ctx, k.ID)), did[partnerportal.Download](s)(acme.OpenSVG(ctx, k.ID))} {
		s.ok(picture.Close())
	}

	_, err = vendor.Renew(ctx, k.ID, credentials.Renewal{})
	s.refused("renewal_not_open", err)
	s.advance(k.RenewalOpensAt.Sub(s.p.Now()))
	credential(acme.RequestRenewal(ctx, k.ID))
	credential(vendor.Renew(ctx, k.ID, credentials.Renewal{Score: "91"}))
	s.advance(70 * 24 * time.Hour) // Grace does not renew
	assert.Equal(t, credentials.StatusIssued, credential(acme.Get(ctx, k.ID)).Status)
	s.foreignBadge()
	s.takenBack()
}

// takenBack: the learning system takes back what Joan was certified for.
func (s *story) takenBack() {
	desk, ctx := s.vendor.training, s.ctx
	course := did[training.Course](s)(desk.CreateCourse(ctx, training.NewCourse{Code: "GTX-301", Title: "GTX at scale"}))
	course = did[training.Course](s)(desk.PublishCourse(ctx, course.ID))
	did[credentials.Definition](s)(s.vendor.credentials.PutDefinition(ctx, "scale", credentials.Definition{
		Name: "GTX at scale", Description: "Runs many.", Criteria: credentials.Criteria{Narrative: "Took the course."}, CourseIDs: []string{course.ID}, AutoIssue: true,
	}))
	joan := s.newLearner("joan")
	s.learned(joan, course, source.VerbPassed)
	certified := func() []credentials.Credential {
		return did[credentials.Page](s)(s.acme.credentials.List(ctx, credentials.ListParams{LearnerID: []string{joan.ID}, Status: credentials.InForce})).Items
	}
	assert.Len(s.t, certified(), 1)
	e := did[training.EnrolmentPage](s)(s.acme.training.List(ctx, training.ListParams{LearnerID: []string{joan.ID}})).Items[0]
	s.advance(time.Minute)
	s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.p.Now()}, Records: []source.Record{{ID: e.Source.RecordID, Verb: source.VerbVoided}}}
	s.ok(s.p.Pull(ctx))
	assert.Equal(s.t, training.StatusWithdrawn, did[training.Enrolment](s)(s.acme.training.Get(ctx, e.ID)).Status)
	assert.Len(s.t, certified(), 1, "until the vendor decides")
}

func (s *story) learner(name string) string {
	s.t.Helper()
	return did[training.Learner](s)(training.New(s.acme.client).AddLearner(s.ctx, training.NewLearner{Name: name, Email: name + "@acme.example"})).ID
}

func (s *story) definitions() {
	vendor, definition := s.vendor.credentials, did[credentials.Definition](s)
	def := credentials.Definition{
		Name: "GTX Engineer", Description: "Installs and operates GTX.", Criteria: credentials.Criteria{Narrative: "Passed the exam."}, ValidityMonths: 3,
		Renewal: credentials.RenewalRules{Method: credentials.RenewalMethodExam, WindowDays: 45, LateDays: 30, NoticeDays: []int{30}},
		Accepts: []credentials.Equivalent{{Issuer: "https://academy.example", Achievement: "https://academy.example/gtx"}},
	}
	d := definition(vendor.PutDefinition(s.ctx, "gtx", def))
	definition(vendor.PutDefinition(s.ctx, "gtx", *d, partnerportal.IfMatch(d)))
	def.ValidityMonths, def.Renewal, def.Accepts = 0, credentials.RenewalRules{}, nil
	definition(vendor.PutDefinition(s.ctx, "for-ever", def))
	assert.Equal(s.t, "GTX Engineer", definition(s.acme.credentials.GetDefinition(s.ctx, "gtx")).Name)
	assert.Len(s.t, did[credentials.DefinitionPage](s)(s.acme.credentials.ListDefinitions(s.ctx, credentials.ListDefinitionsParams{})).Items, 2)
}

// certifiedMembers makes Acme a member of a programme whose tier asks for two engineers.
func (s *story) certifiedMembers() {
	ctx, vendor := s.ctx, s.vendor.program
	rules := did[program.Program](s)(vendor.Get(ctx, portal.DefaultProgramID))
	rules.ID, rules.Name, rules.Membership.TermMonths, rules.Tiers = "engineers", "Engineers", 12, []program.Tier{
		{ID: "basic", Name: "Basic", Rank: 1},
		{ID: "expert", Name: "Expert", Rank: 2, Requirements: []program.Requirement{
			{ID: "engineers", Kind: program.RequirementKindCertifiedPeople, Threshold: 2, CredentialDefinitionIDs: []string{"gtx"}},
		}},
	}
	did[program.Program](s)(vendor.Put(ctx, rules.ID, *rules))
	did[program.Membership](s)(vendor.Enrol(ctx, program.Enrolment{ProgramID: rules.ID, PartnerID: s.acmeID, TierID: "expert"}))
}

// foreignBadge: what an academy has issued is trusted, brought in, and accepted although nobody knows its status list.
func (s *story) foreignBadge() {
	ctx, acme, vendor := s.ctx, s.acme.credentials, s.vendor.credentials
	trusted, credential := did[credentials.TrustedIssuer](s), did[credentials.Credential](s)
	key, err := badge.GenerateKey(badge.EdDSA)
	s.ok(err)
	keys, err := json.Marshal(badge.JWKS{Keys: []badge.PublicKey{key.Public()}})
	s.ok(err)
	academy := credentials.TrustedIssuer{Name: "Academy", Issuer: "https://academy.example"}
	s.ok(json.Unmarshal(keys, &academy.JWKS))
	academy = *trusted(vendor.PutTrustedIssuer(ctx, "academy", academy))
	academy = *trusted(acme.GetTrustedIssuer(ctx, "academy"))
	assert.Len(s.t, did[credentials.TrustedIssuerPage](s)(acme.ListTrustedIssuers(ctx, credentials.ListTrustedIssuersParams{})).Items, 1)

	now := s.p.Now().Truncate(time.Second)
	jwt, err := badge.Sign(&badge.Credential{
		ID: "https://academy.example/1", Issuer: badge.Profile{ID: academy.Issuer}, ValidFrom: now, ValidUntil: now.AddDate(1, 0, 0),
		CredentialStatus: badge.Statuses{badge.Status("https://academy.example/status", 1, badge.Revocation)},
		CredentialSubject: badge.Subject{
			Identifier:  []badge.Identity{badge.EmailIdentity("edith@acme.example", "salt")},
			Achievement: badge.Achievement{ID: "https://academy.example/gtx", Name: "GTX", Description: "GTX.", Criteria: badge.Criteria{Narrative: "Passed."}},
		},
	}, key)
	s.ok(err)
	edith := s.learner("edith")
	_, err = acme.Import(ctx, credentials.ImportRequest{LearnerID: edith, Badge: "nothing"})
	s.refused("unsupported_credential", err)
	_, err = acme.Import(ctx, credentials.ImportRequest{LearnerID: s.learner("iris"), Badge: jwt})
	s.refused("holder_mismatch", err)
	k := credential(acme.Import(ctx, credentials.ImportRequest{LearnerID: edith, Badge: jwt}))
	credential(vendor.Accept(ctx, k.ID, credentials.Ruling{Reason: "Confirmed by mail."}))
	s.ok(vendor.DeleteTrustedIssuer(ctx, "academy", partnerportal.IfMatch(&academy)))
}
