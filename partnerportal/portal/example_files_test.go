package portal_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// Files of up to 1 GiB go to a folder of the host's choosing. A portal on PostgreSQL needs one; on SQLite they lie beside the database.
func ExampleWithFileDir() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "portal-files-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	p, err := portal.Open(ctx, "sqlite::memory:", portal.WithFileDir(folder), portal.WithMaxFileSize(1<<30))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	logo, err := connect(p).Upload(ctx, files.Upload{Purpose: files.PurposeLogo, File: files.Content{Name: "logo.png", Reader: strings.NewReader("\x89PNG\r\n\x1a\n…")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, err := os.ReadDir(folder)
	fmt.Println(len(kept) == 1 && kept[0].Name() == logo.ID, err)
	// Output: true <nil>
}

// bucket is a FileStore that shows what comes: an adapter to a cloud's bucket hands Put's reader to its client in the same way.
type bucket struct{ portal.FileStore }

func (bucket) Put(_ context.Context, _ string, content io.Reader) error {
	n, err := io.Copy(io.Discard, content) // a part at a time, never the whole
	if err == nil {
		fmt.Println(n, "bytes arrived")
	}
	return err
}

func ExampleWithFileStore() {
	ctx := context.Background()
	p, err := portal.Open(ctx, "sqlite::memory:", portal.WithFileStore(bucket{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	_, err = connect(p).Upload(ctx, files.Upload{File: files.Content{Name: "notes.txt", Reader: strings.NewReader("Hello.")}})
	fmt.Println(err)
	// Output:
	// 6 bytes arrived
	// <nil>
}

// connect returns a vendor's client in process.
func connect(p *portal.Portal) *files.Client {
	key, err := p.Admin().CreateAPIKey(context.Background(), portal.ClientSpec{Name: "Vendor marketing"})
	if err != nil {
		panic(err)
	}
	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		panic(err)
	}
	return files.New(pp)
}
