package portal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/training"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// batch is how many records or people are taken in one transaction: the first reading of a learning system may have a hundred thousand.
const batch = 200

// pullLMS takes what the learning system says: its people and records batch by batch, as a record that was taken is known again, then what of it
// was taken back, and at the end that it was read. Of a reading that breaks off in between what was taken stays true, and the next one begins where this one began.
func (p *Portal) pullLMS(ctx context.Context, lms source.LMS) error {
	var conflicts []string
	said, err := readWithin(ctx, longestPull, func(ctx context.Context) (*source.Learning, error) { return p.askLMS(ctx, lms) })
	if err == nil && said != nil { // which may take longer than the system may, the first time
		_, resumes := lms.(source.Resumer)
		conflicts, err = p.takeTraining(ctx, said, resumes)
	}
	read := func(context.Context) (*source.Learning, error) { return said, err }
	err = pull(ctx, p, source.KindLMS, read, func(ctx context.Context, said *source.Learning) error {
		if err := p.rooms.training.Read(ctx, said.Stamp); err != nil {
			return err
		}
		return p.takeLearning(ctx, said, conflicts)
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, p.asSystem(ctx, func(ctx context.Context) error { return p.rooms.training.Failed(ctx, err) }))
}

// askLMS asks for what is new where the system can tell.
func (p *Portal) askLMS(ctx context.Context, lms source.LMS) (*source.Learning, error) {
	resumer, ok := lms.(source.Resumer)
	if !ok {
		return lms.LMS(ctx)
	}
	system, since, err := training.ReadUpTo(ctx, p.store.Read())
	if err != nil {
		return nil, err
	}
	said, err := resumer.LMSSince(ctx, since)
	if err == nil && said != nil && said.System != system && !since.IsZero() { // another system, with a past of its own
		return resumer.LMS(ctx)
	}
	return said, err
}

// takeTraining takes people and records, unless the reading would not be taken or was taken before. One of a system that is read on may have
// something new as of the same instant, which the system does not vouch for yet.
func (p *Portal) takeTraining(ctx context.Context, said *source.Learning, resumes bool) (conflicts []string, err error) {
	known := false
	if err := p.asSystem(ctx, func(ctx context.Context) (err error) {
		known, err = p.rooms.account.Accepts(ctx, source.KindLMS, said.Stamp)
		return err
	}); err != nil || known && !resumes {
		return nil, err
	}
	take := func(do func(ctx context.Context) ([]string, error)) error {
		var found []string
		err := p.asSystem(ctx, func(ctx context.Context) error {
			return call.From(ctx).As(integration(said.System), func() (err error) {
				found, err = do(ctx)
				return err
			})
		})
		conflicts = append(conflicts, found...)
		return err
	}
	for people := range slices.Chunk(said.People, batch) {
		if err := take(func(ctx context.Context) ([]string, error) { return p.rooms.training.TakePeople(ctx, people) }); err != nil {
			return nil, err
		}
	}
	records := slices.SortedStableFunc(slices.Values(said.Records), func(a, b source.Record) int { return a.At.Compare(b.At) })
	for some := range slices.Chunk(records, batch) {
		if err := take(func(ctx context.Context) ([]string, error) {
			return p.rooms.training.TakeRecords(ctx, said.System, some)
		}); err != nil {
			return nil, err
		}
	}
	voided, err := training.ToUnlearn(ctx, p.store.Read())
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(voided, batch) {
		if err := take(func(ctx context.Context) ([]string, error) {
			return nil, p.rooms.training.Unlearn(ctx, said.System, some)
		}); err != nil {
			return nil, err
		}
	}
	return conflicts, nil
}

// takeLearning reports to each membership how many people meet a requirement, if the system counts that by itself.
func (p *Portal) takeLearning(ctx context.Context, said *source.Learning, found []string) error {
	c := call.From(ctx)
	return p.rooms.account.TakeLearning(ctx, said, func(ctx context.Context) (conflicts []string, err error) {
		if said.Completions == nil {
			return found, nil
		}
		err = c.As(integration(said.System), func() error {
			conflicts, err = p.reportLearning(ctx, c, said)
			return err
		})
		return append(found, conflicts...), err
	})
}

func (p *Portal) reportLearning(ctx context.Context, c *call.Call, said *source.Learning) (conflicts []string, err error) {
	people := peopleBy(said.Completions, partnerportal.DateOf(c.Now.UTC()))
	partners, err := directory.Partners(ctx, c.Tx)
	if err != nil {
		return nil, err
	}
	for _, partner := range partners {
		members, err := directory.MembersOf(ctx, c.Tx, partner.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			numbers := people[partner.ID]
			for requirement, report := range m.Reports { // what nobody meets any more is not in the reading
				if _, ok := numbers[requirement]; !ok && report.Source.Kind == source.KindLMS {
					numbers = maps.Clone(numbers)
					if numbers == nil {
						numbers = map[string]int{}
					}
					numbers[requirement] = 0
				}
			}
			for _, requirement := range slices.Sorted(maps.Keys(numbers)) {
				_, err := p.rooms.program.ReportProgress(ctx, m.ID, "", &program.ProgressReport{
					RequirementID: requirement, Current: numbers[requirement],
					Source: partnerportal.SourceStamp{System: said.System, Kind: source.KindLMS, AsOf: said.AsOf},
				})
				if errors.Is(err, partnerportal.ErrValidation) {
					conflicts = append(conflicts, fmt.Sprintf("The programme of the partner %s has no requirement %s that others report.", partner.ID, requirement))
				} else if err != nil {
					return nil, err
				}
			}
		}
	}
	return conflicts, nil
}

// peopleBy counts the people who meet a requirement on a day, by partner and requirement.
func peopleBy(completions []source.Completion, day partnerportal.Date) map[string]map[string]int {
	type person struct{ partner, requirement, name string }
	counted, people := map[person]bool{}, map[string]map[string]int{}
	for _, c := range completions {
		who := person{c.PartnerID, c.Requirement, c.Person}
		if counted[who] || !c.ExpiresOn.IsZero() && day.After(c.ExpiresOn) {
			continue
		}
		counted[who] = true
		if people[c.PartnerID] == nil {
			people[c.PartnerID] = map[string]int{}
		}
		people[c.PartnerID][c.Requirement]++
	}
	return people
}
