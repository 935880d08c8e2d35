// Package program is the vendor's desk: the rules under which partners work, who the partners are, the tiers they earn, and how
// well the portal itself does.
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	desk := program.New(pp)
//	rules, err := desk.Get(ctx, "default")
//	rules.Deal.ProtectionDays = 120
//	rules, err = desk.Put(ctx, rules.ID, *rules, partnerportal.IfMatch(rules)) // nobody else has changed them meanwhile
//
//	acme, err := desk.InvitePartner(ctx, program.Invitation{Name: "Acme Partners", Country: "US", Domains: []string{"acmepartners.com"}})
//	acme, err = desk.ApprovePartner(ctx, acme.ID, program.PartnerApproval{TierID: "silver"}) // from now on it may act
//
//	speed, err := desk.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{}) // of the last 90 days
//	fmt.Println(speed.MedianSeconds, speed.Band)
//
// # Partners, memberships and tiers
//
// A company is invited or applies, is approved, and works under a programme. It is the member of that programme, for a term at a
// time, in a [Tier] that has requirements. When the term ends and the requirements are met, the next one begins; when they are not, the
// member keeps its tier for the grace period and then goes down to the one that it has earned, or the membership lapses.
// [Membership] says at any time what the next tier still asks for. Revenue and deals the portal counts itself, and credentials where a
// [Requirement] names their definitions: when some of them end, [Progress] says from which day on the requirement is met no longer, and
// membership.at_risk comes MembershipRules.AtRiskDays before. What another system owns, that system reports with [Client.ReportProgress].
//
// # Measurement
//
// A form that starts a [partnerportal.Stopwatch] and sends its time with the registration, or the request for funds, is
// measured without another call; forms that were given up are reported with [Client.RecordTiming]. What the numbers mean is
// with each operation: which percentile, which users are active, which confidence interval.
package program

import (
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// DefaultID is the programme that every portal has, and that partners belong to when nothing else is said.
const DefaultID = "default"

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrDuplicatePartner says that another partner has one of the domains: [ExistingID] is that partner.
	ErrDuplicatePartner = partnerportal.ErrorCode("duplicate_partner")
	// ErrDuplicateRef says that another partner has one of the external references: [ExistingID] is that partner.
	ErrDuplicateRef = partnerportal.ErrorCode("duplicate_external_ref")
	// ErrAlreadyEnrolled says that the partner is a member of the programme, or has asked to be: [ExistingID] is the membership.
	ErrAlreadyEnrolled = partnerportal.ErrorCode("already_enrolled")
	// ErrNotActive says that the programme, or the partner, is not active.
	ErrNotActive = partnerportal.ErrorCode("program_not_active")
	// ErrTierInUse says that members hold a tier that the new rules leave out. Move them first.
	ErrTierInUse = partnerportal.ErrorCode("tier_in_use")
)

// What happens to programmes, partners and memberships, as the change feed names it.
const (
	EventUpdated = "program.updated" // the rules changed

	EventPartnerInvited          = "partner.invited"           // the vendor invited a company
	EventPartnerApplied          = "partner.applied"           // a company applied
	EventPartnerReviewStarted    = "partner.review_started"    // somebody at the vendor looks at the application
	EventPartnerChangesRequested = "partner.changes_requested" // the vendor has a question
	EventPartnerApproved         = "partner.approved"          // it may act from now on
	EventPartnerRejected         = "partner.rejected"          // the application was refused
	EventPartnerUpdated          = "partner.updated"           // what is known of it changed
	EventPartnerSuspended        = "partner.suspended"         // it may not act for a time
	EventPartnerReinstated       = "partner.reinstated"        // it may act again
	EventPartnerTerminated       = "partner.terminated"        // the partnership ended

	EventMembershipRequested      = "membership.requested"       // a partner asks to be a member
	EventMembershipEnrolled       = "membership.enrolled"        // it is one
	EventMembershipRenewed        = "membership.renewed"         // another term began
	EventMembershipTierChanged    = "membership.tier_changed"    // it is in another tier
	EventMembershipRequirementMet = "membership.requirement_met" // it has reached what a requirement asks for
	EventMembershipAtRisk         = "membership.at_risk"         // its tier is not earned again, or will not be
	EventMembershipGraceStarted   = "membership.grace_started"   // the term is over, and the tier not earned again
	EventMembershipLapsed         = "membership.lapsed"          // the grace period is over, and no tier was earned
	EventMembershipTerminated     = "membership.terminated"      // it ended
)

// InForce says that new registrations are taken under the programme.
func (p *Program) InForce() bool { return p.Status == "" || p.Status == StatusActive }

// EndOfDay is 24:00 of a day in the programme's time zone: when a deadline that is given as a day has passed. In a zone that this
// machine does not know, days are those of UTC.
func (p *Program) EndOfDay(day partnerportal.Date) time.Time {
	return day.AddDays(1).In(p.location()).UTC()
}

// Today is the day that it is in the programme's time zone.
func (p *Program) Today(now time.Time) partnerportal.Date {
	return partnerportal.DateOf(now.In(p.location()))
}

func (p *Program) location() *time.Location {
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Active says that the partner may act.
func (p *Partner) Active() bool { return p.Status == PartnerStatusActive }

// ExistingID returns what is there already, of a refusal with [ErrDuplicatePartner], [ErrDuplicateRef] or [ErrAlreadyEnrolled], and
// "" of any other error.
func ExistingID(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "existing_id")
	return id
}
