package main

import (
	"context"
	"fmt"
	"io"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// firstStart gives a new portal a vendor and two demo partners, and prints their credentials: the portal keeps only hashes, so
// there is no second chance to read them.
func firstStart(ctx context.Context, admin *portal.Admin, out io.Writer) error {
	partners, err := admin.Partners(ctx)
	if err != nil || len(partners) > 0 {
		return err
	}
	fmt.Fprintf(out, "\nFirst start: these credentials are shown once.\n\n")
	vendor, err := admin.CreateClient(ctx, portal.ClientSpec{Name: "vendor"})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "vendor          client_id %s  client_secret %s\n", vendor.ClientID, vendor.ClientSecret)
	for _, name := range []string{"demo partner 1", "demo partner 2"} {
		partner, err := admin.CreatePartner(ctx, portal.Partner{Name: name, Country: "US"})
		if err != nil {
			return err
		}
		client, err := admin.CreateClient(ctx, portal.ClientSpec{PartnerID: partner.ID, Name: name})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  client_id %s  client_secret %s  partner_id %s\n", name, client.ClientID, client.ClientSecret, partner.ID)
	}
	fmt.Fprintln(out)
	return nil
}
