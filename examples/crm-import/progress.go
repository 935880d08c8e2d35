package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far the registration is: a bar on a terminal, else a line for each tenth, which is what a log can use. The
// functions it returns are called after each row, from any goroutine, and once at the end.
func progress(w io.Writer, total int) (done, finish func()) {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("registering"), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionUseANSICodes(true))
		return func() { bar.Add(1) }, func() { //nolint:errcheck // a bar that cannot be drawn is no reason to stop
			bar.Exit() //nolint:errcheck // the same
			fmt.Fprintln(w)
		}
	}
	var (
		mu   sync.Mutex // for n, and so that lines come in order
		n    int
		step = max(1, (total+9)/10)
	)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%step == 0 || n == total {
			fmt.Fprintf(w, "registering: %d of %d\n", n, total)
		}
	}, func() {}
}
