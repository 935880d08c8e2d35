// Package leads is the portal's leads room: it offers the vendor's leads to partners, lets exactly one of them take each, holds
// it to its clocks, and passes it on when it is not kept; and it takes partners' referrals in.
//
// states.go is the table of what may happen. view.go decides what a partner sees, and is the only place that does: partners
// read nothing but what it wrote for them. Everything works on the transaction of the [call.Call] in the context.
package leads
