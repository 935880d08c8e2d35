package deals

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// invalid refuses the content of a request.
func invalid(fields ...partnerportal.FieldError) *partnerportal.Error {
	e := problem.New(http.StatusUnprocessableEntity, partnerportal.ErrValidation, "Some fields are missing or not acceptable.")
	if len(fields) == 1 {
		e.Detail = fields[0].Message
	}
	e.Fields = fields
	return e
}

// invalidState refuses an action that the state does not allow, and says which ones it does.
func invalidState(c *call.Call, r *record, action contract.Action) error {
	detail := "The deal is " + problem.Words(string(r.Status)) + ", and in this state there is no " + problem.Words(string(action)) + "."
	return problem.InvalidState(detail, r.Status, allowed(r, c.Caller, c.Now))
}

// isNotFound says that the store has no such row, isUnknown that the caller was told so, isRefusal that the caller was told anything.
func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
func isUnknown(err error) bool  { return errors.Is(err, partnerportal.ErrNotFound) }
func isRefusal(err error) bool {
	var e *partnerportal.Error
	return errors.As(err, &e)
}

// matches checks an If-Match header against the revision of a deal or conflict, and tells what has changed since.
func matches(ctx context.Context, c *call.Call, dealID string, revision int64, ifMatch string) error {
	if problem.Matches(ifMatch, revision) {
		return nil
	}
	e := problem.Stale("It", revision)
	changed, err := changedSince(ctx, c, dealID, ifMatch)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return e
	}
	return problem.With(e, "changed_fields", changed)
}

// changedSince lists what has changed since the revision of an entity tag, as far as the caller may know.
func changedSince(ctx context.Context, c *call.Call, dealID, tag string) ([]string, error) {
	revision, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(tag, `"r`), `"`), 10, 64)
	if err != nil || dealID == "" {
		return nil, nil //nolint:nilerr // a tag that is not ours: nothing is known about it
	}
	hidden := feed.Partner
	if c.Caller.Side == partnerportal.SidePartner {
		hidden = feed.Vendor
	}
	docs, err := c.Tx.ChangedSince(ctx, store.ChangedSinceParams{ResourceID: dealID, Revision: revision, Audience: string(hidden)})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, doc := range docs {
		var changed []string
		if err := json.Unmarshal([]byte(doc), &changed); err != nil {
			return nil, err
		}
		all = append(all, changed...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
