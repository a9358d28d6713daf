import { formatMinor, sum } from '@daybook/domain';
import { amount, type Json } from './answer.ts';
import { type Book, currencyBody, type Draft, dateOf, headBody } from './head.ts';
import { effectOn, linkType, openAmount } from './links.ts';
import { postingsOf, rateOf, type Side, toHome } from './postings.ts';
import { accountOf, activeRow, checkCurrency, currencyFor, MONEY_TYPES, refTo } from './references.ts';
import { business, missing, notFound, Refused } from './refusal.ts';
import { type Context, compact, list, minorAt, refId, requiredRef, shortText, text } from './request.ts';
import { methodOf } from './sales.ts';
import { type BookedDocument, type ListRow, systemAccount } from './world.ts';

/** One line of a payment: what it is set against, and how. */
interface Application {
  target: BookedDocument;
  amount: bigint;
  /** Charges are paid by it; credits add to what can be paid. */
  side: 'charge' | 'credit';
}

interface Setting {
  customer: ListRow;
  currency: string;
  existing: BookedDocument | null;
  context: Context;
}

/**
 * Money received from a customer, set against what they owe. Credits among the lines add to it, so a payment of 0 sets
 * a credit against a charge; what is left over stays with the customer as UnappliedAmt.
 */
export const paymentBook: Book = (body, existing, context) => {
  const { company } = context;
  const customer = activeRow(company, 'Customer', requiredRef(body, 'CustomerRef'));
  const currency = currencyFor(company, body, customer);
  const total = minorAt(body, 'TotalAmt', currency);
  if (total === null) throw business('You must set a transaction amount.');
  if (total < 0n) throw business('You must specify a transaction amount that is 0 or greater.');
  const rate = rateOf(company, body, currency);
  const account = depositAccount(body, currency, context);
  const applications = applicationsOf(body, { customer, currency, existing, context });
  const unapplied = total + sumOf(applications, 'credit') - sumOf(applications, 'charge');
  if (unapplied < 0n) {
    throw business('The amount applied is greater than the payment and the credits it uses.');
  }
  const sides = sidesOf({ applications, account, customer, total, unapplied, context });
  return {
    number: null,
    date: dateOf(body, context),
    currency,
    rate,
    party: customer.id,
    total,
    tax: 0n,
    lineTax: 0n,
    links: linksOf(applications),
    postings: postingsOf(company, sides, currency, rate),
    body: {
      CustomerRef: refTo(customer),
      DepositToAccountRef: { value: account.id },
      ...compact({ PaymentMethodRef: methodOf(body), PaymentRefNum: shortText(body, 'PaymentRefNum', 21) }),
      TotalAmt: amount(total, currency),
      UnappliedAmt: amount(unapplied, currency),
      ProcessPayment: false,
      ...currencyBody(company, currency, rate),
      ...headBody(body),
      Line: applications.map((each) => lineBody(each, currency)),
    },
  } satisfies Draft;
};

function depositAccount(body: unknown, currency: string, { company }: Context): ListRow {
  const said = refId(body, 'DepositToAccountRef') ?? systemAccount(company, 'UndepositedFunds');
  const account = accountOf(company, said, MONEY_TYPES);
  checkCurrency(company, account, currency);
  return account;
}

function applicationsOf(body: unknown, setting: Setting): Application[] {
  const { company } = setting.context;
  const taken = new Map<string, bigint>();
  return list(body, 'Line').map((line) => {
    const said = minorAt(line, 'Amount', setting.currency);
    if (said === null) throw missing('Line.Amount');
    if (said < 0n) throw business('You must specify a transaction amount that is 0 or greater.');
    const target = targetOf(line, setting);
    const before = taken.get(target.id) ?? 0n;
    taken.set(target.id, before + said);
    const open = openAmount(company, target, setting.customer.id, setting.existing?.id);
    if (before + said > open) {
      throw business(
        `You can't apply ${formatMinor(before + said, setting.currency)} to a transaction whose open balance is ` +
          `${formatMinor(open, setting.currency)}.`,
      );
    }
    const side = effectOn(target, setting.customer.id) >= 0n ? 'charge' : 'credit';
    return { target, amount: said, side };
  });
}

/** The one document that a line names: the customer's, in their currency, of the type that is said. */
function targetOf(line: unknown, { customer, currency, context }: Setting): BookedDocument {
  const [link, more] = list(line, 'LinkedTxn');
  if (link === undefined) throw missing('LinkedTxn');
  if (more !== undefined) throw business('A payment line can be linked to one transaction only.');
  const [id, type] = [text(link, 'TxnId'), text(link, 'TxnType')];
  if (id === null) throw missing('TxnId');
  if (type === null) throw missing('TxnType');
  const target = context.company.documents.get(id);
  if (!target || target.state === 'deleted') throw notFound();
  const isTheirs = target.currency === currency && effectOn(target, customer.id) !== 0n;
  if (linkType(target) === type && (isTheirs || (target.party === customer.id && target.total === 0n))) return target;
  throw new Refused('620', `The transaction ID ${id} of type ${type} cannot be linked.`);
}

function sumOf(applications: readonly Application[], side: Application['side']): bigint {
  return sum(applications.filter((each) => each.side === side).map((each) => each.amount));
}

/** Amounts per document: one may be named by several lines. */
function linksOf(applications: readonly Application[]): Draft['links'] {
  const amounts = new Map<string, bigint>();
  for (const { target, amount: applied } of applications) {
    amounts.set(target.id, (amounts.get(target.id) ?? 0n) + applied);
  }
  return [...amounts].map(([to, applied]) => ({ kind: 'applies', to, amount: applied }));
}

interface Parts {
  applications: Application[];
  account: ListRow;
  customer: ListRow;
  total: bigint;
  unapplied: bigint;
  context: Context;
}

/** The receivable goes down by what the documents are carried at; a better or worse rate is an exchange difference. */
function sidesOf({ applications, account, customer, total, unapplied, context }: Parts): Side[] {
  const receivable = systemAccount(context.company, 'AccountsReceivable', customer.currency);
  return [
    { account: account.id, amount: total },
    ...applications.map(({ target, amount: applied, side }): Side => {
      const signed = side === 'charge' ? -applied : applied;
      const home = toHome(context.company, signed, target.currency, target.rate);
      return { account: receivable, amount: signed, home, party: customer.id };
    }),
    { account: receivable, amount: -unapplied, party: customer.id },
  ];
}

/** With the `LineEx` block that QuickBooks adds to every line it answers and refuses to read. */
function lineBody({ target, amount: applied }: Application, currency: string): Json {
  const extra = (name: string, value: string) => ({
    name: '{http://schema.intuit.com/finance/v3}NameValue',
    declaredType: 'com.intuit.schema.finance.v3.NameValue',
    scope: 'javax.xml.bind.JAXBElement$GlobalScope',
    value: { Name: name, Value: value },
    nil: false,
    globalScope: true,
    typeSubstituted: false,
  });
  return {
    Amount: amount(applied, currency),
    LinkedTxn: [{ TxnId: target.id, TxnType: linkType(target) }],
    LineEx: {
      any: [
        extra('txnId', target.id),
        extra('txnOpenBalance', formatMinor(target.total, currency)),
        ...(target.number === null ? [] : [extra('txnReferenceNumber', target.number)]),
      ],
    },
  };
}
