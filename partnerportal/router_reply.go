package partnerportal

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Reply is an answer before it is written. [Middleware] may keep it, replace it or add headers.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// File is sent instead of Body if it is not nil, with the status that the request calls for.
	File *Download
}

func newReply(op *Operation, value any) (*Reply, error) {
	reply := &Reply{Status: op.Status, Header: http.Header{}}
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	if value == nil {
		return reply, nil
	}
	if file, ok := value.(*Download); ok {
		reply.File = file
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

// leaveOut turns the reply into 304 when the caller has what it holds, by one of the tags of If-None-Match.
func (r *Reply) leaveOut(has []string) {
	tag := r.Header.Get("ETag")
	for given := range strings.SplitSeq(strings.Join(has, ","), ",") {
		if given = strings.TrimSpace(given); tag != "" && (given == "*" || strings.TrimPrefix(given, "W/") == tag) {
			r.Status, r.Body = http.StatusNotModified, nil
			r.Header.Del("Content-Type")
			return
		}
	}
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
	if r.File != nil {
		r.File.ServeHTTP(w, in.Request)
		return
	}
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if r.Status != http.StatusNoContent && r.Status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) //nolint:gosec // JSON that is not sniffed; and if the caller is gone there is nobody left to tell
}
