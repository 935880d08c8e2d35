package files

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// sniffed is how much of a content tells what it is; mimetype looks at no more.
const sniffed = 3072

// What the purposes take. HTML and scripts are in none of them, and executables even less.
var (
	pictures  = []string{"image/png", "image/jpeg", "image/webp"}
	documents = slices.Concat(pictures, []string{
		"application/pdf", "image/heic", "image/heif", "text/plain", "text/csv", "application/zip",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	})
	allowed = map[contract.Purpose][]string{
		contract.PurposeProof:      documents,
		contract.PurposeAttachment: documents,
		contract.PurposeAsset:      append(slices.Clone(documents), "image/gif", "image/svg+xml", "video/mp4"),
		contract.PurposeLogo:       pictures,
	}
)

// purposeOf reads what a file is for.
func purposeOf(text string) (contract.Purpose, error) {
	if text == "" {
		return contract.PurposeAttachment, nil
	}
	purpose := contract.Purpose(text)
	if allowed[purpose] == nil {
		return "", problem.Invalid("/purpose", "invalid_enum", "Use one of: proof, asset, attachment, logo.")
	}
	return purpose, nil
}

// mediaOf tells what a content is from its first bytes, and refuses what the purpose does not take.
func mediaOf(head []byte, purpose contract.Purpose) (string, error) {
	media, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	if slices.Contains(allowed[purpose], media) {
		return media, nil
	}
	e := problem.New(http.StatusUnsupportedMediaType, contract.ErrMediaType,
		fmt.Sprintf("By its content the file is %s, which is not taken as %s.", media, purpose))
	e.Fields = []partnerportal.FieldError{problem.Field("/file", "invalid_value", "Upload one of: "+strings.Join(allowed[purpose], ", ")+".")}
	return "", problem.With(e, "allowed", allowed[purpose])
}
