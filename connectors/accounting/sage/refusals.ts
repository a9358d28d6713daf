import type { ConnectorErrorKind } from '../../kit/connector-error.ts';

/** One entry of the list that the provider answers with (provider section 5). */
export interface Problem {
  /** $dataCode */
  code: string;
  /** $message */
  text: string;
  /** $source: the field, or "base" for the whole. */
  source: string;
}

/** What an answer means. */
export interface Rule {
  /** `rejected` where absent. */
  kind?: ConnectorErrorKind;
  code: string;
  /** A write may have been carried out all the same. */
  ambiguous?: boolean;
  why: string;
  todo: string;
}

const LOOKED_UP = 'Daybook looks the document up before it sends anything again';
const OURS = 'Report this to support with the number: Daybook sent something that Sage does not read';

const NO_SUBSCRIPTION: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_DISCONNECTED',
  why: 'The business has no active Sage subscription',
  todo: 'Renew the subscription, then connect the business again; the waiting documents then go out by themselves.',
};
const EXPIRED: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_TOKEN_EXPIRED',
  why: 'The access has expired or was withdrawn',
  todo: 'A refresh mends it; if this stays, connect the business again.',
};
const NO_RIGHT: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_SCOPE_MISSING',
  why: 'The Sage user who gave access has no right to do this in this business',
  todo: 'Give that user full access in Sage (Settings, Manage users), or connect again as another one.',
};
const OUTAGE: Rule = {
  kind: 'retryable',
  code: 'BOOKS_UNAVAILABLE',
  ambiguous: true,
  why: 'Sage has trouble at the moment and may have carried the request out all the same',
  todo: `${LOOKED_UP}.`,
};
const OTHER: Rule = {
  code: 'BOOKS_REFUSED',
  why: 'Sage does not take it',
  todo: 'Follow its words, then replay; report it to support if they make no sense.',
};

const STATUSES: Readonly<Record<number, Rule>> = {
  400: { code: 'BOOKS_REFUSED', why: 'Sage does not take the request in this form', todo: `${OURS}.` },
  401: EXPIRED,
  403: NO_RIGHT,
  404: {
    code: 'BOOKS_NOT_FOUND',
    why: 'Something it refers to does not exist in this business',
    todo: 'Check that the connection is for the right business and look for the document there, then replay.',
  },
  405: { code: 'BOOKS_METHOD_UNSUPPORTED', why: 'Sage has no such operation', todo: `${OURS}.` },
  409: {
    kind: 'retryable',
    code: 'BOOKS_CONFLICT',
    ambiguous: true,
    why: 'Something else is under way there at the same moment',
    todo: `${LOOKED_UP}.`,
  },
  413: { code: 'BOOKS_TOO_LARGE', why: 'The request is larger than Sage takes', todo: `${OURS}.` },
  415: { code: 'BOOKS_METHOD_UNSUPPORTED', why: 'Sage does not read this kind of request', todo: `${OURS}.` },
  429: { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', why: '', todo: '' },
};

interface Refusal extends Rule {
  /** Matched against "field: text" of each problem. */
  match: RegExp;
}

/**
 * What refusals of single fields mean. The provider has one code for all of them, so fields and texts are matched
 * loosely and always quoted. The first that fits decides.
 */
const REFUSALS: readonly Refusal[] = [
  {
    match: /idempotency/i,
    kind: 'retryable',
    code: 'BOOKS_KEY_CONFLICT',
    ambiguous: true,
    why: 'The idempotency id was used before with other content',
    todo: 'Daybook looks the document up and sends it with a new id; nothing to do.',
  },
  {
    match: /\block ?(down|ed)?\b|period.*closed|closed.*period|year[- ]end|vat reconciled|tax return/i,
    code: 'BOOKS_PERIOD_LOCKED',
    why: 'The date lies in a period that is locked in Sage, or on a VAT return that was filed',
    todo: 'Move the year-end lockdown date in Sage (Settings, Accounting dates) and replay, or book it by hand.',
  },
  {
    match: /subscription|not available (in|on|for)|upgrade|\bstart\b.*(plan|business)/i,
    code: 'BOOKS_PLAN_LIMIT',
    why: 'The Sage plan does not include this: the Start plan has no refunds, part payments or unallocated payments',
    todo: 'Upgrade the plan in Sage, then replay, or book it by hand.',
  },
  {
    match: /unpaid or part-paid|exceed|outstanding|more than.*(allocat|open|due)|over-?allocat/i,
    code: 'BOOKS_AMOUNT_EXCEEDS_OPEN',
    why: 'The document it settles has less left open in Sage; somebody may have settled it there by hand',
    todo: 'Compare the document in Sage with the one here, undo what was entered by hand, and replay.',
  },
  {
    match: /(void|draft|deleted).*(artefact|invoice|credit|document)|cannot be (paid|allocated)/i,
    code: 'BOOKS_DOCUMENT_NOT_OPEN',
    why: 'The document it settles was voided in Sage or is a draft there',
    todo: 'Look at that document in Sage, then replay.',
  },
  {
    match: /allocations?.*(first|exist|has|have)|(paid|allocated).*cannot be (voided|deleted)|reconciled/i,
    code: 'BOOKS_STILL_REFERRED',
    why: 'Something else in Sage still refers to it, such as a payment, an allocation or a bank reconciliation',
    todo: 'Take that out in Sage first, then try again.',
  },
  {
    match: /currency|exchange_rate/i,
    code: 'BOOKS_CURRENCY_REFUSED',
    why: 'Sage does not take this currency here',
    todo: 'Turn on foreign currency in Sage (Settings, Currencies) or map an account in that currency, then replay.',
  },
  {
    match: /tax_rate|tax_amount|tax rate|vat rate/i,
    code: 'BOOKS_TAX_REFUSED',
    why: 'The mapped tax rate, or the tax worked out for it, does not suit Sage',
    todo: 'Change the tax mapping of this connection, then replay.',
  },
  {
    match: /ledger_account|bank_account|ledger account|bank account|control account/i,
    code: 'BOOKS_ACCOUNT_REFUSED',
    why: 'A mapped account does not exist in Sage any more, or cannot be used for this kind of document',
    todo: 'Change the account mapping of this connection, then replay.',
  },
  {
    match: /contact/i,
    code: 'BOOKS_CONTACT_UNKNOWN',
    why: 'The customer or supplier was deleted in Sage or is not active',
    todo: 'Replay: it is made anew.',
  },
  {
    match: /(number|reference).*(taken|unique|already|in use)/i,
    code: 'BOOKS_DUPLICATE_NUMBER',
    why: 'Another record in Sage has this reference',
    todo: 'Change or remove the other one in Sage, then replay.',
  },
];

/** What an answer means, from its status and what it lists. Any status unknown to us is a doubt, never a refusal. */
export function ruleFor(status: number, problems: readonly Problem[]): Rule {
  const isIn = (pattern: RegExp) => problems.some(({ code, text }) => pattern.test(`${code} ${text}`));
  if (status === 401 && isIn(/\bMSE\b|no active subscription/i)) return NO_SUBSCRIPTION;
  if (status >= 500 || status < 400) return OUTAGE;
  if (status !== 422) return STATUSES[status] ?? OTHER;
  if (isIn(/RecordNotFound/)) return STATUSES[404] ?? OTHER;
  return REFUSALS.find(({ match }) => problems.some((each) => match.test(wordsOf(each)))) ?? OTHER;
}

function wordsOf({ source, text }: Problem): string {
  return source === '' || source === 'base' ? text : `${source}: ${text}`;
}
