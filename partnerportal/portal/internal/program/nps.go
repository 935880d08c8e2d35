package program

import (
	"context"
	"encoding/json"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// AnswerNPS keeps an answer, with the tier that the partner is in now: it counts there whatever becomes of it later.
func (s *Service) AnswerNPS(ctx context.Context, body *contract.NPSAnswer) (*contract.NPSResponse, error) {
	c := call.From(ctx)
	if err := onlyPartner(c); err != nil {
		return nil, err
	}
	p, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
	if err != nil {
		return nil, err
	}
	r := &contract.NPSResponse{
		ID: ids.New(ids.NPS, c.Now), PartnerID: p.ID, Score: body.Score, Comment: body.Comment, Prompt: body.Prompt,
		TierID: p.Tier, Productive: p.Productive, CreatedAt: c.Now,
	}
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	respondent := c.Caller.ClientID
	if body.Respondent != "" {
		respondent += "/" + body.Respondent
	}
	return r, c.Tx.InsertNPS(ctx, store.InsertNPSParams{
		ID: r.ID, Bucket: store.Bucket(r.ID), PartnerID: p.ID, Respondent: respondent, Score: int64(r.Score), Productive: bit(r.Productive),
		Day: dayOf(c.Now), CreatedAt: store.Micros(c.Now), Doc: string(doc),
	})
}

// ListNPSResponses returns a page of answers.
func (s *Service) ListNPSResponses(ctx context.Context, params *contract.ListNPSResponsesParams) (*contract.NPSResponsePage, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	q := store.Query{Table: "nps_responses", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	store.WhereIn(&q, "partner_id", params.PartnerID)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (r contract.NPSResponse, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return r, err
		}
		return r, json.Unmarshal([]byte(doc), &r)
	})
	if err != nil {
		return nil, err
	}
	return &contract.NPSResponsePage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// NPS is the net promoter score of the latest answers of all respondents in the period.
func (s *Service) NPS(ctx context.Context, params *contract.NPSParams) (*contract.NPSResult, error) {
	c := call.From(ctx)
	from, to, err := period(c, params.From, params.To)
	if err != nil {
		return nil, err
	}
	rows, err := c.Tx.NPSResponses(ctx, store.NPSResponsesParams{FromDay: directory.Day(from), ToDay: directory.Day(to)})
	if err != nil {
		return nil, err
	}
	latest := map[[2]string]store.NPSResponsesRow{}
	for _, row := range rows { // the oldest first
		latest[[2]string{row.PartnerID, row.Respondent}] = row
	}
	result := &contract.NPSResult{From: from, To: to, Segment: params.Segment}
	if result.Segment == "" {
		result.Segment = contract.NPSSegmentProductive
	}
	for _, row := range latest {
		if result.Segment == contract.NPSSegmentProductive && row.Productive == 0 {
			continue
		}
		result.Responses++
		switch {
		case row.Score >= 9:
			result.Promoters++
		case row.Score <= 6:
			result.Detractors++
		default:
			result.Passives++
		}
	}
	if result.Responses > 0 {
		result.Score = score(result.Promoters, result.Detractors, result.Responses)
		result.Confidence95 = confidence(result.Promoters, result.Detractors, result.Responses)
	}
	return result, nil
}
