package store

import "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/internal/db"

// What the generated queries take and return; their package is nobody else's business.

type (
	AdvanceCounterParams       = db.AdvanceCounterParams
	ChangedSinceParams         = db.ChangedSinceParams
	CountPartsParams           = db.CountPartsParams
	CountPreChecksParams       = db.CountPreChecksParams
	DeleteDealParams           = db.DeleteDealParams
	DeletePartParams           = db.DeletePartParams
	DropRefsParams             = db.DropRefsParams
	DropTimersOfKindParams     = db.DropTimersOfKindParams
	InsertClientParams         = db.InsertClientParams
	InsertConflictParams       = db.InsertConflictParams
	InsertDealParams           = db.InsertDealParams
	InsertEventParams          = db.InsertEventParams
	InsertLeadParams           = db.InsertLeadParams
	InsertOfferParams          = db.InsertOfferParams
	InsertPartParams           = db.InsertPartParams
	InsertPartnerParams        = db.InsertPartnerParams
	InsertPreCheckParams       = db.InsertPreCheckParams
	InsertRefParams            = db.InsertRefParams
	InsertTokenParams          = db.InsertTokenParams
	KnownCustomersParams       = db.KnownCustomersParams
	LeadViewParams             = db.LeadViewParams
	PartParams                 = db.PartParams
	PartsWithStatusParams      = db.PartsWithStatusParams
	PutDealKeyParams           = db.PutDealKeyParams
	PutLeadViewParams          = db.PutLeadViewParams
	PutProgramParams           = db.PutProgramParams
	PutReservedAccountParams   = db.PutReservedAccountParams
	PutReservedKeyParams       = db.PutReservedKeyParams
	PutTimerParams             = db.PutTimerParams
	RaiseCounterParams         = db.RaiseCounterParams
	RefParams                  = db.RefParams
	RememberParams             = db.RememberParams
	ReplayParams               = db.ReplayParams
	ReservedByKeyRow           = db.ReservedByKeyRow
	RevokeClientParams         = db.RevokeClientParams
	SetSettingParams           = db.SetSettingParams
	TakeTimerParams            = db.TakeTimerParams
	CallerByTokenRow           = db.CallerByTokenRow
	CallerByKeyRow             = db.CallerByKeyRow
	ClientsRow                 = db.ClientsRow
	DueTimersParams            = db.DueTimersParams
	Timer                      = db.Timer
	UpdateConflictParams       = db.UpdateConflictParams
	UpdateDealParams           = db.UpdateDealParams
	UpdateLeadParams           = db.UpdateLeadParams
	UpdateOfferParams          = db.UpdateOfferParams
	UpdatePartParams           = db.UpdatePartParams
	UpdatePartnerParams        = db.UpdatePartnerParams
	AdvanceQueueParams         = db.AdvanceQueueParams
	ChallengeFailedParams      = db.ChallengeFailedParams
	ClaimDeliveryParams        = db.ClaimDeliveryParams
	DeleteEndpointParams       = db.DeleteEndpointParams
	DisableEndpointParams      = db.DisableEndpointParams
	DropDeliveriesOfKindParams = db.DropDeliveriesOfKindParams
	DropDeliveriesParams       = db.DropDeliveriesParams
	DueDeliveriesParams        = db.DueDeliveriesParams
	EnableEndpointParams       = db.EnableEndpointParams
	EndpointHealthParams       = db.EndpointHealthParams
	EndpointsAtWorkParams      = db.EndpointsAtWorkParams
	FinishDeliveryParams       = db.FinishDeliveryParams
	HastenDeliveriesParams     = db.HastenDeliveriesParams
	InsertDeliveryParams       = db.InsertDeliveryParams
	InsertEndpointParams       = db.InsertEndpointParams
	MoveEndpointParams         = db.MoveEndpointParams
	QueueWaitsParams           = db.QueueWaitsParams
	ReviveDeliveriesParams     = db.ReviveDeliveriesParams
	StartQueuesParams          = db.StartQueuesParams
	UpdateEndpointParams       = db.UpdateEndpointParams
	WaitingUpToParams          = db.WaitingUpToParams
	WebhookEndpoint            = db.WebhookEndpoint
	WebhookDelivery            = db.WebhookDelivery
	Client                     = db.Client
	Idempotency                = db.Idempotency
)
