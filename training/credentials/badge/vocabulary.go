package badge

import (
	"regexp"
	"strings"
)

// The vocabularies of appendix B.
var (
	achievementTypes = words(`Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree
		Certificate CertificateOfCompletion Certification CommunityService Competency Course CoCurricular Degree Diploma DoctoralDegree
		Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License Membership ProfessionalDoctorate
		QualityAssuranceCredential MasterCertificate MasterDegree MicroCredential ResearchDoctorate SecondarySchoolDiploma`)
	targetTypes    = words(`ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL`)
	resultTypes    = words(`GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion RubricCriterionLevel RubricScore ScaledScore Status`)
	resultStatuses = words(`Completed Enrolled Failed InProgress OnHold Provisional Withdrew`)
)

func words(list string) map[string]bool {
	vocabulary := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		vocabulary[word] = true
	}
	return vocabulary
}

// extension is how a word of one's own begins, where the standard allows them.
var extension = regexp.MustCompile(`^ext:[A-Za-z0-9|._-]+$`)

// word checks an optional value against its vocabulary.
func (v *visitor) word(name, value string, vocabulary map[string]bool, extensible bool) {
	switch {
	case value == "", vocabulary[value], extensible && extension.MatchString(value):
	case extensible:
		v.violate(name, `is a word of the standard's vocabulary, or begins with "ext:"`)
	default:
		v.violate(name, "is a word of the standard's vocabulary")
	}
}
