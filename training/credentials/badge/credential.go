package badge

import "time"

// The values that every Open Badges 3.0 credential carries.
const (
	ContextVC = "https://www.w3.org/ns/credentials/v2"                       // ContextVC is the first item of @context.
	ContextOB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json" // ContextOB is the second.

	TypeCredential = "VerifiableCredential" // TypeCredential is one of the types of every credential.
	TypeBadge      = "OpenBadgeCredential"  // TypeBadge is the other; AchievementCredential means the same.
)

// Credential is an award of an achievement to one person: the AchievementCredential of Open Badges 3.0. Its JSON is that of the
// standard. [Sign] fills in Context and the Type fields that are left empty, here and in everything below; the rest that the standard
// requires is ID, Issuer, ValidFrom and a CredentialSubject with its Achievement. Properties of extensions are not kept;
// they stand in [Verdict].Payload.
type Credential struct {
	// Context is the JSON-LD context: ContextVC, ContextOB, then those of extensions, each a URL or a map.
	Context Set[any] `json:"@context"`
	// ID is the credential's own URI, unique for ever.
	ID   string      `json:"id"`
	Type Set[string] `json:"type"`
	// Name and Description are for display in wallets.
	Name        string  `json:"name,omitzero"`
	Description string  `json:"description,omitzero"`
	Image       *Image  `json:"image,omitzero"`
	Issuer      Profile `json:"issuer"`
	// ValidFrom is the instant from which the credential counts, in whole seconds: it becomes the JWT's nbf.
	ValidFrom time.Time `json:"validFrom"`
	// ValidUntil is the instant from which it no longer counts, in whole seconds; zero means never.
	ValidUntil time.Time `json:"validUntil,omitzero"`
	// AwardedDate is when it was first awarded; a renewal moves ValidFrom and keeps this.
	AwardedDate       time.Time      `json:"awardedDate,omitzero"`
	CredentialSubject Subject        `json:"credentialSubject"`
	CredentialStatus  Statuses       `json:"credentialStatus,omitzero"`
	CredentialSchema  Set[SchemaRef] `json:"credentialSchema,omitzero"`
	Evidence          []Evidence     `json:"evidence,omitzero"`
	RefreshService    *Service       `json:"refreshService,omitzero"`
	TermsOfUse        Set[Service]   `json:"termsOfUse,omitzero"`
	EndorsementJWT    []string       `json:"endorsementJwt,omitzero"` // EndorsementJWT are credentials of their own, unverified here.
}

// Subject is who earned what: the AchievementSubject. It has an ID or at least one Identifier, or both.
type Subject struct {
	// ID is a URI that stands for the person, such as a DID. It is the JWT's sub; it should not tell who the person is.
	ID          string      `json:"id,omitzero"`
	Type        Set[string] `json:"type"`
	Achievement Achievement `json:"achievement"`
	// Identifier says who the person is, hashed unless it may be known to everybody: see EmailIdentity.
	Identifier        []Identity `json:"identifier,omitzero"`
	ActivityStartDate time.Time  `json:"activityStartDate,omitzero"`
	ActivityEndDate   time.Time  `json:"activityEndDate,omitzero"`
	CreditsEarned     float64    `json:"creditsEarned,omitzero"`
	Image             *Image     `json:"image,omitzero"`
	LicenseNumber     string     `json:"licenseNumber,omitzero"`
	Narrative         string     `json:"narrative,omitzero"` // Narrative is Markdown.
	Result            []Result   `json:"result,omitzero"`
	Role              string     `json:"role,omitzero"`
	Source            *Profile   `json:"source,omitzero"` // Source is who assessed, where that is not the issuer.
	Term              string     `json:"term,omitzero"`
}

// Achievement is what can be earned: the definition that many credentials share.
type Achievement struct {
	ID   string      `json:"id"`
	Type Set[string] `json:"type"`
	// AchievementType is a word of the standard's vocabulary, such as Certification, or one of an extension that begins with "ext:".
	AchievementType   string              `json:"achievementType,omitzero"`
	Name              string              `json:"name"`
	Description       string              `json:"description"`
	Criteria          Criteria            `json:"criteria"`
	Alignment         []Alignment         `json:"alignment,omitzero"`
	Creator           *Profile            `json:"creator,omitzero"`
	CreditsAvailable  float64             `json:"creditsAvailable,omitzero"`
	FieldOfStudy      string              `json:"fieldOfStudy,omitzero"`
	HumanCode         string              `json:"humanCode,omitzero"`
	Image             *Image              `json:"image,omitzero"`
	InLanguage        string              `json:"inLanguage,omitzero"` // InLanguage is a BCP 47 tag.
	OtherIdentifier   []IdentifierEntry   `json:"otherIdentifier,omitzero"`
	Related           []Related           `json:"related,omitzero"`
	ResultDescription []ResultDescription `json:"resultDescription,omitzero"`
	Specialization    string              `json:"specialization,omitzero"`
	Tag               []string            `json:"tag,omitzero"`
	Version           string              `json:"version,omitzero"`
	EndorsementJWT    []string            `json:"endorsementJwt,omitzero"`
}

// Criteria says how an achievement is earned: by a page, in words (Markdown), or both.
type Criteria struct {
	ID        string `json:"id,omitzero"`
	Narrative string `json:"narrative,omitzero"`

	given bool // an object that was read may be empty, but has to be there
}

// Alignment ties an achievement to a node of an educational framework.
type Alignment struct {
	Type              Set[string] `json:"type"`
	TargetName        string      `json:"targetName"`
	TargetURL         string      `json:"targetUrl"`
	TargetCode        string      `json:"targetCode,omitzero"`
	TargetDescription string      `json:"targetDescription,omitzero"`
	TargetFramework   string      `json:"targetFramework,omitzero"`
	TargetType        string      `json:"targetType,omitzero"`
}

// Evidence is work by which the achievement was earned.
type Evidence struct {
	ID          string      `json:"id,omitzero"`
	Type        Set[string] `json:"type"`
	Narrative   string      `json:"narrative,omitzero"`
	Name        string      `json:"name,omitzero"`
	Description string      `json:"description,omitzero"`
	Genre       string      `json:"genre,omitzero"`
	Audience    string      `json:"audience,omitzero"`
}

// Profile is an organisation or person: an issuer, a creator, an assessor. An issuer that has nothing but an ID is written as that URI.
type Profile struct {
	ID              string            `json:"id"`
	Type            Set[string]       `json:"type,omitzero"`
	Name            string            `json:"name,omitzero"`
	URL             string            `json:"url,omitzero"`
	Phone           string            `json:"phone,omitzero"`
	Description     string            `json:"description,omitzero"`
	Image           *Image            `json:"image,omitzero"`
	Email           string            `json:"email,omitzero"`
	Address         *Address          `json:"address,omitzero"`
	OtherIdentifier []IdentifierEntry `json:"otherIdentifier,omitzero"`
	Official        string            `json:"official,omitzero"`
	ParentOrg       *Profile          `json:"parentOrg,omitzero"`
	EndorsementJWT  []string          `json:"endorsementJwt,omitzero"`
}

// Address is where somebody can be found.
type Address struct {
	Type               Set[string] `json:"type"`
	AddressCountry     string      `json:"addressCountry,omitzero"`
	AddressCountryCode string      `json:"addressCountryCode,omitzero"` // AddressCountryCode is ISO 3166-1 alpha-2.
	AddressRegion      string      `json:"addressRegion,omitzero"`
	AddressLocality    string      `json:"addressLocality,omitzero"`
	StreetAddress      string      `json:"streetAddress,omitzero"`
	PostalCode         string      `json:"postalCode,omitzero"`
}

// IdentifierEntry is another name of a thing, in a scheme that IdentifierType names.
type IdentifierEntry struct {
	Type           string `json:"type"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifierType"`
}

// Image is a picture by its URL or data URI.
type Image struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Caption string `json:"caption,omitzero"`
}

// Related is another edition of an achievement.
type Related struct {
	ID         string      `json:"id"`
	Type       Set[string] `json:"type"`
	InLanguage string      `json:"inLanguage,omitzero"`
	Version    string      `json:"version,omitzero"`
}

// Result is a grade, a level or a score that was reached.
type Result struct {
	Type              Set[string] `json:"type"`
	AchievedLevel     string      `json:"achievedLevel,omitzero"`
	Alignment         []Alignment `json:"alignment,omitzero"`
	ResultDescription string      `json:"resultDescription,omitzero"`
	Status            string      `json:"status,omitzero"`
	Value             string      `json:"value,omitzero"`
}

// ResultDescription is a result that an achievement can have.
type ResultDescription struct {
	ID                   string                 `json:"id"`
	Type                 Set[string]            `json:"type"`
	Name                 string                 `json:"name"`
	ResultType           string                 `json:"resultType"`
	Alignment            []Alignment            `json:"alignment,omitzero"`
	AllowedValue         []string               `json:"allowedValue,omitzero"`
	RequiredLevel        string                 `json:"requiredLevel,omitzero"`
	RequiredValue        string                 `json:"requiredValue,omitzero"`
	RubricCriterionLevel []RubricCriterionLevel `json:"rubricCriterionLevel,omitzero"`
	ValueMax             string                 `json:"valueMax,omitzero"`
	ValueMin             string                 `json:"valueMin,omitzero"`
}

// RubricCriterionLevel is one level of a rubric.
type RubricCriterionLevel struct {
	ID          string      `json:"id"`
	Type        Set[string] `json:"type"`
	Name        string      `json:"name"`
	Alignment   []Alignment `json:"alignment,omitzero"`
	Description string      `json:"description,omitzero"`
	Level       string      `json:"level,omitzero"`
	Points      string      `json:"points,omitzero"`
}

// SchemaRef names a schema that the credential follows. It is not fetched.
type SchemaRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Service is a refresh service or a term of use, by reference.
type Service struct {
	ID   string `json:"id,omitzero"`
	Type string `json:"type"`
}
