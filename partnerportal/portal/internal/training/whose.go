package training

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// who is somebody in the learning system, as it is kept: the hash of a name, "" for nobody, and that of the home page whose account it is, "" where
// none is said.
type who struct{ name, home string }

// names says that it may be said of other: by the same name, and there or at no home page in particular.
func (p who) names(other who) bool {
	return p.name == other.name && (p.home == "" || p.home == other.home)
}

func whoIs(ref string) who {
	home, name := source.Account(ref)
	person := who{name: secret(name)}
	if home != "" {
		person.home = hash(home)
	}
	return person
}

func accountName(ref string) string {
	_, name := source.Account(ref)
	return name
}

// secret is how the person of a record that waits is kept, "" for nobody: the learning system knows many people who are nobody's here.
func secret(person string) string {
	name := folded(person)
	if name == "" {
		return ""
	}
	return hash(name)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// personOf finds the learner whom a record means: by who it is in the learning system, or by its e-mail address. An address that several
// partners claim, or one in another partner's own domain, is nobody's, or else a partner could take the credit for other partners' people.
func (w *work) personOf(ctx context.Context, person who, partnerID string) (l *contract.Learner, refusal string, err error) {
	if l, err = w.byRef(ctx, person, partnerID); err != nil || l != nil {
		return l, "", err
	}
	byEmail, err := w.byEmail(ctx, person.name, partnerID)
	if err != nil || len(byEmail) == 0 {
		return nil, "", err
	}
	if partnerID == "" {
		if byEmail, err = w.ofOwners(ctx, byEmail); err != nil {
			return nil, "", err
		}
	}
	if len(byEmail) != 1 {
		return nil, "several partners, or one whose domain it is not, claim its person", nil
	}
	return byEmail[0], "", nil
}

// byRef finds the learner who is somebody in the learning system, or nil where there is none or more than one. Whoever is known by a name alone
// is meant by that name wherever it has not been told of yet and nobody else has it, of whatever partner.
func (w *work) byRef(ctx context.Context, person who, partnerID string) (*contract.Learner, error) {
	rows, err := w.Tx.LearnersByLMSRef(ctx, person.name)
	if err != nil {
		return nil, err
	}
	var there, anywhere []*contract.Learner
	taken := false
	for _, row := range rows {
		l, err := directory.DecodeLearner(row.Doc)
		switch {
		case err != nil:
			return nil, err
		case partnerID != "" && l.PartnerID != partnerID:
			taken = taken || person.home != "" && row.LmsHome == person.home
		case row.LmsHome == person.home:
			there = append(there, l)
		case row.LmsHome == "" || person.home == "":
			anywhere = append(anywhere, l)
		}
	}
	switch {
	case len(there) == 1:
		return there[0], nil
	case len(there) == 0 && len(anywhere) == 1 && !taken:
		return anywhere[0], nil
	}
	return nil, nil //nolint:nilnil // nobody
}

// bind notes at which home page a learner who is known by a name alone has it. The learner must be ours.
func (w *work) bind(ctx context.Context, l *contract.Learner, person who) error {
	if person.home == "" {
		return nil
	}
	return w.Tx.BindLMSHome(ctx, store.BindLMSHomeParams{ID: l.ID, LmsUserRef: person.name, LmsHome: person.home})
}

// unbind forgets where it was, for what the learner is said to be now: at once, as the old name may be somebody else's at the new home page.
func (w *work) unbind(ctx context.Context, l *contract.Learner) error {
	known := whoIs(l.LMSUserRef)
	return w.Tx.SetLMSAccount(ctx, store.SetLMSAccountParams{ID: l.ID, LmsUserRef: known.name, LmsHome: known.home})
}

func (w *work) byEmail(ctx context.Context, key, partnerID string) ([]*contract.Learner, error) {
	docs, err := w.Tx.LearnersByEmail(ctx, key)
	if err != nil {
		return nil, err
	}
	var found []*contract.Learner
	for _, doc := range docs {
		l, err := directory.DecodeLearner(doc)
		if err != nil {
			return nil, err
		}
		if partnerID == "" || l.PartnerID == partnerID {
			found = append(found, l)
		}
	}
	return found, nil
}

// ofOwners are the learners of one address whose partner has the address's domain, or the nearest one above it; all of them when nobody has one,
// or nobody can, such as a free mailer's.
func (w *work) ofOwners(ctx context.Context, found []*contract.Learner) ([]*contract.Learner, error) {
	host, err := match.Domain(found[0].Email)
	if err != nil {
		return found, nil //nolint:nilerr // it says that the domain identifies nobody
	}
	for domain := host.Name; ; _, domain, _ = strings.Cut(domain, ".") {
		holders, err := w.Tx.PartnersOfDomain(ctx, domain)
		if err != nil {
			return nil, err
		}
		owners := map[string]bool{}
		for _, holder := range holders {
			if holder.Status != string(program.PartnerStatusTerminated) && holder.Status != string(program.PartnerStatusRejected) {
				owners[holder.ID] = true
			}
		}
		if len(owners) > 0 {
			return slices.DeleteFunc(found, func(l *contract.Learner) bool { return !owners[l.PartnerID] }), nil
		}
		if domain == host.Site {
			return found, nil
		}
	}
}
