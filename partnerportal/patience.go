package partnerportal

import (
	"io"
	"net/http"
	"time"
)

// A file takes as long as it takes. What is bounded is the time in which nothing moves.

// stall is how long a server waits for the next bytes of a file, or for the caller to take them.
const stall = time.Minute

// patience pushes back the deadlines of a server's connection while a file moves: ReadTimeout and WriteTimeout of an http.Server
// are chosen for answers that are made at once, and count from the beginning of the request. The server sets its own again for the next.
type patience struct {
	conn *http.ResponseController
	next time.Time // until then the deadlines need not be pushed back again
}

func newPatience(w http.ResponseWriter) patience {
	return patience{conn: http.NewResponseController(w)}
}

func (p *patience) moved() {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(stall / 10)
	p.until(now.Add(stall))
}

// until sets both deadlines: who has been reading for long must still be able to answer. In process there are none, which is no error here.
func (p *patience) until(deadline time.Time) {
	_ = p.conn.SetReadDeadline(deadline)
	_ = p.conn.SetWriteDeadline(deadline)
}

// patientBody is the body of a request that may be long.
type patientBody struct {
	io.ReadCloser
	patience
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.moved()
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.until(time.Time{}) // what is done with it now takes its own time
	}
	return n, err
}
