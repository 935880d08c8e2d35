// Sdk gets one deal with the SDK.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func main() {
	client, err := partnerportal.New(os.Args[1], partnerportal.WithAPIKey(os.Args[2]))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	deal, err := deals.New(client).Get(context.Background(), os.Args[3])
	fmt.Println(deal, err)
}
