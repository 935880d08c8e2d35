package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

// claim goes the whole way of the money, and says what happens.
func (w *world) claim(ctx context.Context, out io.Writer, folder string) error {
	funds := mdf.New(w.partner)
	request, err := w.ask(ctx, funds, out)
	if err != nil {
		return err
	}
	if err := w.vendor.approve(ctx, request); err != nil {
		return err
	}
	if request, err = funds.GetRequest(ctx, request.ID); err != nil {
		return err
	}
	activity := request.Activities[0]
	fmt.Fprintf(out, "2. The vendor approves %s of its cost of %s; it can be claimed until %s.\n", activity.ApprovedAmount, activity.Cost, activity.ClaimDueOn)

	b := bill{Number: time.Now().UTC().Format("20060102-150405.000"), Supplier: "Expo Hall Ltd", Amount: dollars("4800.00")} // less than was planned
	claim, err := w.prove(ctx, funds, out, request, b, folder)
	if err != nil {
		return err
	}
	if err := w.vendor.approveClaim(ctx, claim); err != nil {
		return err
	}
	if err := w.vendor.pay(ctx, claim); err != nil {
		return err
	}
	if claim, err = funds.GetClaim(ctx, claim.ID); err != nil {
		return err
	}
	fmt.Fprintf(out, "5. The vendor approves %s, and pays it with %s: %s is %s.\n\n", claim.ApprovedTotal, claim.Settlement.Reference, claim.Number, claim.Status)
	return show(ctx, funds, out, request.AllocationID)
}

// ask asks for 2,500 dollars in one call. A person types three values for it: the template, the first day and the amount; the
// portal chooses the allocation, and has the rest from the template. The stopwatch lets the vendor see how long it takes.
func (w *world) ask(ctx context.Context, funds *mdf.Client, out io.Writer) (*mdf.Request, error) {
	watch := partnerportal.NewStopwatch()
	quick := mdf.QuickRequest{TemplateID: w.template, StartsOn: today(), Amount: dollars("2500.00"), Started: watch.Started()}
	watch.Typed("/template_id", "/starts_on", "/amount")
	if w.template == "" {
		quick.Type, quick.Title = mdf.ActivityTypeEvent, "Customer event"
		watch.Typed("/type", "/title")
	}
	quick.Timing = watch.Timing()
	request, err := funds.QuickRequest(ctx, quick)
	if errors.Is(err, mdf.ErrInsufficientFunds) {
		short := mdf.ShortfallOf(err)
		return nil, fmt.Errorf("only %s is available, %s is missing: %w", short.Available, short.Shortfall, err)
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "1. Acme asks for %s in one call with %d values typed: %s is %s, and the money is held.\n",
		request.RequestedTotal, quick.Timing.FieldsTyped, request.Number, request.Status)
	return request, nil
}

// prove uploads the invoice and the photo, and claims with them. The same invoice is not reimbursed twice.
func (w *world) prove(ctx context.Context, funds *mdf.Client, out io.Writer, request *mdf.Request, b bill, folder string) (*mdf.Claim, error) {
	photo, err := b.photo()
	if err != nil {
		return nil, err
	}
	quick := mdf.QuickClaim{RequestID: request.ID, ActivityID: request.Activities[0].ID, InvoiceNumber: b.Number, Supplier: b.Supplier, Spent: b.Amount}
	for _, proof := range []struct {
		name    string
		content []byte
	}{{"invoice.pdf", b.pdf()}, {"photo.png", photo}} {
		if folder != "" {
			if err := os.WriteFile(filepath.Join(folder, proof.name), proof.content, 0o600); err != nil {
				return nil, err
			}
		}
		file, err := files.New(w.partner).Upload(ctx, files.Upload{
			Purpose: files.PurposeProof, File: files.Content{Name: proof.name, Reader: bytes.NewReader(proof.content)},
		})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "3. Acme uploads %s: %s, %d bytes, sha256 %.12s….\n", file.Name, file.MediaType, file.Size, file.SHA256)
		quick.FileIDs = append(quick.FileIDs, file.ID)
	}
	claim, err := funds.QuickClaim(ctx, quick)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "4. Acme claims in one call: %s for %s of the invoice of %s, with %d files. ", claim.Number, claim.ClaimedTotal, b.Amount, len(quick.FileIDs))
	if _, err = funds.QuickClaim(ctx, quick); mdf.ClaimOf(err) != claim.ID {
		return nil, fmt.Errorf("the same invoice again: want a refusal that names %s, got %w", claim.Number, err)
	}
	fmt.Fprintf(out, "The same invoice again is refused.\n")
	return claim, nil
}

func today() partnerportal.Date { return partnerportal.DateOf(time.Now().UTC()) }

func dollars(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
