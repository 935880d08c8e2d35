package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	filesroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// underway holds the idempotency keys whose first request has not ended yet.
type underway struct {
	mu   sync.Mutex
	keys map[string]struct{}
}

func (u *underway) begin(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, running := u.keys[name]; running {
		return false
	}
	if u.keys == nil {
		u.keys = map[string]struct{}{}
	}
	u.keys[name] = struct{}{}
	return true
}

func (u *underway) end(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.keys, name)
}

// once is one request under an idempotency key. Without a key it does nothing.
type once struct {
	underway *underway
	name     string // owner and key; "" without a key
	record   store.RememberParams
}

// once begins a request. Only its own partner can meet a key: keys of two partners never clash, nor tell of each other.
func (p *Portal) once(in *partnerportal.Incoming, caller call.Caller) (*once, error) {
	key := in.IdempotencyKey()
	if key == "" || !in.Op.Idempotent {
		return &once{}, nil
	}
	body, err := intent(in)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write([]byte(in.Op.ID + "\n" + in.Request.URL.EscapedPath() + "\n"))
	h.Write(body)
	o := &once{underway: &p.underway, name: caller.Owner() + "\n" + key, record: store.RememberParams{
		Owner: caller.Owner(), Key: key, Operation: in.Op.ID, BodyHash: hex.EncodeToString(h.Sum(nil)),
	}}
	if !o.underway.begin(o.name) {
		return nil, &partnerportal.Error{Status: http.StatusConflict, Code: partnerportal.ErrIdempotencyInProgress, RetryAfter: time.Second,
			Detail: "The first request with this Idempotency-Key has not ended yet. Repeat it in a moment."}
	}
	return o, nil
}

// intent is what a key stands for: the body, or what identifies the file that was in it.
func intent(in *partnerportal.Incoming) ([]byte, error) {
	if in.Op.Form == nil {
		return in.Body()
	}
	upload, err := in.Upload()
	if err != nil {
		return nil, err
	}
	intake, ok := upload.File.Reader.(*filesroom.Intake)
	if !ok {
		return nil, errors.New("an upload was not received")
	}
	return intake.Digest(), nil
}

func (o *once) done() {
	if o.name != "" {
		o.underway.end(o.name)
	}
}

// replay returns the answer of the first request, or nil if this is the first.
func (o *once) replay(ctx context.Context, tx *store.Tx) (*partnerportal.Reply, error) {
	if o.name == "" {
		return nil, nil //nolint:nilnil // no answer yet, and nothing wrong
	}
	// Another replica may be at the same key: it is waited for, not raced.
	if err := tx.Lock(ctx, "idempotency "+o.name); err != nil {
		return nil, err
	}
	first, err := tx.Replay(ctx, store.ReplayParams{Owner: o.record.Owner, Key: o.record.Key})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // the same
	}
	if err != nil {
		return nil, err
	}
	if first.BodyHash != o.record.BodyHash {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrIdempotencyKeyReused,
			Detail: "This Idempotency-Key was used for another request. Send a new key with new content."}
	}
	header := http.Header{}
	if err := json.Unmarshal([]byte(first.Header), &header); err != nil {
		return nil, err
	}
	body, ok := tx.Unseal(first.Body, o.sealing())
	if !ok {
		return nil, errors.New("the answer that was kept under an idempotency key cannot be opened: it was sealed by another portal")
	}
	header.Set("Idempotency-Replayed", "true")
	return &partnerportal.Reply{Status: int(first.Status), Header: header, Body: body}, nil
}

// sealing binds a kept answer to its key. Some answers show a secret, such as a webhook endpoint's, which must not lie open in the database.
func (o *once) sealing() string { return "reply " + o.name }

// remember keeps the answer. Refusals are not kept: they changed nothing, and a repeat may find the way clear.
func (o *once) remember(ctx context.Context, tx *store.Tx, reply *partnerportal.Reply) error {
	if o.name == "" || reply.Status < 200 || reply.Status > 299 {
		return nil
	}
	header, err := json.Marshal(reply.Header)
	if err != nil {
		return err
	}
	record := o.record
	record.Status, record.Header, record.Body = int64(reply.Status), string(header), tx.Seal(reply.Body, o.sealing())
	record.CreatedAt = store.Micros(time.Now()) // the real time: a sandbox's turn must not make keys new again
	return tx.Remember(ctx, record)
}
