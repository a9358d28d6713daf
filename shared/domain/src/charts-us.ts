/**
 * Generic chart, also the US one (accounting.md B): code, type (A asset, L liability, Q equity, I income, X expense),
 * normal side, name, roles. 1140, 2410 and 2420 are our own proposals: section B has no such accounts.
 */
export const US_ACCOUNTS = `
1000 A D Bank: bank.main
1010 A D Cash on hand: cash.drawer
1030 A D Cash in transit: cash.transit
1100 A D Shopify Payments clearing: clearing.shopify_payments
1101 A D Stripe clearing: clearing.stripe
1102 A D Square clearing: clearing.square
1103 A D PayPal clearing: clearing.paypal
1110 A D Marketplace clearing: clearing.marketplace
1120 A D Reserve held by processor: processor.reserve
1130 A D Disputed funds: dispute.held
1140 A D Manual payments clearing: clearing.manual clearing.bank_transfer clearing.cash_on_delivery
1190 A D Currency exchange: fx.trading
1200 A D Accounts receivable: ar.control
1300 A D Inventory: inventory.control
1400 A D Recoverable input tax: tax.input
1401 A D Input tax, reverse charge: tax.input.rc
1990 A D Suspense: suspense
2000 L C Accounts payable: ap.control
2050 L C Goods received not invoiced: grni
2100 L C Sales tax payable: tax.output
2101 L C Output tax, reverse charge: tax.output.rc
2110 L C Tax collected by marketplace: tax.marketplace
2150 L C Tax authority, filed returns: tax.settlement
2200 L C Gift cards outstanding: giftcard.liability
2210 L C Store credit outstanding: storecredit.liability
2220 L C Stored-value cards: storedvalue.liability
2300 L C Customer deposits: customer.deposits
2400 L C Tips payable: tips.payable
2410 L C Import duties payable: duties.payable
2420 L C Donations payable: donations.payable
3000 Q C Capital: equity.capital
3200 Q C Retained earnings: equity.retained
3900 Q C Opening balance account: equity.opening
3910 Q C Income summary: closing.income_summary
3990 Q C Closing balance account: closing.balance
4000 I C Sales: sales.revenue.standard
4001 I C Sales, reduced rate: sales.revenue.reduced
4002 I C Sales, zero rate: sales.revenue.zero
4003 I C Exports: sales.revenue.export
4004 I C Intra-Community supplies: sales.revenue.intra_eu
4005 I C Exempt sales: sales.revenue.exempt
4006 I C Distance sales taxed in another EU state: sales.revenue.oss
4050 I C Shipping income: sales.shipping
4100 I D Discounts: sales.discount
4110 I D Returns: sales.returns
4200 I C Gift card breakage: giftcard.breakage
5000 X D Cost of sales: cost_of_sales
5100 X D Count variance: count.variance
5110 X D Inventory adjustment: inventory.adjustment
5120 X D Purchase variance: purchase.variance
5200 X D Purchases: purchases
5210 X D Change in stock: inventory.change
6000 X D Processing fees: fees.processing
6010 X D Marketplace commission: fees.marketplace
6020 X D Dispute fees: fees.dispute
6100 X D Chargeback losses: chargeback.loss
6110 X D Bad debts: bad_debt
6200 X D Cash over and short: cash.short cash.over
6210 X D Cash rounding: rounding.cash
6300 X D Exchange differences: fx.loss fx.gain
6500 X D Office and general expenses: expense.office expense.cleaning expense.software
`;

/** Codes that exist beside one code per jurisdiction: code, rate, suffix of sales.revenue, label. */
export const US_TAX_CODES = `
EXEMPT 0 exempt no sales tax
MKT 0 standard tax collected by the marketplace
`;

/** Rate of the channel's tax → code; every other tax is a jurisdiction and gets a code of its own name. */
export const US_TAX_RULES = '0 EXEMPT';
