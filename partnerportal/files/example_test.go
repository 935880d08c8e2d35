package files_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

// newClient connects to a portal in memory. Outside of examples, a portal is at the other end of a URL.
func newClient() *files.Client {
	router := partnerportal.NewRouter()
	files.Mount(router, new(shelf))
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return files.New(pp)
}

// A file is uploaded from any reader. What uses it, such as a claim, names it by its ID.
func Example() {
	c, ctx := newClient(), context.Background()
	invoice := strings.NewReader("%PDF-1.7 …") // an *os.File, most often

	proof, err := c.Upload(ctx, files.Upload{Purpose: files.PurposeProof, File: files.Content{Name: "invoice.pdf", Reader: invoice}})
	switch {
	case errors.Is(err, files.ErrTooLarge):
		fmt.Println("send a smaller scan")
	case errors.Is(err, files.ErrMediaType):
		fmt.Println("send a PDF or an image")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(proof.ID, proof.Name, proof.MediaType)
	}
	// Output: file_1 invoice.pdf application/pdf
}

// Download writes a file to a disk, whatever its size, and over as many connections as it takes.
func ExampleClient_Download() {
	c, ctx := newClient(), context.Background()
	logo, err := c.Upload(ctx, files.Upload{Purpose: files.PurposeLogo, File: files.Content{Name: "logo.png", Reader: strings.NewReader("\x89PNG\r\n\x1a\n…")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	copied, err := os.CreateTemp("", "logo-*.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(copied.Name())
	n, err := c.Download(ctx, logo.ID, copied)
	fmt.Println(n == logo.Size, errors.Join(err, copied.Close()))
	// Output: true <nil>
}

// Open reads a file while it arrives, or only a part of it.
func ExampleClient_Open() {
	c, ctx := newClient(), context.Background()
	list, err := c.Upload(ctx, files.Upload{File: files.Content{Name: "attendees.csv", Reader: strings.NewReader("name,city\nAda,London\nGrace,New York\n")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := c.Open(ctx, list.ID, partnerportal.WithHeader("Range", "bytes=10-20"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer content.Close()
	part, err := io.ReadAll(content)
	fmt.Printf("%s: %s, from byte %d of %d (%v)\n", content.Name, part, content.Offset, content.Size, err)
	// Output: attendees.csv: Ada,London
	// , from byte 10 of 36 (<nil>)
}

// A portal of one's own implements Server and mounts it: the content comes in as a reader, and goes out as one.
func ExampleMount() {
	router := partnerportal.NewRouter()
	files.Mount(router, new(shelf))
	pp, err := partnerportal.New("", partnerportal.WithHandler(router))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := files.New(pp).Upload(context.Background(), files.Upload{File: files.Content{Name: "notes.txt", Reader: strings.NewReader("Hello.")}})
	fmt.Println(f.Size, err)
	// Output: 6 <nil>
}
