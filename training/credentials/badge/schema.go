package badge

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// InvalidError says what a credential lacks or has wrong, up to 100 violations.
type InvalidError struct {
	Violations []Violation `json:"violations"`
}

// Violation is one breach of the data model of Open Badges 3.0.
type Violation struct {
	Pointer string `json:"pointer"` // Pointer is where, as a JSON Pointer (RFC 6901).
	Rule    string `json:"rule"`    // Rule is what the standard asks for there.
}

// Error lists every violation.
func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		lines[i] = v.Pointer + ": " + v.Rule
	}
	return "badge: not an Open Badges 3.0 credential: " + strings.Join(lines, "; ")
}

// Validate checks the properties that Open Badges 3.0 requires, their types and how often they occur. Its error is an
// [*InvalidError]. Types and contexts that are left empty are violations here; [Sign] fills them in first.
func (c *Credential) Validate() error {
	v := visitor{}
	v.credential(c)
	if len(v.violations) > 0 {
		return &InvalidError{Violations: v.violations}
	}
	return nil
}

// complete fills in what is the same in all credentials.
func (c *Credential) complete() {
	if len(c.Context) == 0 {
		c.Context = Set[any]{ContextVC, ContextOB}
	}
	if len(c.Type) == 0 {
		c.Type = Set[string]{TypeCredential, TypeBadge}
	}
	v := visitor{filling: true}
	v.credential(c)
}

// maxViolations bounds what is said about a credential of thousands of faults.
const maxViolations = 100

// visitor walks a credential as appendix B of the standard describes it, once to fill in types and once to find what is wrong.
type visitor struct {
	filling    bool
	at         []string // the pointer, one element for each level; joined only for a violation
	violations []Violation
}

func (v *visitor) in(name string, visit func()) {
	v.at = append(v.at, name)
	visit()
	v.at = v.at[:len(v.at)-1]
}

func (v *visitor) violate(name, rule string) {
	if len(v.violations) == maxViolations {
		return
	}
	pointer := "/" + strings.Join(v.at, "/")
	if len(v.at) > 0 {
		pointer += "/"
	}
	v.violations = append(v.violations, Violation{Pointer: pointer + name, Rule: rule})
}

func each[T any](v *visitor, name string, items []T, visit func(*T)) {
	for i := range items {
		v.in(name, func() { v.in(strconv.Itoa(i), func() { visit(&items[i]) }) })
	}
}

func (v *visitor) required(name, value string) {
	if value == "" {
		v.violate(name, "is required")
	}
}

func (v *visitor) uri(name, value string, required bool) {
	switch {
	case value == "" && required:
		v.violate(name, "is required")
	case value != "" && !isAbsolute(value):
		v.violate(name, "is an absolute URI")
	}
}

// isAbsolute tells a URI with a scheme from a name or a relative path. It takes no spaces, and nothing that a reader does not see.
func isAbsolute(uri string) bool {
	scheme, rest, ok := strings.Cut(uri, ":")
	return ok && scheme != "" && isLetter(rune(scheme[0])) && rest != "" &&
		!strings.ContainsFunc(scheme, func(r rune) bool { return !isLetter(r) && !strings.ContainsRune("0123456789+.-", r) }) &&
		!strings.ContainsFunc(rest, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func (v *visitor) instant(name string, t time.Time, required bool) {
	if required && t.IsZero() {
		v.violate(name, "is required")
	}
}

func (v *visitor) types(types *Set[string], want ...string) {
	if v.filling && len(*types) == 0 {
		*types = Set[string]{want[0]}
	}
	if !slices.ContainsFunc(want, func(w string) bool { return slices.Contains(*types, w) }) {
		v.violate("type", "contains "+strings.Join(want, " or "))
	}
}

func (v *visitor) kind(kind *string, want string) {
	if v.filling && *kind == "" {
		*kind = want
	}
	if *kind != want {
		v.violate("type", "is "+want)
	}
}

func (v *visitor) credential(c *Credential) {
	v.context(c.Context)
	v.uri("id", c.ID, true)
	v.types(&c.Type, TypeCredential)
	v.types(&c.Type, TypeBadge, "AchievementCredential")
	v.in("issuer", func() { v.issuer(&c.Issuer) })
	v.instant("validFrom", c.ValidFrom, true)
	if !c.ValidUntil.IsZero() && !c.ValidUntil.After(c.ValidFrom) {
		v.violate("validUntil", "is after validFrom")
	}
	v.image(c.Image)
	v.in("credentialSubject", func() { v.subject(&c.CredentialSubject) })
	if len(c.CredentialStatus) > 1 {
		v.violate("credentialStatus", "occurs once")
	}
	each(v, "credentialStatus", c.CredentialStatus, v.status)
	each(v, "credentialSchema", c.CredentialSchema, func(s *SchemaRef) {
		v.uri("id", s.ID, true)
		v.required("type", s.Type)
	})
	each(v, "evidence", c.Evidence, func(e *Evidence) {
		v.uri("id", e.ID, false)
		v.types(&e.Type, "Evidence")
	})
	if s := c.RefreshService; s != nil {
		v.in("refreshService", func() { v.uri("id", s.ID, true); v.required("type", s.Type) })
	}
	each(v, "termsOfUse", c.TermsOfUse, func(s *Service) { v.uri("id", s.ID, false); v.required("type", s.Type) })
}

// contextOB are the contexts of Open Badges 3.0 and its later patches.
var contextOB = regexp.MustCompile(`^https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json$`)

func (v *visitor) context(context []any) {
	v.in("@context", func() {
		if len(context) == 0 || context[0] != any(ContextVC) {
			v.violate("0", "is "+ContextVC)
		}
		if len(context) < 2 || !isContextOB(context[1]) {
			v.violate("1", "is "+ContextOB)
		}
		for i, item := range context {
			switch item := item.(type) {
			case map[string]any:
			case string:
				v.uri(strconv.Itoa(i), item, true)
			default:
				v.violate(strconv.Itoa(i), "is a URI or an object")
			}
		}
	})
}

func isContextOB(item any) bool {
	s, ok := item.(string)
	return ok && (s == ContextOB || contextOB.MatchString(s))
}

func (v *visitor) subject(s *Subject) {
	if s.ID == "" && len(s.Identifier) == 0 {
		v.violate("id", "is required where identifier is empty")
	}
	v.uri("id", s.ID, false)
	v.types(&s.Type, "AchievementSubject")
	v.in("achievement", func() { v.achievement(&s.Achievement) })
	each(v, "identifier", s.Identifier, func(i *Identity) {
		v.kind(&i.Type, "IdentityObject")
		v.required("identityHash", i.IdentityHash)
		v.required("identityType", i.IdentityType)
		if i.vague {
			v.violate("hashed", "is required")
		}
		if algorithm, _, ok := strings.Cut(i.IdentityHash, "$"); i.Hashed && (!ok || algorithm != "sha256" && algorithm != "md5") {
			v.violate("identityHash", "begins with sha256$ or md5$ where hashed is true")
		}
	})
	v.image(s.Image)
	each(v, "result", s.Result, func(r *Result) {
		v.types(&r.Type, "Result")
		v.word("status", r.Status, resultStatuses, false)
		v.uri("achievedLevel", r.AchievedLevel, false)
		v.uri("resultDescription", r.ResultDescription, false)
		v.alignments(r.Alignment)
	})
	if s.Source != nil {
		v.in("source", func() { v.profile(s.Source) })
	}
}

func (v *visitor) achievement(a *Achievement) {
	v.uri("id", a.ID, true)
	v.types(&a.Type, "Achievement")
	v.word("achievementType", a.AchievementType, achievementTypes, true)
	v.required("name", a.Name)
	v.required("description", a.Description)
	if !a.Criteria.given && a.Criteria == (Criteria{}) {
		v.violate("criteria", "is required")
	}
	v.uri("criteria/id", a.Criteria.ID, false)
	v.alignments(a.Alignment)
	if a.Creator != nil {
		v.in("creator", func() { v.profile(a.Creator) })
	}
	v.image(a.Image)
	v.identifiers(a.OtherIdentifier)
	each(v, "related", a.Related, func(r *Related) {
		v.uri("id", r.ID, true)
		v.types(&r.Type, "Related")
	})
	each(v, "resultDescription", a.ResultDescription, v.resultDescription)
}

func (v *visitor) resultDescription(d *ResultDescription) {
	v.uri("id", d.ID, true)
	v.types(&d.Type, "ResultDescription")
	v.required("name", d.Name)
	v.required("resultType", d.ResultType)
	v.word("resultType", d.ResultType, resultTypes, true)
	v.uri("requiredLevel", d.RequiredLevel, false)
	v.alignments(d.Alignment)
	each(v, "rubricCriterionLevel", d.RubricCriterionLevel, func(l *RubricCriterionLevel) {
		v.uri("id", l.ID, true)
		v.types(&l.Type, "RubricCriterionLevel")
		v.required("name", l.Name)
		v.alignments(l.Alignment)
	})
}

func (v *visitor) alignments(alignments []Alignment) {
	each(v, "alignment", alignments, func(a *Alignment) {
		v.types(&a.Type, "Alignment")
		v.required("targetName", a.TargetName)
		v.uri("targetUrl", a.TargetURL, true)
		v.word("targetType", a.TargetType, targetTypes, true)
	})
}

// issuer is a profile, or the URI of one. Everybody else is a profile.
func (v *visitor) issuer(p *Profile) {
	if p.isReference() {
		v.uri("id", p.ID, true)
		return
	}
	v.profile(p)
}

func (v *visitor) profile(p *Profile) {
	v.uri("id", p.ID, true)
	v.types(&p.Type, "Profile")
	v.uri("url", p.URL, false)
	v.image(p.Image)
	if p.Address != nil {
		v.in("address", func() { v.types(&p.Address.Type, "Address") })
	}
	v.identifiers(p.OtherIdentifier)
	if p.ParentOrg != nil {
		v.in("parentOrg", func() { v.profile(p.ParentOrg) })
	}
}

func (v *visitor) identifiers(identifiers []IdentifierEntry) {
	each(v, "otherIdentifier", identifiers, func(i *IdentifierEntry) {
		v.kind(&i.Type, "IdentifierEntry")
		v.required("identifier", i.Identifier)
		v.required("identifierType", i.IdentifierType)
	})
}

func (v *visitor) image(i *Image) {
	if i != nil {
		v.in("image", func() { v.uri("id", i.ID, true); v.kind(&i.Type, "Image") })
	}
}

// status checks the entries that this package reads; others need an id and a type.
func (v *visitor) status(s *StatusEntry) {
	v.uri("id", s.ID, true) // optional in Bitstring Status List, required in Open Badges
	if v.required("type", s.Type); s.Type != statusEntryType {
		return
	}
	v.required("statusPurpose", s.StatusPurpose)
	v.uri("statusListCredential", s.StatusListCredential, true)
	if _, err := s.index(); err != nil {
		v.violate("statusListIndex", fmt.Sprintf("is a whole number from 0 to %d, as a string of digits", MaxStatusEntries-1))
	}
}
