package portal_test

import (
	"context"
	"fmt"
	"os"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// The documents of quotes get the vendor's letterhead, and fonts for the languages of its customers: here those of Debian's fonts-noto-cjk, if they
// are installed.
func ExampleWithFonts() {
	options := []portal.Option{portal.WithBrand(portal.Brand{
		Name: "Globex Networks", Address: []string{"1 Harbour Road, Dublin", "globex.example"}, Color: "#0b4f3c",
	})}
	for _, weight := range []string{"Regular", "Bold"} {
		if font, err := os.ReadFile("/usr/share/fonts/opentype/noto/NotoSansCJK-" + weight + ".ttc"); err == nil {
			options = append(options, portal.WithFonts(font))
		}
	}
	p, err := portal.Open(context.Background(), "sqlite::memory:", options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	fmt.Println("serving")
	// Output:
	// serving
}
