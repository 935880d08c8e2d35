package partnerportal

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Reply is an answer before it is written. [Middleware] may keep it, replace it or add headers.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func newReply(op *Operation, value any) (*Reply, error) {
	reply := &Reply{Status: op.Status, Header: http.Header{}}
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	if value == nil {
		return reply, nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode the answer of %s: %w", op.ID, err)
	}
	reply.Body = body
	reply.Header.Set("Content-Type", "application/json")
	if tagged, ok := value.(interface{ ETag() string }); ok {
		reply.Header.Set("ETag", tagged.ETag())
	}
	return reply, nil
}

func problemReply(e *Error, requestID string) *Reply {
	sent := *e
	sent.RequestID = requestID
	if sent.Status < 400 {
		sent.Status = http.StatusInternalServerError
	}
	body, err := json.Marshal(&sent)
	if err != nil { // an extension that is no JSON; the rest still tells the caller what to do
		sent.Extensions = nil
		body, _ = json.Marshal(&sent) //nolint:errchkjson // what is left are texts
	}
	reply := &Reply{Status: sent.Status, Header: http.Header{"Content-Type": {"application/problem+json"}}, Body: body}
	if e.RetryAfter > 0 {
		reply.Header.Set("Retry-After", strconv.FormatInt(int64((e.RetryAfter+time.Second-1)/time.Second), 10))
	}
	return reply
}

func (r *Reply) write(w http.ResponseWriter, in *Incoming) {
	header := w.Header()
	maps.Copy(header, r.Header)
	if in.RequestID != "" {
		header.Set("X-Request-Id", in.RequestID)
	}
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if r.Status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // the caller is gone; there is nobody left to tell
}
