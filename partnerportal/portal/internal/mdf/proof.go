package mdf

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// evidence takes the files in that prove a line. Those that the claim had before keep what is known of them.
func evidence(ctx context.Context, c *call.Call, k *folder, known []contract.ClaimLine, items []contract.NewEvidence, where string) ([]contract.Evidence, error) {
	all := []contract.Evidence{}
	for i, item := range items {
		if slices.ContainsFunc(all, func(e contract.Evidence) bool { return e.FileID == item.FileID }) {
			return nil, invalid(problem.Field(at(where+"/evidence", i)+"/file_id", "duplicate_key", "Give each file once."))
		}
		e := contract.Evidence{RequirementID: item.RequirementID, FileID: item.FileID, Note: item.Note, Status: contract.EvidenceStatusPending}
		if before, ok := evidenceOf(slices.Concat(known, k.Lines), item.FileID); ok {
			e.FileName, e.MediaType, e.SHA256 = before.FileName, before.MediaType, before.SHA256
		} else {
			file, err := useFile(ctx, c, k.PartnerID, item.FileID, at(where+"/evidence", i)+"/file_id")
			if err != nil {
				return nil, err
			}
			e.FileName, e.MediaType, e.SHA256 = file.Name, file.MediaType, file.SHA256
		}
		all = append(all, e)
	}
	return all, nil
}

func evidenceOf(lines []contract.ClaimLine, fileID string) (contract.Evidence, bool) {
	for _, l := range lines {
		for _, e := range l.Evidence {
			if e.FileID == fileID {
				return e, true
			}
		}
	}
	return contract.Evidence{}, false
}

// prove counts the evidence against what the activities require, and gives files without a requirement to the first that still lacks
// some. One content counts once for a requirement. Each claim brings its own invoices and receipts; other proof of an activity is brought once.
func (k *folder) prove() error {
	var missing []string
	for _, id := range k.activities() {
		requirements := k.request.activity(id).ProofRequirements
		lacking := make([]int, len(requirements))
		for i, r := range requirements {
			lacking[i] = r.MinCount
			if r.Kind != contract.ProofKindInvoice && r.Kind != contract.ProofKindReceipt {
				lacking[i] -= k.request.Courses[id].Proved[r.ID]
			}
		}
		if err := k.assign(id, requirements, lacking); err != nil {
			return err
		}
		for i, r := range requirements {
			if r.Mandatory && lacking[i] > 0 && !slices.Contains(missing, r.ID) {
				missing = append(missing, r.ID)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	e := problem.New(422, contract.ErrProofMissing, "Some proof is missing: "+strings.Join(missing, ", ")+".")
	return problem.With(e, "requirement_ids", missing)
}

// assign counts the evidence of one activity down from what is lacking: first the files that say what they prove, then the others.
func (k *folder) assign(activityID string, requirements []contract.ProofRequirement, lacking []int) error {
	for _, named := range []bool{true, false} {
		for i := range k.Lines {
			if k.Lines[i].ActivityID != activityID {
				continue
			}
			for j := range k.Lines[i].Evidence {
				e := &k.Lines[i].Evidence[j]
				if k.repeats(i, j) || (e.RequirementID != "") != named {
					continue
				}
				n := slices.IndexFunc(requirements, func(r contract.ProofRequirement) bool { return r.ID == e.RequirementID })
				if named && n < 0 {
					return invalid(problem.Field(at(at("/lines", i)+"/evidence", j)+"/requirement_id", "invalid_value", "Name one of the activity's requirements."))
				}
				if !named {
					n = slices.IndexFunc(lacking, func(count int) bool { return count > 0 })
				}
				if n >= 0 {
					lacking[n]--
					e.RequirementID = requirements[n].ID
				}
			}
		}
	}
	return nil
}

// repeats says that the same content has been given before for the activity of a line, and for the same requirement if it names one.
func (k *claim) repeats(line, file int) bool {
	e := k.Lines[line].Evidence[file]
	for i, l := range k.Lines[:line+1] {
		if l.ActivityID != k.Lines[line].ActivityID {
			continue
		}
		for j, before := range l.Evidence {
			if i == line && j == file {
				return false
			}
			if before.SHA256 == e.SHA256 && (e.RequirementID == "" || e.RequirementID == before.RequirementID) {
				return true
			}
		}
	}
	return false
}

// twice says that a line before has the same invoice, for the same activity.
func (k *claim) twice(line int) bool {
	return slices.ContainsFunc(k.Lines[:line], func(l contract.ClaimLine) bool {
		return l.ActivityID == k.Lines[line].ActivityID && invoiceMark(&l) == invoiceMark(&k.Lines[line])
	})
}

func invoiceMark(l *contract.ClaimLine) string {
	return "invoice/" + match.Name(l.Supplier) + "/" + invoiceKey(l.InvoiceNumber)
}

// marks are what the claim's invoices and files are known by among all the partner's claims that stand.
func (k *claim) marks() []string {
	var all []string
	for _, l := range k.Lines {
		all = append(all, invoiceMark(&l))
		for _, e := range l.Evidence {
			if e.SHA256 != "" {
				all = append(all, "file/"+e.SHA256)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// invoiceKey is an invoice number as people compare it: letters and digits count, their case and what stands between them does not.
func invoiceKey(number string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, number)
	if key == "" {
		return strings.TrimSpace(number)
	}
	return key
}

// mark keeps the claim's invoices and files from being claimed again while it stands.
func (k *folder) mark(ctx context.Context, c *call.Call) error {
	if err := c.Tx.DropMarks(ctx, k.ID); err != nil {
		return err
	}
	for _, mark := range k.marks() {
		holder, err := c.Tx.Mark(ctx, store.MarkParams{PartnerID: k.PartnerID, Mark: mark})
		if err == nil {
			what, _, _ := strings.Cut(mark, "/")
			return problem.With(refuse(contract.ErrDuplicateInvoice, "Another claim of yours has this %s.", what), "claim_id", holder)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := c.Tx.InsertMark(ctx, store.InsertMarkParams{PartnerID: k.PartnerID, Mark: mark, Holder: k.ID}); err != nil {
			return err
		}
	}
	return nil
}
