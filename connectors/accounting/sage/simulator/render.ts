import { amount, type Json, ref } from './answer.ts';
import { type Bank, type Ledger, type TaxRate, TYPE_NAMES } from './charts.ts';
import { shownSettlements } from './payments.ts';
import { atHome, type Business, type Contact, outstanding, type Row } from './world.ts';

const instant = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

/** A document as GET and POST answer it. */
export function renderRow(business: Business, row: Row, showSettlements = false): Json {
  const { currency } = row;
  const contact = row.contact === null ? undefined : business.contacts.get(row.contact);
  return {
    ...base(row.id, row.name, row.resource, row.createdAt, row.updatedAt),
    deleted_at: row.state === 'deleted' ? instant(row.updatedAt) : null,
    date: row.date,
    contact: ref(row.contact, contact?.name ?? '', 'contacts'),
    ...amountsOf(row),
    ...homeAmountsOf(business, row),
    ...row.body,
    ...(row.side === null ? {} : { status: statusOf(row), outstanding_amount: amount(outstanding(row), currency) }),
    ...(showSettlements ? { payments_allocations: shownSettlements(business, row) } : {}),
    ...(row.resource === 'contact_payments' || row.resource === 'contact_allocations'
      ? { allocated_artefacts: allocatesOf(row) }
      : {}),
  };
}

/** Transfers, journals and allocations name their amount otherwise, or not at all. */
function amountsOf({ resource, currency, rate, total, tax, reference }: Row): Json {
  const money = { currency: ref(currency, currency, 'currencies'), exchange_rate: rate };
  const whole = { net_amount: amount(total - tax, currency), tax_amount: amount(tax, currency) };
  switch (resource) {
    case 'bank_transfers':
      return { reference, amount: amount(total, currency) };
    case 'journals':
      return { reference, total: amount(total, currency) };
    case 'contact_allocations':
      return {};
    case 'other_payments':
      return { reference, ...whole, total_amount: amount(total, currency) };
    default:
      return { reference, ...money, ...whole, total_amount: amount(total, currency) };
  }
}

/** What documents of contacts come to in the books' own currency, at the rate that was sent. */
function homeAmountsOf(business: Business, row: Row): Json {
  if (row.side === null && row.resource !== 'contact_payments') return {};
  const home = (minor: bigint) => amount(atHome(business, minor, row), business.currency);
  return {
    base_currency_net_amount: home(row.total - row.tax),
    base_currency_tax_amount: home(row.tax),
    base_currency_total_amount: home(row.total),
  };
}

function allocatesOf({ allocates, currency }: Row): Json[] {
  return allocates.map((each) => ({
    artefact: { id: each.artefact },
    amount: amount(each.amount, currency),
  }));
}

function statusOf(row: Row): Json {
  const [id, shown] = statusWords(row);
  return { id, displayed_as: shown, $path: `/artefact_statuses/${id}` };
}

function statusWords(row: Row): [string, string] {
  if (row.state === 'void' || row.state === 'deleted') return ['VOID', 'Void'];
  if (row.state === 'draft') return ['DRAFT', 'Draft'];
  if (row.applied.length === 0) return ['UNPAID', 'Unpaid'];
  return outstanding(row) === 0n ? ['PAID', 'Paid'] : ['PART_PAID', 'Part paid'];
}

/** A customer or supplier. */
export function renderContact(contact: Contact): Json {
  return {
    ...base(contact.id, contact.name, 'contacts', contact.createdAt, contact.updatedAt),
    deleted_at: null,
    name: contact.name,
    reference: contact.reference,
    contact_types: contact.types.map((id) => ({ id, displayed_as: id, $path: `/contact_types/${id}` })),
    email: contact.email,
    main_address: contact.country === null ? null : { country: { id: contact.country } },
    is_active: true,
  };
}

/** A ledger account. */
export function renderLedger(ledger: Ledger): Json {
  return {
    ...base(ledger.id, `${ledger.name} (${ledger.code})`, 'ledger_accounts', 0, 0),
    name: ledger.name,
    nominal_code: Number.parseInt(ledger.code, 10),
    ledger_account_type: ref(ledger.type, TYPE_NAMES[ledger.type] ?? ledger.type, 'ledger_account_types'),
    included_in_chart: true,
    is_control_account: ledger.isControl,
    visible_in_journals: !ledger.isClosed,
    visible_in_sales: !ledger.isClosed && ledger.type !== 'BANK',
  };
}

/** A bank account, which has a ledger account of its own. */
export function renderBank(business: Business, bank: Bank): Json {
  const ledger = business.ledgers.find(({ id }) => id === bank.ledger);
  const name = ledger?.name ?? '';
  const code = ledger?.code ?? '';
  return {
    ...base(bank.id, `${name} (${code})`, 'bank_accounts', 0, 0),
    ledger_account: ref(bank.ledger, `${name} (${code})`, 'ledger_accounts'),
    bank_account_type: ref('CHECKING', 'Current', 'bank_account_types'),
    nominal_code: Number.parseInt(code, 10),
    currency: ref(bank.currency, bank.currency, 'currencies'),
    is_active: true,
  };
}

/** A tax rate, in percent. */
export function renderTaxRate(rate: TaxRate): Json {
  return {
    ...base(rate.id, rate.name, 'tax_rates', 0, 0),
    name: rate.name,
    percentage: rate.percentage,
    is_visible: true,
  };
}

/** GET /financial_settings. */
export function renderFinancial({ currency, lockdown, rates, live }: Business): Json {
  return {
    $path: '/financial_settings',
    year_end_date: '2026-12-31',
    year_end_lockdown_date: lockdown,
    accounting_type: 'accrual',
    accounts_start_date: null,
    base_currency: ref(currency, currency, 'currencies'),
    multi_currency_enabled: Object.keys(rates).length > 0,
    use_live_exchange_rates: live,
    tax_scheme: { id: 'GB_STANDARD', displayed_as: 'Standard', $path: '/tax_schemes/GB_STANDARD' },
    sales_tax_calculation: 'invoice',
    purchase_tax_calculation: 'invoice',
  };
}

/** GET /businesses/{id}. */
export function renderBusiness({ id, name, country, plan }: Business): Json {
  return {
    ...base(id, name, 'businesses', 0, 0),
    name,
    country: ref(country, country, 'countries'),
    subscriptions: [{ id: plan, displayed_as: plan }],
  };
}

function base(id: string, shown: string, resource: string, createdAt: number, updatedAt: number): Json {
  return {
    id,
    displayed_as: shown,
    $path: `/${resource}/${id}`,
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  };
}
