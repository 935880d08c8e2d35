package assets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
)

// A partner looks for what it may have, and downloads it.
func Example() {
	ctx := context.Background()
	library := newClient(new(shelf)) // assets.New(pp)

	for asset, err := range library.All(ctx, assets.ListParams{Product: []string{"GTX"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if asset.Access != assets.AccessAvailable {
			fmt.Println(asset.Title, "is for others:", asset.Access)
			continue
		}
		var file bytes.Buffer // an *os.File, most often
		n, err := library.Download(ctx, asset.ID, assets.LinkRequest{AcceptTerms: true}, &file)
		fmt.Println(asset.Title, n, "bytes", err)
	}
	// Output: GTX data sheet 21 bytes <nil>
}

// A partner puts its logo on a data sheet. What is wrong with it is said at once, zone by zone.
func ExampleClient_CoBrand() {
	ctx := context.Background()
	library := newClient(new(shelf))

	_, err := library.CoBrand(ctx, "ast_1", assets.CoBranding{})
	fmt.Println(errors.Is(err, assets.ErrZone), err)

	job, err := library.CoBrand(ctx, "ast_1", assets.CoBranding{Values: []assets.ZoneValue{{Zone: "logo", FileID: "file_7"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if job.Over() { // asset.cobrand_ready says when
		fmt.Println(job.Status, job.Output.Name)
	}
	// Output:
	// true assets.coBrand: 422 zone_invalid: /values required
	// ready gtx.pdf
}
