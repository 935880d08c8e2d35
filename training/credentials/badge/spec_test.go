package badge_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// constants are the values of type that the classes ask for.
var constants = map[string][]string{
	"AchievementCredential": {"VerifiableCredential", "OpenBadgeCredential"},
}

var scalars = map[string]func(any) bool{
	"String":          func(v any) bool { return text(v) != "" },
	"Boolean":         func(v any) bool { _, ok := v.(bool); return ok },
	"Float":           func(v any) bool { _, ok := v.(float64); return ok },
	"IRI":             func(v any) bool { return text(v) != "" },
	"URI":             func(v any) bool { return matches(v, `^[a-z][a-z0-9+.-]*:\S+$`) },
	"DateTime":        func(v any) bool { _, err := time.Parse(time.RFC3339, text(v)); return err == nil },
	"DateTimeZ":       func(v any) bool { return matches(v, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`) },
	"CompactJws":      func(v any) bool { return matches(v, `^[a-zA-Z0-9_-]+\.[a-zA-Z0-9_-]*\.[a-zA-Z0-9_-]+$`) },
	"AchievementType": extensible("AchievementType"), "ResultType": extensible("ResultType"), "AlignmentTargetType": extensible("AlignmentTargetType"),
	"ResultStatusType": func(v any) bool { return slices.Contains(strings.Fields(vocabularies["ResultStatusType"]), text(v)) },
	"Context":          func(v any) bool { return text(v) != "" },
}

// vocabularies are the enumerations of appendix B. All but the last may be extended.
var vocabularies = map[string]string{
	"AchievementType": `Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree Certificate
		CertificateOfCompletion Certification CommunityService Competency Course CoCurricular Degree Diploma DoctoralDegree Fieldwork
		GeneralEducationDevelopment JourneymanCertificate LearningProgram License Membership ProfessionalDoctorate QualityAssuranceCredential
		MasterCertificate MasterDegree MicroCredential ResearchDoctorate SecondarySchoolDiploma`,
	"AlignmentTargetType": `ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL`,
	"ResultType": `GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion RubricCriterionLevel
		RubricScore ScaledScore Status`,
	"ResultStatusType": `Completed Enrolled Failed InProgress OnHold Provisional Withdrew`,
}

func extensible(vocabulary string) func(any) bool {
	return func(v any) bool {
		return matches(v, `^ext:[A-Za-z0-9._-]+$`) || slices.Contains(strings.Fields(vocabularies[vocabulary]), text(v))
	}
}

func text(v any) string { s, _ := v.(string); return s }

func matches(v any, pattern string) bool { return regexp.MustCompile(pattern).MatchString(text(v)) }

type property struct {
	name, class string
	required    bool
	list        bool
	compacted   bool
}

func model(t *testing.T) map[string][]property {
	t.Helper()
	classes := map[string][]property{}
	class := ""
	for line := range strings.Lines(strings.TrimSpace(dataModel)) {
		fields := strings.Fields(line)
		if len(fields) == 1 {
			class = fields[0]
			continue
		}
		classes[class] = append(classes[class], property{
			name: fields[0], class: fields[1], required: !strings.HasPrefix(fields[2], "0"),
			list: strings.HasSuffix(fields[2], "*"), compacted: len(fields) == 4,
		})
	}
	if len(classes) != 19 {
		t.Fatal("the data model was not read")
	}
	return classes
}

// breaches compares JSON with a class, and reports where it differs.
func breaches(classes map[string][]property, class, at string, value any) []string {
	if class == "ProfileRef" {
		if _, reference := value.(string); reference {
			class = "URI"
		} else {
			class = "Profile"
		}
	}
	properties, composed := classes[class]
	if !composed {
		if !scalars[class](value) {
			return []string{fmt.Sprintf("%s: %v is no %s", at, value, class)}
		}
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return []string{at + ": is no object"}
	}
	var found []string
	for _, p := range properties {
		member, there := object[p.name]
		items, array := member.([]any)
		switch here := at + "/" + p.name; {
		case !there && p.required:
			found = append(found, here+": is missing")
		case !there:
		case array && !p.list, !array && p.list && !p.compacted:
			found = append(found, here+": is a list and should not be, or the reverse")
		case array:
			for i, item := range items {
				found = append(found, breaches(classes, p.class, fmt.Sprintf("%s/%d", here, i), item)...)
			}
		default:
			found = append(found, breaches(classes, p.class, here, member)...)
		}
	}
	for name := range object {
		if !slices.ContainsFunc(properties, func(p property) bool { return p.name == name }) {
			found = append(found, at+"/"+name+": is not of the data model")
		}
	}
	want := constants[class]
	if want == nil && slices.ContainsFunc(properties, func(p property) bool { return p.name == "type" && p.list }) {
		want = []string{class}
	}
	for _, constant := range want {
		if types, _ := object["type"].([]any); !slices.Contains(types, any(constant)) {
			found = append(found, at+"/type: lacks "+constant)
		}
	}
	return found
}

// full uses every property that the package knows.
func (w *world) full() *badge.Credential {
	alignment := []badge.Alignment{{
		TargetName: "ISO/IEC 27001", TargetURL: "https://www.iso.org/standard/27001", TargetCode: "27001", TargetDescription: "Security",
		TargetFramework: "ISO", TargetType: "CTDL",
	}}
	identifiers := []badge.IdentifierEntry{{Identifier: "ENG-2", IdentifierType: "sourcedId"}}
	image := &badge.Image{ID: "https://portal.example.com/x.png", Caption: "A router"}
	profile := badge.Profile{
		ID: "https://academy.acme.example", Name: "Academy", URL: "https://academy.acme.example", Phone: "+41 44 000 00 00",
		Description: "Teaches", Image: image, Email: "academy@acme.example", OtherIdentifier: identifiers, Official: "Grace Hopper",
		Address:   &badge.Address{AddressCountry: "Switzerland", AddressCountryCode: "CH", AddressRegion: "ZH", AddressLocality: "Zürich", StreetAddress: "1", PostalCode: "8000"},
		ParentOrg: &badge.Profile{ID: "https://acme.example", Name: "Acme"}, EndorsementJWT: []string{"e30.e30.AA"},
	}
	c := w.credential()
	c.Description, c.Image, c.EndorsementJWT = "Level 2", image, []string{"e30.e30.AA"}
	c.Evidence = []badge.Evidence{{ID: "https://portal.example.com/e/1", Narrative: "Exam", Name: "ENG-200", Description: "Report", Genre: "Exam", Audience: "Vendor"}}
	c.CredentialSchema = badge.Set[badge.SchemaRef]{{ID: "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json", Type: "1EdTechJsonSchemaValidator2019"}}
	c.RefreshService = &badge.Service{ID: "https://portal.example.com/refresh", Type: "1EdTechCredentialRefresh"}
	c.TermsOfUse = badge.Set[badge.Service]{{ID: "https://portal.example.com/terms", Type: "Terms"}}
	profile2 := profile
	c.Issuer = profile
	c.Issuer.ID = issuerID

	s := &c.CredentialSubject
	s.ActivityStartDate, s.ActivityEndDate, s.CreditsEarned, s.Image = from, until, 1.5, image
	s.LicenseNumber, s.Narrative, s.Role, s.Source, s.Term = "L-1", "Did *well*", "Engineer", &profile2, "Spring"
	s.Result = []badge.Result{{AchievedLevel: "urn:level:2", Alignment: alignment, ResultDescription: "urn:result:1", Status: "Completed", Value: "92"}}

	a := &s.Achievement
	a.Alignment, a.Creator, a.CreditsAvailable, a.FieldOfStudy = alignment, &profile2, 3, "Networks"
	a.HumanCode, a.InLanguage, a.OtherIdentifier, a.Specialization, a.Version = "ENG-2", "en", identifiers, "Routers", "2"
	a.Criteria.ID, a.Related = "https://portal.example.com/criteria", []badge.Related{{ID: "urn:achievement:1", InLanguage: "de", Version: "1"}}
	a.EndorsementJWT = []string{"e30.e30.AA"}
	a.ResultDescription = []badge.ResultDescription{{
		ID: "urn:result:1", Name: "Score", ResultType: "Percent", Alignment: alignment, AllowedValue: []string{"0", "100"}, RequiredLevel: "urn:level:1",
		RequiredValue: "80", ValueMin: "0", ValueMax: "100",
		RubricCriterionLevel: []badge.RubricCriterionLevel{{ID: "urn:level:1", Name: "Pass", Alignment: alignment, Description: "80 %", Level: "1", Points: "80"}},
	}}
	return c
}

// signed is the JSON of a token, without the claims of the JWT, which are checked by themselves.
func signed(t *testing.T, token string) (object, claims map[string]any) {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(payload, &object))
	claims = map[string]any{}
	for _, name := range []string{"iss", "jti", "sub", "nbf", "exp"} {
		claims[name] = object[name]
		delete(object, name)
	}
	return object, claims
}

func TestCredentialsAreOfTheDataModel(t *testing.T) {
	t.Parallel()
	classes := model(t)
	w := newWorld(t)
	reference := w.credential()
	reference.Issuer = badge.Profile{ID: issuerID}
	for name, c := range map[string]*badge.Credential{"as the portal issues it": w.credential(), "issuer by reference": reference, "all properties": w.full()} {
		object, claims := signed(t, w.sign(t, c))
		assert.Empty(t, breaches(classes, "AchievementCredential", "", object), name)
		assert.Equal(t, map[string]any{
			"iss": issuerID, "jti": c.ID, "sub": c.CredentialSubject.ID, "nbf": float64(from.Unix()), "exp": float64(until.Unix()),
		}, claims, name)
		assert.Equal(t, []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}, object["@context"])
	}
	object, _ := signed(t, w.sign(t, w.full()))
	for class, properties := range classes {
		for _, p := range properties {
			assert.True(t, uses(object, p.name), "the full credential has no %s of %s: the test would hold nothing", p.name, class)
		}
	}
}

func uses(value any, name string) bool {
	switch value := value.(type) {
	case map[string]any:
		if _, ok := value[name]; ok {
			return true
		}
		for _, member := range value {
			if uses(member, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(item any) bool { return uses(item, name) })
	}
	return false
}

// The words of the vocabularies are taken, and no others, but for extensions where the standard allows them.
func TestVocabularies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for vocabulary, put := range map[string]func(c *badge.Credential, word string){
		"AchievementType":     func(c *badge.Credential, word string) { c.CredentialSubject.Achievement.AchievementType = word },
		"AlignmentTargetType": func(c *badge.Credential, word string) { c.CredentialSubject.Achievement.Alignment[0].TargetType = word },
		"ResultType": func(c *badge.Credential, word string) {
			c.CredentialSubject.Achievement.ResultDescription[0].ResultType = word
		},
		"ResultStatusType": func(c *badge.Credential, word string) { c.CredentialSubject.Result[0].Status = word },
	} {
		c := w.full()
		for word := range strings.FieldsSeq(vocabularies[vocabulary]) {
			put(c, word)
			w.sign(t, c)
		}
		put(c, "ext:OurOwn")
		_, err := badge.Sign(c, w.key)
		assert.Equal(t, vocabulary != "ResultStatusType", err == nil, vocabulary)
		for _, word := range []string{"certification", "Diploma Mill", "ext:", "Certification "} {
			put(c, word)
			_, err := badge.Sign(c, w.key)
			assert.ErrorContains(t, err, "vocabulary", "%s: %q", vocabulary, word)
		}
	}
}

// TestWhatTheDataModelRequires takes each required property away, wherever it occurs, and puts text where a list belongs: no such
// credential may pass, though its issuer signed it.
func TestWhatTheDataModelRequires(t *testing.T) {
	t.Parallel()
	f := newForgery(t)
	token := f.sign(t, f.full())
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	var root map[string]any
	require.NoError(t, json.Unmarshal(payload, &root))
	bundle, err := badge.NewBundle(f.contents)
	require.NoError(t, err)
	tried := 0
	spoil := func(object map[string]any, name string, value any) {
		kept := object[name]
		if object[name] = value; value == nil {
			delete(object, name)
		}
		f.payload = marshal(t, root)
		v := badge.Verify(f.valid(), bundle, badge.At(now))
		assert.Equal(t, badge.Failed, v.Schema.Result, "%s of %v as %v", name, object["type"], value)
		object[name] = kept
		tried++
	}
	require.Equal(t, badge.Passed, badge.Verify([]byte(token), bundle, badge.At(now)).Schema.Result)
	classes := model(t)
	var walk func(class string, object map[string]any)
	walk = func(class string, object map[string]any) {
		for _, p := range classes[class] {
			member, there := object[p.name]
			items, array := member.([]any)
			if there && p.required {
				spoil(object, p.name, nil)
			}
			if array && !p.compacted {
				spoil(object, p.name, "not a list")
			}
			if !array {
				items = []any{member}
			}
			for _, item := range items {
				if inner, ok := item.(map[string]any); ok {
					walk(strings.TrimSuffix(p.class, "Ref"), inner)
				}
			}
		}
	}
	walk("AchievementCredential", root)
	assert.Greater(t, tried, 60)
}
