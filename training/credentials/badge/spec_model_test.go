package badge_test

// dataModel is appendix B of Open Badges 3.0 (common_credentials.lines of 1EdTech's specification) for what a badge can hold: class,
// then property, type, how often, and whether one may stand without an array ("compacted"). Types not among the classes are checked
// by scalars.
const dataModel = `
AchievementCredential
	@context Context 2..*
	id URI 1
	type IRI 1..* compacted
	name String 0..1
	description String 0..1
	image Image 0..1
	awardedDate DateTimeZ 0..1
	credentialSubject AchievementSubject 1
	endorsementJwt CompactJws 0..*
	evidence Evidence 0..*
	issuer ProfileRef 1
	validFrom DateTimeZ 1
	validUntil DateTimeZ 0..1
	credentialSchema CredentialSchema 0..* compacted
	credentialStatus CredentialStatus 0..1
	refreshService RefreshService 0..1
	termsOfUse TermsOfUse 0..* compacted
AchievementSubject
	id URI 0..1
	type IRI 1..* compacted
	activityEndDate DateTime 0..1
	activityStartDate DateTime 0..1
	creditsEarned Float 0..1
	achievement Achievement 1
	identifier IdentityObject 0..*
	image Image 0..1
	licenseNumber String 0..1
	narrative String 0..1
	result Result 0..*
	role String 0..1
	source Profile 0..1
	term String 0..1
Achievement
	id URI 1
	type IRI 1..* compacted
	alignment Alignment 0..*
	achievementType AchievementType 0..1
	creator Profile 0..1
	creditsAvailable Float 0..1
	criteria Criteria 1
	description String 1
	endorsementJwt CompactJws 0..*
	fieldOfStudy String 0..1
	humanCode String 0..1
	image Image 0..1
	inLanguage String 0..1
	name String 1
	otherIdentifier IdentifierEntry 0..*
	related Related 0..*
	resultDescription ResultDescription 0..*
	specialization String 0..1
	tag String 0..*
	version String 0..1
Alignment
	type IRI 1..* compacted
	targetCode String 0..1
	targetDescription String 0..1
	targetName String 1
	targetFramework String 0..1
	targetType AlignmentTargetType 0..1
	targetUrl URI 1
Criteria
	id URI 0..1
	narrative String 0..1
Evidence
	id URI 0..1
	type IRI 1..* compacted
	narrative String 0..1
	name String 0..1
	description String 0..1
	genre String 0..1
	audience String 0..1
Profile
	id URI 1
	type IRI 1..* compacted
	name String 0..1
	url URI 0..1
	phone String 0..1
	description String 0..1
	endorsementJwt CompactJws 0..*
	image Image 0..1
	email String 0..1
	address Address 0..1
	otherIdentifier IdentifierEntry 0..*
	official String 0..1
	parentOrg Profile 0..1
Address
	type IRI 1..* compacted
	addressCountry String 0..1
	addressCountryCode String 0..1
	addressRegion String 0..1
	addressLocality String 0..1
	streetAddress String 0..1
	postalCode String 0..1
IdentifierEntry
	type IRI 1
	identifier String 1
	identifierType String 1
IdentityObject
	type IRI 1
	hashed Boolean 1
	identityHash String 1
	identityType String 1
	salt String 0..1
Image
	id URI 1
	type IRI 1
	caption String 0..1
Related
	id URI 1
	type IRI 1..* compacted
	inLanguage String 0..1
	version String 0..1
Result
	type IRI 1..* compacted
	achievedLevel URI 0..1
	alignment Alignment 0..*
	resultDescription URI 0..1
	status ResultStatusType 0..1
	value String 0..1
ResultDescription
	id URI 1
	type IRI 1..* compacted
	alignment Alignment 0..*
	allowedValue String 0..*
	name String 1
	requiredLevel URI 0..1
	requiredValue String 0..1
	resultType ResultType 1
	rubricCriterionLevel RubricCriterionLevel 0..*
	valueMax String 0..1
	valueMin String 0..1
RubricCriterionLevel
	id URI 1
	type IRI 1..* compacted
	alignment Alignment 0..*
	description String 0..1
	level String 0..1
	name String 1
	points String 0..1
CredentialSchema
	id URI 1
	type IRI 1
CredentialStatus
	id URI 1
	type IRI 1
	statusPurpose String 0..1
	statusListIndex String 0..1
	statusListCredential URI 0..1
RefreshService
	id URI 1
	type IRI 1
TermsOfUse
	id URI 0..1
	type IRI 1
`
