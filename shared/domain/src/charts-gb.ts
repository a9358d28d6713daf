/**
 * British chart in the habit of UK small-business packages (accounting.md B, column GB). 1247, 2141 and 2142 are our
 * own proposals: section B has no such accounts.
 */
export const GB_ACCOUNTS = `
1001 A D Stock: inventory.control
1100 A D Debtors control account: ar.control
1200 A D Bank current account: bank.main
1230 A D Cash on hand: cash.drawer
1235 A D Cash in transit: cash.transit
1240 A D Shopify Payments clearing: clearing.shopify_payments
1241 A D Stripe clearing GBP: clearing.stripe
1242 A D Stripe clearing EUR: clearing.stripe.EUR
1243 A D Square clearing: clearing.square
1244 A D PayPal clearing: clearing.paypal
1246 A D Marketplace clearing: clearing.marketplace
1247 A D Manual payments clearing: clearing.manual clearing.bank_transfer clearing.cash_on_delivery
1248 A D Processor reserve held: processor.reserve
1249 A D Disputed funds held: dispute.held
1290 A D Currency exchange (trading): fx.trading
2100 L C Creditors control account: ap.control
2105 L C Goods received not invoiced: grni
2120 L C Gift card liability: giftcard.liability
2121 L C Store credit liability: storecredit.liability
2122 L C Stored-value cards: storedvalue.liability
2130 L C Customer deposits: customer.deposits
2140 L C Tips payable: tips.payable
2141 L C Import duties payable: duties.payable
2142 L C Donations payable: donations.payable
2200 L C Sales tax control account (output VAT): tax.output tax.output.rc
2201 A D Purchase tax control account (input VAT): tax.input tax.input.rc
2202 L C VAT liability (filed returns): tax.settlement
2205 L C Tax collected by marketplace: tax.marketplace
3000 Q C Ordinary share capital: equity.capital
3200 Q C Profit and loss account: equity.retained
3950 Q C Income summary: closing.income_summary
3980 Q C Opening balance account: equity.opening
3990 Q C Closing balance account: closing.balance
4000 I C Sales: sales.revenue.standard
4001 I C Sales, reduced rate: sales.revenue.reduced
4002 I C Sales, zero rate: sales.revenue.zero
4003 I C Exports: sales.revenue.export
4004 I C Intra-Community supplies: sales.revenue.intra_eu
4005 I C Exempt sales: sales.revenue.exempt
4006 I C Distance sales taxed in an EU state: sales.revenue.oss
4009 I D Discounts allowed: sales.discount
4010 I D Sales returns: sales.returns
4050 I C Shipping income: sales.shipping
4920 I C Gift card breakage: giftcard.breakage
5000 X D Cost of sales: cost_of_sales
5010 X D Stock count variance: count.variance
5020 X D Stock adjustments: inventory.adjustment
5030 X D Purchase variance: purchase.variance
5100 X D Purchases: purchases
5201 X D Change in stock: inventory.change
7500 X D Software subscriptions: expense.software
7504 X D Office expenses: expense.office
7801 X D Cleaning: expense.cleaning
7905 X D Payment processing fees: fees.processing
7906 X D Exchange rate variance: fx.loss fx.gain
7907 X D Dispute fees: fees.dispute
7908 X D Marketplace commission: fees.marketplace
8100 X D Bad debt write-off: bad_debt
8110 X D Chargeback losses: chargeback.loss
8200 X D Cash over and short: cash.short cash.over
8205 X D Cash rounding: rounding.cash
9998 A D Suspense: suspense
`;

/** Code, rate, suffix of sales.revenue, label. */
export const GB_TAX_CODES = `
S20 20 standard standard rated
R5 5 reduced reduced rate
Z0 0 zero zero rated
E 0 exempt exempt
X 0 exempt outside the scope of VAT
EXP0 0 export export of goods, zero rated
RC20 20 standard reverse charge on services from abroad
`;

export const GB_TAX_RULES = '20 S20, 5 R5, 0 Z0';
