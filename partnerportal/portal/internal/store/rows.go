package store

import "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/internal/db"

// What the generated queries take and return; their package is nobody else's business.

type (
	AdvanceCounterParams     = db.AdvanceCounterParams
	ChangedSinceParams       = db.ChangedSinceParams
	CountPartsParams         = db.CountPartsParams
	CountPreChecksParams     = db.CountPreChecksParams
	DeleteDealParams         = db.DeleteDealParams
	DeletePartParams         = db.DeletePartParams
	DropRefParams            = db.DropRefParams
	DropRefsParams           = db.DropRefsParams
	DropTimersOfKindParams   = db.DropTimersOfKindParams
	InsertClientParams       = db.InsertClientParams
	InsertConflictParams     = db.InsertConflictParams
	InsertDealParams         = db.InsertDealParams
	InsertEventParams        = db.InsertEventParams
	InsertLeadParams         = db.InsertLeadParams
	InsertOfferParams        = db.InsertOfferParams
	InsertPartParams         = db.InsertPartParams
	InsertPartnerParams      = db.InsertPartnerParams
	InsertPreCheckParams     = db.InsertPreCheckParams
	InsertRefParams          = db.InsertRefParams
	InsertTokenParams        = db.InsertTokenParams
	KnownCustomersParams     = db.KnownCustomersParams
	LeadViewParams           = db.LeadViewParams
	PartParams               = db.PartParams
	PartsWithStatusParams    = db.PartsWithStatusParams
	PutDealKeyParams         = db.PutDealKeyParams
	PutLeadViewParams        = db.PutLeadViewParams
	PutProgramParams         = db.PutProgramParams
	PutReservedAccountParams = db.PutReservedAccountParams
	PutReservedKeyParams     = db.PutReservedKeyParams
	PutTimerParams           = db.PutTimerParams
	RaiseCounterParams       = db.RaiseCounterParams
	RefParams                = db.RefParams
	RememberParams           = db.RememberParams
	ReplayParams             = db.ReplayParams
	ReservedByKeyRow         = db.ReservedByKeyRow
	RevokeClientParams       = db.RevokeClientParams
	SetSettingParams         = db.SetSettingParams
	TakeTimerParams          = db.TakeTimerParams
	CallerByTokenRow         = db.CallerByTokenRow
	CallerByKeyRow           = db.CallerByKeyRow
	ClientsRow               = db.ClientsRow
	DueTimersParams          = db.DueTimersParams
	Timer                    = db.Timer
	UpdateConflictParams     = db.UpdateConflictParams
	UpdateDealParams         = db.UpdateDealParams
	UpdateLeadParams         = db.UpdateLeadParams
	UpdateOfferParams        = db.UpdateOfferParams
	UpdatePartParams         = db.UpdatePartParams
	UpdatePartnerParams      = db.UpdatePartnerParams
	MoveFigureParams         = db.MoveFigureParams
	FiguresParams            = db.FiguresParams
	FiguresRow               = db.FiguresRow
	Client                   = db.Client
	Idempotency              = db.Idempotency

	// Programmes, memberships and measurement.
	ActiveUsersParams      = db.ActiveUsersParams
	AddFieldParams         = db.AddFieldParams
	AddResultParams        = db.AddResultParams
	CountFieldsParams      = db.CountFieldsParams
	CountOwnFieldsParams   = db.CountOwnFieldsParams
	CountResultsParams     = db.CountResultsParams
	FormFieldsParams       = db.FormFieldsParams
	InsertMembershipParams = db.InsertMembershipParams
	InsertNPSParams        = db.InsertNPSParams
	InsertTimingParams     = db.InsertTimingParams
	MembersOfTierParams    = db.MembersOfTierParams
	NPSResponsesParams     = db.NPSResponsesParams
	PutActiveUserParams    = db.PutActiveUserParams
	PutPartnerDomainParams = db.PutPartnerDomainParams
	RevenueByPartnerParams = db.RevenueByPartnerParams
	RevenueByPartnerRow    = db.RevenueByPartnerRow
	SumResultsParams       = db.SumResultsParams
	TimingOfParams         = db.TimingOfParams
	UpdateMembershipParams = db.UpdateMembershipParams
	CountFieldsRow         = db.CountFieldsRow
	NPSResponsesRow        = db.NPSResponsesRow

	// Files.
	ExpireFileParams = db.ExpireFileParams
	File             = db.File
	InsertFileParams = db.InsertFileParams
	KeepFileParams   = db.KeepFileParams

	// The partner's money.
	CommissionsInStatusParams = db.CommissionsInStatusParams
	DealsInStatusParams       = db.DealsInStatusParams
	DropSourceRecordParams    = db.DropSourceRecordParams
	DueCommissionsParams      = db.DueCommissionsParams
	ExpiringDealsParams       = db.ExpiringDealsParams
	FigureDaysParams          = db.FigureDaysParams
	FigureDaysRow             = db.FigureDaysRow
	InsertCommissionParams    = db.InsertCommissionParams
	InsertPayoutParams        = db.InsertPayoutParams
	InsertRebateParams        = db.InsertRebateParams
	PayoutsInStatusParams     = db.PayoutsInStatusParams
	PutPlanParams             = db.PutPlanParams
	PutSourceParams           = db.PutSourceParams
	PutSourceRecordParams     = db.PutSourceRecordParams
	RebateOfParams            = db.RebateOfParams
	SourceRecordsOfParams     = db.SourceRecordsOfParams
	UpdateCommissionParams    = db.UpdateCommissionParams
	UpdatePayoutParams        = db.UpdatePayoutParams
	UpdateRebateParams        = db.UpdateRebateParams
	SetWonOnParams            = db.SetWonOnParams
	TakenFromFundsParams      = db.TakenFromFundsParams
	SourceRecord              = db.SourceRecord

	// Market development funds.
	AddToFundParams         = db.AddToFundParams
	EntriesOfClaimParams    = db.EntriesOfClaimParams
	InsertAllocationParams  = db.InsertAllocationParams
	InsertClaimParams       = db.InsertClaimParams
	InsertFundParams        = db.InsertFundParams
	InsertLedgerEntryParams = db.InsertLedgerEntryParams
	InsertMDFRequestParams  = db.InsertMDFRequestParams
	InsertMDFTemplateParams = db.InsertMDFTemplateParams
	InsertMarkParams        = db.InsertMarkParams
	MarkParams              = db.MarkParams
	UpdateAllocationParams  = db.UpdateAllocationParams
	UpdateClaimParams       = db.UpdateClaimParams
	UpdateFundParams        = db.UpdateFundParams
	UpdateMDFRequestParams  = db.UpdateMDFRequestParams
	UpdateMDFTemplateParams = db.UpdateMDFTemplateParams

	// Co-marketing assets.
	AssetRow                  = db.AssetRow
	AssetVersionParams        = db.AssetVersionParams
	DropAssetWorkParams       = db.DropAssetWorkParams
	FreeAssetWorkParams       = db.FreeAssetWorkParams
	InsertAssetDownloadParams = db.InsertAssetDownloadParams
	InsertAssetParams         = db.InsertAssetParams
	InsertAssetVersionParams  = db.InsertAssetVersionParams
	InsertCoBrandJobParams    = db.InsertCoBrandJobParams
	PutAssetHolderParams      = db.PutAssetHolderParams
	PutAssetTagParams         = db.PutAssetTagParams
	PutAssetWorkParams        = db.PutAssetWorkParams
	SetAssetPreviewParams     = db.SetAssetPreviewParams
	TakeAssetWorkParams       = db.TakeAssetWorkParams
	TakeAssetWorkRow          = db.TakeAssetWorkRow
	UpdateAssetParams         = db.UpdateAssetParams
	UpdateCoBrandJobParams    = db.UpdateCoBrandJobParams

	// Quotes.
	CancelSpecialPricingUseParams = db.CancelSpecialPricingUseParams
	InsertPricePolicyParams       = db.InsertPricePolicyParams
	InsertQuoteParams             = db.InsertQuoteParams
	InsertSpecialPricingParams    = db.InsertSpecialPricingParams
	PutSpecialPricingUseParams    = db.PutSpecialPricingUseParams
	SpecialPricingUsesRow         = db.SpecialPricingUsesRow
	UpdateQuoteParams             = db.UpdateQuoteParams
	UpdateSpecialPricingParams    = db.UpdateSpecialPricingParams

	// Orders.
	InsertOrderParams  = db.InsertOrderParams
	OrderOfPOParams    = db.OrderOfPOParams
	OrderedSinceParams = db.OrderedSinceParams
	UpdateOrderParams  = db.UpdateOrderParams

	// The catalogue.
	ConfigModelParams         = db.ConfigModelParams
	DropPriceEntryParams      = db.DropPriceEntryParams
	InsertConfigModelParams   = db.InsertConfigModelParams
	InsertConfigurationParams = db.InsertConfigurationParams
	InsertPriceListParams     = db.InsertPriceListParams
	InsertProductParams       = db.InsertProductParams
	PriceEntriesOfParams      = db.PriceEntriesOfParams
	PriceEntriesOfRow         = db.PriceEntriesOfRow
	PutPriceEntryParams       = db.PutPriceEntryParams
	PutProductNeedParams      = db.PutProductNeedParams
	UpdatePriceListParams     = db.UpdatePriceListParams
	UpdateProductParams       = db.UpdateProductParams

	// Webhooks.
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

	// Training.
	BindLMSHomeParams          = db.BindLMSHomeParams
	CompletedEnrolmentsRow     = db.CompletedEnrolmentsRow
	LeftLearnerParams          = db.LeftLearnerParams
	CountTrainingParams        = db.CountTrainingParams
	CountTrainingRow           = db.CountTrainingRow
	CountWaitingBeforeParams   = db.CountWaitingBeforeParams
	InsertClassSessionParams   = db.InsertClassSessionParams
	InsertCourseParams         = db.InsertCourseParams
	InsertEnrolmentParams      = db.InsertEnrolmentParams
	InsertLearnerParams        = db.InsertLearnerParams
	InsertLearningPathParams   = db.InsertLearningPathParams
	KeepTrainingRecordParams   = db.KeepTrainingRecordParams
	PutCourseProductParams     = db.PutCourseProductParams
	PutLearnerRoleParams       = db.PutLearnerRoleParams
	PutPathCourseParams        = db.PutPathCourseParams
	PutTrainingReadingParams   = db.PutTrainingReadingParams
	PutTrainingRuleParams      = db.PutTrainingRuleParams
	SetLMSAccountParams        = db.SetLMSAccountParams
	SettleTrainingRecordParams = db.SettleTrainingRecordParams
	TrainingRecordsOfPersonRow = db.TrainingRecordsOfPersonRow
	UpdateClassSessionParams   = db.UpdateClassSessionParams
	UpdateCourseParams         = db.UpdateCourseParams
	UpdateEnrolmentParams      = db.UpdateEnrolmentParams
	UpdateLearnerParams        = db.UpdateLearnerParams
	UpdateLearningPathParams   = db.UpdateLearningPathParams
	VoidTrainingRecordParams   = db.VoidTrainingRecordParams

	// Credentials.
	CredentialKey                 = db.CredentialKey
	CredentialList                = db.CredentialList
	CredentialRow                 = db.CredentialRow
	CredentialsOfLearnerParams    = db.CredentialsOfLearnerParams
	EndCredentialKeysParams       = db.EndCredentialKeysParams
	EndingCredentialsParams       = db.EndingCredentialsParams
	InsertCredentialKeyParams     = db.InsertCredentialKeyParams
	InsertCredentialListParams    = db.InsertCredentialListParams
	InsertCredentialParams        = db.InsertCredentialParams
	PutCredentialDefinitionParams = db.PutCredentialDefinitionParams
	PutTrustedIssuerParams        = db.PutTrustedIssuerParams
	TakeCredentialPlaceParams     = db.TakeCredentialPlaceParams
	UpdateCredentialParams        = db.UpdateCredentialParams

	HoldingsOfParams  = db.HoldingsOfParams
	HoldingsOfRow     = db.HoldingsOfRow
	DropHoldingParams = db.DropHoldingParams
	HoldingsParams    = db.HoldingsParams
	KeepHoldingParams = db.KeepHoldingParams

	InsertQuoteOutcomeParams = db.InsertQuoteOutcomeParams
	InsertQuoteSessionParams = db.InsertQuoteSessionParams
	QuoteOrderedParams       = db.QuoteOrderedParams
	UpdateQuoteSessionParams = db.UpdateQuoteSessionParams
)
