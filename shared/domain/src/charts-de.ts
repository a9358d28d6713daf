/**
 * German charts SKR03 and SKR04 (accounting.md B). One line per account: SKR03, SKR04, type, side, name, roles.
 * Numbers that the standard charts do not have are our proposal: those starred in section B, and 1359/1470 (manual
 * payments), 1798/3788 (duties), 1799/3789 (donations), 1767/3817 (tax of another EU state), 8290/4290 (0 %).
 * Closing accounts are never exported. Tax, discounts and returns are per rate: the role's last part is the rate
 * or the revenue suffix; without it the role means 19 %.
 */
export const DE_ACCOUNTS = `
1200 1800 A D Bank: bank.main
1000 1600 A D Kasse: cash.drawer
1360 1460 A D Geldtransit: cash.transit
1364 1464 A D Verrechnung Shopify Payments: clearing.shopify_payments
1362 1462 A D Verrechnung Stripe: clearing.stripe
1366 1466 A D Verrechnung Square: clearing.square
1361 1461 A D Verrechnung PayPal: clearing.paypal
1367 1467 A D Verrechnung Marktplatz: clearing.marketplace
1359 1470 A D Verrechnung sonstige Zahlungen: clearing.manual clearing.bank_transfer clearing.cash_on_delivery
1368 1468 A D Einbehalt des Zahlungsdienstleisters: processor.reserve
1365 1465 A D Strittige Zahlungen: dispute.held
1369 1469 A D Währungsumtausch: fx.trading
1400 1200 A D Forderungen aus Lieferungen und Leistungen: ar.control
3980 1140 A D Warenbestand: inventory.control
1576 1406 A D Abziehbare Vorsteuer 19 %: tax.input
1571 1401 A D Abziehbare Vorsteuer 7 %: tax.input.7
1577 1407 A D Abziehbare Vorsteuer § 13b UStG: tax.input.rc
1792 3630 A D Ungeklärte Posten: suspense
1600 3300 L C Verbindlichkeiten aus Lieferungen und Leistungen: ap.control
1605 3305 L C Wareneingang ohne Rechnung: grni
1776 3806 L C Umsatzsteuer 19 %: tax.output
1771 3801 L C Umsatzsteuer 7 %: tax.output.7
1767 3817 L C Umsatzsteuer anderer EU-Staaten (OSS): tax.output.OSS
1787 3837 L C Umsatzsteuer § 13b UStG: tax.output.rc
1590 1370 L C Durchlaufende Posten, Steuer des Marktplatzes: tax.marketplace
1780 3820 L C Umsatzsteuervorauszahlungen: tax.settlement
1796 3786 L C Verbindlichkeiten aus Gutscheinen: giftcard.liability storecredit.liability storedvalue.liability
1718 3272 L C Erhaltene Anzahlungen 19 % USt: customer.deposits
1711 3260 L C Erhaltene Anzahlungen 7 % USt: customer.deposits.reduced
1700 3500 L C Sonstige Verbindlichkeiten, Trinkgelder: tips.payable
1798 3788 L C Verbindlichkeiten aus Einfuhrabgaben: duties.payable
1799 3789 L C Verbindlichkeiten aus Spenden: donations.payable
0800 2900 Q C Gezeichnetes Kapital: equity.capital
0860 2970 Q C Gewinnvortrag: equity.retained
9000 9000 Q C Saldenvorträge: equity.opening
9910 9910 Q C Ergebniszusammenfassung: closing.income_summary
9990 9990 Q C Schlussbilanzkonto: closing.balance
8400 4400 I C Erlöse 19 % USt: sales.revenue.standard sales.shipping
8300 4300 I C Erlöse 7 % USt: sales.revenue.reduced sales.shipping.reduced
8290 4290 I C Erlöse 0 % USt: sales.revenue.zero sales.shipping.zero
8120 4120 I C Steuerfreie Umsätze § 4 Nr. 1a UStG: sales.revenue.export sales.shipping.export
8125 4125 I C Steuerfreie innergemeinschaftliche Lieferungen: sales.revenue.intra_eu sales.shipping.intra_eu
8100 4100 I C Steuerfreie Umsätze § 4 Nr. 8 ff. UStG: sales.revenue.exempt sales.shipping.exempt
8320 4320 I C Im anderen EU-Land steuerpflichtige Lieferungen: sales.revenue.oss sales.shipping.oss
8790 4790 I D Gewährte Rabatte 19 % USt: sales.discount
8780 4780 I D Gewährte Rabatte 7 % USt: sales.discount.reduced
8720 4720 I D Erlösschmälerungen 19 % USt: sales.returns
8710 4710 I D Erlösschmälerungen 7 % USt: sales.returns.reduced
2700 4830 I C Sonstige Erträge, verfallene Gutscheine: giftcard.breakage
3200 5200 X D Wareneingang, Wareneinsatz: cost_of_sales
3960 5880 X D Bestandsveränderungen Waren: count.variance inventory.adjustment inventory.change
3210 5210 X D Preisabweichungen Wareneingang: purchase.variance
3400 5400 X D Wareneingang 19 % Vorsteuer: purchases
3300 5300 X D Wareneingang 7 % Vorsteuer: purchases.reduced
4970 6855 X D Nebenkosten des Geldverkehrs: fees.processing fees.dispute
4760 6770 X D Verkaufsprovisionen: fees.marketplace
2400 6930 X D Forderungsverluste, Rückbelastungen: chargeback.loss
2406 6936 X D Forderungsverluste 19 % USt: bad_debt
2401 6931 X D Forderungsverluste 7 % USt: bad_debt.reduced
2309 6969 X D Sonstige Aufwendungen, Kassendifferenzen: cash.short rounding.cash
2709 4839 I C Sonstige Erträge, Kassendifferenzen: cash.over
2150 6880 X D Aufwendungen aus Kursdifferenzen: fx.loss
2660 4840 I C Erträge aus Kursdifferenzen: fx.gain
4930 6815 X D Bürobedarf: expense.office expense.cleaning
4806 6495 X D Wartungskosten für Software: expense.software
`;

/** Code, rate, suffix of sales.revenue, label. */
export const DE_TAX_CODES = `
U19 19 standard Umsatzsteuer 19 %
U7 7 reduced Umsatzsteuer 7 %
U0 0 zero Umsatzsteuer 0 %
EXP 0 export Ausfuhr, steuerfrei
IGL 0 intra_eu innergemeinschaftliche Lieferung, steuerfrei
RC19 19 standard Leistungen nach § 13b UStG
OSS 0 oss im anderen EU-Land steuerpflichtig
E 0 exempt steuerfrei ohne Vorsteuerabzug
X 0 exempt nicht steuerbar
`;

export const DE_TAX_RULES = '19 U19, 7 U7, 0 U0';
