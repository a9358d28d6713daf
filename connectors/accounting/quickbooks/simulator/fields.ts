import type { Json } from './answer.ts';
import { Refused } from './refusal.ts';

/**
 * The properties that may be sent, by shape; `Name:Shape` goes on inside, `+Shape` takes over those of another. They
 * are those of Intuit's schema that this simulator knows what to do with, or may ignore as QuickBooks does. Anything
 * else is a misspelt name.
 */
export const SHAPES: Readonly<Record<string, string>> = {
  Ref: 'value name type',
  Memo: 'value',
  Meta: 'CreateTime LastUpdatedTime LastModifiedByRef:Ref',
  Email: 'Address',
  Phone: 'FreeFormNumber',
  Address: 'Id Line1 Line2 Line3 Line4 Line5 City Country CountrySubDivisionCode PostalCode Lat Long',
  Custom: 'DefinitionId Name Type StringValue',
  Linked: 'TxnId TxnType TxnLineId',
  SalesDetail:
    'ItemRef:Ref ClassRef:Ref UnitPrice Qty ItemAccountRef:Ref TaxCodeRef:Ref ServiceDate TaxInclusiveAmt ' +
    'DiscountRate DiscountAmt',
  ExpenseDetail: 'CustomerRef:Ref ClassRef:Ref AccountRef:Ref BillableStatus TaxAmount TaxCodeRef:Ref TaxInclusiveAmt',
  DepositDetail:
    'Entity:Ref ClassRef:Ref AccountRef:Ref PaymentMethodRef:Ref CheckNum TxnType TaxCodeRef:Ref TaxApplicableOn',
  EntityType: 'Type EntityRef:Ref',
  JournalDetail:
    'PostingType Entity:EntityType AccountRef:Ref ClassRef:Ref DepartmentRef:Ref TaxCodeRef:Ref TaxApplicableOn ' +
    'TaxAmount TaxInclusiveAmt BillableStatus',
  TaxDetail:
    'TaxRateRef:Ref PercentBased TaxPercent NetAmountTaxable TaxInclusiveAmount OverrideDeltaAmount ServiceDate',
  SubTotal: '',
  Description: 'ServiceDate TaxCodeRef:Ref',
  TaxLine: 'Id LineNum Amount DetailType TaxLineDetail:TaxDetail',
  Tax: 'TxnTaxCodeRef:Ref TotalTax TaxLine:TaxLine UseAutomatedSalesTax',
  Line:
    'Id LineNum Description Amount DetailType LinkedTxn:Linked CustomField:Custom CustomExtensions:SubTotal ' +
    'SalesItemLineDetail:SalesDetail AccountBasedExpenseLineDetail:ExpenseDetail DepositLineDetail:DepositDetail ' +
    'JournalEntryLineDetail:JournalDetail SubTotalLineDetail:SubTotal DescriptionLineDetail:Description',
  Entity: 'Id SyncToken MetaData:Meta CustomField:Custom domain status sparse',
  Document:
    'DocNumber TxnDate DepartmentRef:Ref CurrencyRef:Ref ExchangeRate PrivateNote LinkedTxn:Linked Line:Line ' +
    'TxnTaxDetail:Tax TxnSource',
  Sale:
    'CustomerRef:Ref CustomerMemo:Memo BillAddr:Address ShipAddr:Address ShipFromAddr:Address FreeFormAddress ' +
    'ClassRef:Ref DueDate PONumber ShipDate TrackingNum GlobalTaxCalculation TotalAmt HomeTotalAmt ' +
    'ApplyTaxAfterDiscount PrintStatus EmailStatus BillEmail:Email Balance HomeBalance PaymentMethodRef:Ref ' +
    'PaymentRefNum DepositToAccountRef:Ref',
  Invoice:
    '+Entity +Document +Sale Deposit AllowIPNPayment AllowOnlinePayment AllowOnlineACHPayment ' +
    'AllowOnlineCreditCardPayment',
  CreditMemo: '+Entity +Document +Sale RemainingCredit',
  SalesReceipt: '+Entity +Document +Sale',
  RefundReceipt: '+Entity +Document +Sale RemainingCredit',
  Payment:
    '+Entity +Document CustomerRef:Ref DepositToAccountRef:Ref PaymentMethodRef:Ref PaymentRefNum TotalAmt ' +
    'UnappliedAmt ProcessPayment',
  CashBack: 'AccountRef:Ref Amount Memo',
  Deposit: '+Entity +Document DepositToAccountRef:Ref CashBack:CashBack GlobalTaxCalculation TotalAmt HomeTotalAmt',
  Transfer: '+Entity +Document FromAccountRef:Ref ToAccountRef:Ref Amount ClassRef:Ref',
  Purchase:
    '+Entity +Document AccountRef:Ref PaymentMethodRef:Ref PaymentRefNum PaymentType EntityRef:Ref Credit TotalAmt ' +
    'Memo PrintStatus GlobalTaxCalculation',
  JournalEntry: '+Entity +Document Adjustment GlobalTaxCalculation TotalAmt HomeTotalAmt',
  Name:
    'Title GivenName MiddleName FamilyName Suffix FullyQualifiedName CompanyName DisplayName PrintOnCheckName Active ' +
    'PrimaryPhone:Phone Mobile:Phone PrimaryEmailAddr:Email BillAddr:Address CurrencyRef:Ref Balance AcctNum ' +
    'V4IDPseudonym',
  Customer:
    '+Entity +Name ShipAddr:Address Taxable Notes Job BillWithParent BalanceWithJobs DefaultTaxCodeRef:Ref ' +
    'PreferredDeliveryMethod IsProject ClientEntityId',
  Vendor: '+Entity +Name Vendor1099',
  Item:
    '+Entity Name Sku Description Active FullyQualifiedName Taxable SalesTaxIncluded UnitPrice Type ' +
    'IncomeAccountRef:Ref PurchaseDesc PurchaseCost ExpenseAccountRef:Ref TrackQtyOnHand SalesTaxCodeRef:Ref ' +
    'PurchaseTaxCodeRef:Ref DeferredRevenue',
  Account:
    '+Entity Name SubAccount Description FullyQualifiedName Active Classification AccountType AccountSubType AcctNum ' +
    'CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef:Ref',
  TaxCode: '+Entity Name Description Active Hidden Taxable TaxGroup SalesTaxRateList PurchaseTaxRateList',
  TaxRate: '+Entity Name Description Active RateValue AgencyRef:Ref SpecialTaxType DisplayType',
  CompanyCurrency: '+Entity Code Name Active',
  CompanyInfo: '+Entity CompanyName LegalName Country FiscalYearStartMonth DefaultTimeZone NameValue',
  Preferences: '+Entity AccountingInfoPrefs SalesFormsPrefs TaxPrefs CurrencyPrefs OtherPrefs',
};

const expanded = new Map<string, Map<string, string | null>>();

/** The properties of a shape, each with the shape of its value where that is looked into. */
export function propertiesOf(shape: string): Map<string, string | null> {
  const known = expanded.get(shape);
  if (known) return known;
  const properties = new Map<string, string | null>();
  for (const word of (SHAPES[shape] ?? '').split(' ').filter((each) => each !== '')) {
    if (word.startsWith('+')) for (const [name, inner] of propertiesOf(word.slice(1))) properties.set(name, inner);
    else {
      const [name = '', inner] = word.split(':');
      properties.set(name, inner ?? null);
    }
  }
  expanded.set(shape, properties);
  return properties;
}

const UNREADABLE = 'Property Name:failed to parse json object; a property specified is unsupported or invalid';

/** Throws 2010 when an object has a property that its shape has not, or something else stands where one belongs. */
export function checkShape(shape: string, value: unknown, path = ''): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object' || Array.isArray(value)) throw new Refused('2010', UNREADABLE, path);
  const properties = propertiesOf(shape);
  for (const [name, member] of Object.entries(value as Json)) {
    const inner = properties.get(name);
    if (inner === undefined) throw new Refused('2010', UNREADABLE, `${path}${name}`);
    if (inner === null) continue;
    for (const each of Array.isArray(member) ? member : [member]) checkShape(inner, each, `${path}${name}.`);
  }
}
