package portal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// checkClient completes and checks a caller: no scope is made up, and none of the vendor's goes to a partner.
func (a *Admin) checkClient(spec *ClientSpec) error {
	var f problem.Fields
	f.Text("/name", spec.Name, 120)
	known := a.p.contract.Scopes()
	mayHave := slices.DeleteFunc(slices.Clone(known), func(scope string) bool {
		if spec.PartnerID != "" {
			return strings.HasSuffix(scope, ":review")
		}
		domain, writes := strings.CutSuffix(scope, ":write")
		return writes && slices.Contains(known, domain+":review") // where partners write, the vendor decides
	})
	for i, scope := range spec.Scopes {
		at := fmt.Sprintf("/scopes/%d", i)
		problem.OneOf(&f, at, scope, known...)
		if spec.PartnerID != "" && strings.HasSuffix(scope, ":review") {
			f.Add(at, "not_permitted", "Only the vendor's own clients may decide.")
		}
	}
	if len(spec.Scopes) == 0 {
		spec.Scopes = slices.DeleteFunc(mayHave, func(scope string) bool { return scope == "sandbox:manage" && !a.p.options.sandbox })
	}
	slices.Sort(spec.Scopes)
	spec.Scopes = slices.Compact(spec.Scopes)
	return f.Err()
}
