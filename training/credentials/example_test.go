package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// A partner looks who loses what in the next 90 days, and asks for the renewals.
func Example() {
	ctx := context.Background()
	proofs := newClient(new(registrar)) // credentials.New(pp)

	soon := today.AddDate(0, 0, 90)
	for k, err := range proofs.All(ctx, credentials.ListParams{ExpiresBefore: soon, Status: credentials.InForce}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(k.Holder.Name, "loses", k.Name, "on", k.ValidUntil.Format(time.DateOnly))
		if slices.Contains(k.AllowedActions, credentials.ActionRequestRenewal) {
			_, err = proofs.RequestRenewal(ctx, k.ID)
			fmt.Println("renewal requested:", err == nil)
		}
	}
	// Output:
	// Ada loses GTX Engineer on 2026-12-22
	// renewal requested: true
}

// The vendor says what people can be certified for, and certifies somebody.
func ExampleClient_Issue() {
	ctx := context.Background()
	desk := newClient(new(registrar))

	d, err := desk.PutDefinition(ctx, "gtx-engineer", credentials.Definition{
		Name: "GTX Engineer", Description: "Installs and operates GTX.", Criteria: credentials.Criteria{Narrative: "Passed the GTX exam."},
		ValidityMonths: 24, Renewal: credentials.RenewalRules{Method: credentials.RenewalMethodExam, WindowDays: 90, LateDays: 30},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := desk.Issue(ctx, credentials.NewCredential{DefinitionID: d.ID, LearnerID: "lrn_Ada", Score: "91"})
	fmt.Println(k.Verification.URL, err)

	_, err = desk.Issue(ctx, credentials.NewCredential{DefinitionID: d.ID, LearnerID: "lrn_Grace"})
	if errors.Is(err, credentials.ErrAlreadyHeld) {
		fmt.Println("renew", credentials.ExistingID(err))
	}
	// Output:
	// https://portal.example.com/verify/crd_Ada <nil>
	// renew crd_Grace
}

// A badge of another issuer is brought in. What fails a check is refused; what could not be checked waits for the vendor.
func ExampleClient_Import() {
	ctx := context.Background()
	proofs := newClient(new(registrar))

	_, err := proofs.Import(ctx, credentials.ImportRequest{LearnerID: "lrn_Ada", Badge: "revoked"})
	for _, check := range credentials.ChecksOf(err) {
		fmt.Println(check.Name, check.Result)
	}

	k, err := proofs.Import(ctx, credentials.ImportRequest{LearnerID: "lrn_Ada", Badge: "eyJ…"})
	fmt.Println(k.Status, k.Verification.Checks[0].Detail, err)
	// Output:
	// signature passed
	// status failed
	// pending the bundle has no status list <nil>
}

// The badge goes to whoever wants to see it. Package credentials/badge verifies it offline.
func ExampleClient_OpenBadge() {
	ctx := context.Background()
	proofs := newClient(new(registrar))

	doc, err := proofs.OpenBadge(ctx, "crd_Ada")
	fmt.Println(doc.Badge, err)
	verdict, err := proofs.Verify(ctx, "crd_Ada") // the same as a third party would find
	fmt.Println(verdict.OK, verdict.Check(credentials.CheckNameSignature).Result, err)
	// Output:
	// eyJhbGciOiJFZERTQSJ9.e30.c2ln <nil>
	// true passed <nil>
}

// When it is too early for a renewal, the portal says from when on it is possible.
func ExampleOpensAt() {
	proofs := newClient(new(registrar))
	_, err := proofs.RequestRenewal(context.Background(), "crd_Grace")
	fmt.Println(errors.Is(err, credentials.ErrRenewalNotOpen), credentials.OpensAt(err).Format(time.DateOnly))
	// Output: true 2027-02-21
}

// Some are in force for ever, and some are not.
func ExampleCredential_Lapses() {
	k := credentials.Credential{Status: credentials.StatusIssued, ValidFrom: today, ValidUntil: today.AddDate(0, 2, 0)}
	fmt.Println(k.InForceAt(today), k.Lapses(today.AddDate(0, 1, 0)), k.Lapses(today.AddDate(0, 3, 0)))
	// Output: true false true
}
