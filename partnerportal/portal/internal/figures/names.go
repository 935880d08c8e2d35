package figures

// The sums there are. The room that moves one is named with it.
const (
	// Of the deals room: what can still be won, the same weighted by probability, and how many of them are protected.
	OpenPipeline     = "open_pipeline"
	WeightedPipeline = "open_pipeline.weighted"
	ProtectedDeals   = "open_pipeline.protected"
	// ExpiringDeals is by the day on which the protection ends (UTC), Revenue by the day of winning in the programme's time zone.
	ExpiringDeals = "open_pipeline.expiring"
	Revenue       = "revenue"

	// Of the MDF room: the accounts of all allocations together.
	MDFAllocated = "mdf.allocated"
	MDFAvailable = "mdf.available"
	MDFHeld      = "mdf.held"
	MDFCommitted = "mdf.committed"
	MDFClaimed   = "mdf.claimed"
	MDFPayable   = "mdf.payable"
	MDFPaid      = "mdf.paid"
	MDFExpired   = "mdf.expired"
	MDFConverted = "mdf.converted"
	// MDFExpiring is what is available by the day on which its allocation ends; MDFOpenRequests and MDFUnclaimed count.
	MDFExpiring     = "mdf.expiring"
	MDFOpenRequests = "mdf.open_requests"
	MDFUnclaimed    = "mdf.claims_awaiting_proof"

	// Of the account room: commissions by what they mean to the partner. Those paid are by the day of payment.
	CommissionsDue     = "commissions.due"
	CommissionsPending = "commissions.pending"
	CommissionsOnHold  = "commissions.on_hold"
	CommissionsPaid    = "commissions.paid"
	// FinanceRevenue and CRMRevenue are what other systems say was sold, by day.
	FinanceRevenue = "revenue.finance"
	CRMRevenue     = "revenue.crm"
)

// NoCurrency is that of amounts that nobody has given: ISO 4217 keeps the code for it. It lets a deal without an amount be counted.
const NoCurrency = "XXX"
