import type { ConnectorErrorKind } from '../../kit/connector-error.ts';

/** First error of a fault: its code without leading zeros, and what it says. */
export interface Fault {
  code: string;
  text: string;
}

/** What an answer means for us. */
export interface Rule {
  kind?: ConnectorErrorKind;
  code: string;
  /** Whether a write may have been carried out all the same. */
  ambiguous?: boolean;
  /** It may be about one of the accounts that the document names. */
  accounts?: boolean;
  why: string;
  todo: string;
}

const LOOKED_UP = 'Daybook looks it up before it sends it again; nothing to do';
const OURS = 'Report this to support with the number: Daybook sent something that QuickBooks does not read';

const RECONNECT: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_UNAUTHORIZED',
  why: 'QuickBooks does not accept our access',
  todo: 'Connect the company again; the waiting documents then go out by themselves.',
};
const EXPIRED: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_TOKEN_EXPIRED',
  why: 'The access token has run out earlier than it said',
  todo: 'A refresh mends it; if this stays, connect the company again.',
};
const NOT_OURS_ANY_MORE: Rule = {
  kind: 'unauthorized',
  code: 'BOOKS_DISCONNECTED',
  why: 'The QuickBooks subscription of this company lapsed, or somebody ended our access',
  todo: 'Renew the subscription or connect the company again; the waiting documents then go out by themselves.',
};
const SYSTEM: Rule = {
  kind: 'retryable',
  code: 'BOOKS_UNAVAILABLE',
  ambiguous: true,
  why: 'QuickBooks has trouble at the moment and may have carried the request out all the same',
  todo: `${LOOKED_UP}.`,
};
const THROTTLED: Rule = { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', why: '', todo: '' };
const LOCKED: Rule = {
  code: 'BOOKS_PERIOD_LOCKED',
  why: 'The date lies in a period that is closed in QuickBooks',
  todo: 'Move the closing date in QuickBooks (Settings, Advanced, Accounting) and replay, or book it by hand.',
};
const ACCOUNT: Rule = {
  code: 'BOOKS_ACCOUNT_REFUSED',
  accounts: true,
  why: 'An account, product or contact that it names was made inactive in QuickBooks, or cannot be used here',
  todo: 'Make it active again in QuickBooks or change the account mapping of this connection, then replay.',
};
const TAX: Rule = {
  code: 'BOOKS_TAX_REFUSED',
  why: 'The mapped tax code does not exist in QuickBooks or not for this kind of document',
  todo: 'Change the tax mapping of this connection, then replay.',
};
const CURRENCY: Rule = {
  code: 'BOOKS_CURRENCY_REFUSED',
  why: 'Multicurrency is off in QuickBooks, or an account or contact is kept in another currency',
  todo: 'Turn multicurrency on (Settings, Advanced, Currency) or map an account in that currency, then replay.',
};
const EXCEEDS: Rule = {
  code: 'BOOKS_AMOUNT_EXCEEDS_OPEN',
  why: 'The document it settles has less left open in QuickBooks: somebody settled it there, or credits are applied there automatically',
  todo: 'Compare the document in QuickBooks with the one here, undo what was entered by hand, and replay.',
};
const NOT_OPEN: Rule = {
  code: 'BOOKS_DOCUMENT_NOT_OPEN',
  why: 'A document it belongs to was voided, deleted or settled in QuickBooks',
  todo: 'Look at that document in QuickBooks, restore it, then replay.',
};
const IN_USE: Rule = {
  code: 'BOOKS_STILL_REFERRED',
  why: 'Something else in QuickBooks still refers to it, such as a bank deposit, a payment or a reconciliation',
  todo: 'Take that out in QuickBooks first, then replay.',
};
const WRONG_REQUEST: Rule = {
  code: 'BOOKS_REFUSED',
  why: 'QuickBooks does not take the request in this form',
  todo: `${OURS}.`,
};
const OTHER: Rule = {
  code: 'BOOKS_REFUSED',
  why: 'QuickBooks checks more than it documents',
  todo: 'Mend what the text names, here or in QuickBooks, then replay.',
};

/** By code (provider section 5). Codes without a rule go by their text, then by the status. */
const CODES: Readonly<Record<string, Rule>> = {
  '120': RECONNECT,
  '3100': RECONNECT,
  '3200': RECONNECT,
  '3001': THROTTLED,
  '5020': {
    code: 'BOOKS_SCOPE_MISSING',
    why: 'Who connected QuickBooks has no permission for this there',
    todo: 'Let an administrator of the company connect it again, then replay.',
  },
  '610': ACCOUNT,
  '620': NOT_OPEN,
  '2010': WRONG_REQUEST,
  '2020': WRONG_REQUEST,
  '2030': WRONG_REQUEST,
  '2130': WRONG_REQUEST,
  '2300': WRONG_REQUEST,
  '2500': ACCOUNT,
  '4000': WRONG_REQUEST,
  '4001': WRONG_REQUEST,
  '5010': {
    kind: 'retryable',
    code: 'BOOKS_CONFLICT',
    why: 'Somebody worked on it at the same moment',
    todo: 'Daybook reads it again and repeats it by itself.',
  },
  '6070': WRONG_REQUEST,
  '6100': TAX,
  '6160': TAX,
  '6170': TAX,
  '6230': TAX,
  '6140': {
    code: 'BOOKS_DUPLICATE_NUMBER',
    why: 'A document with this number is already there',
    todo: 'Daybook looks it up and takes it over when its totals agree; otherwise remove one of the two in QuickBooks.',
  },
  '6190': NOT_OURS_ANY_MORE,
  '6200': LOCKED,
  '6210': LOCKED,
  '6240': {
    code: 'BOOKS_CONTACT_NAME_TAKEN',
    why: 'A customer, vendor, employee or product in QuickBooks has this name, perhaps an inactive one',
    todo: 'Rename that one in QuickBooks, then replay.',
  },
  '6250': {
    code: 'BOOKS_CONTACT_ARCHIVED',
    why: 'The contact is inactive in QuickBooks',
    todo: 'Make the contact active again in QuickBooks, then replay.',
  },
  '6540': IN_USE,
  '10000': SYSTEM,
};

/** What 5030, 6000 and codes we do not know mean is only in their text, which is not documented and always quoted. */
const TEXTS: readonly { match: RegExp; rule: Rule }[] = [
  { match: /token.*expired|expired.*token/i, rule: EXPIRED },
  { match: /closed|closing date/i, rule: LOCKED },
  { match: /currenc/i, rule: CURRENCY },
  { match: /deposited|reconciled|linked to|cannot be (deleted|voided)/i, rule: IN_USE },
  {
    match: /can't apply|(greater|more|larger|exceed\w*).*(balance|open|amount|credit|due)|nothing (is )?open/i,
    rule: EXCEEDS,
  },
  { match: /tax|vat\b|gst\b/i, rule: TAX },
  { match: /account|element id/i, rule: ACCOUNT },
];

/** The meaning of a fault. */
export function ruleFor(fault: Fault, status: number): Rule {
  if (status === 429) return THROTTLED;
  const known = CODES[fault.code];
  if (known === RECONNECT && /expired/i.test(fault.text)) return EXPIRED;
  if (known) return known;
  if (status === 401 || status === 403 || status >= 500) return ruleForStatus(status);
  return TEXTS.find(({ match }) => match.test(fault.text))?.rule ?? OTHER;
}

/** The meaning of an answer without a fault that could be read. */
export function ruleForStatus(status: number): Rule {
  if (status === 429) return THROTTLED;
  if (status === 401) return RECONNECT;
  // The subscription lapsed (provider section 1).
  if (status === 403) return NOT_OURS_ANY_MORE;
  if (status >= 500) return SYSTEM;
  return STATUSES[status] ?? UNKNOWN;
}

const STATUSES: Readonly<Record<number, Rule>> = {
  400: OTHER,
  404: {
    code: 'BOOKS_NOT_FOUND',
    why: 'QuickBooks does not know this company or what the request points at',
    todo: 'Check that the connection is the right company, then replay.',
  },
  409: {
    kind: 'retryable',
    code: 'BOOKS_CONFLICT',
    ambiguous: true,
    why: 'Something else is under way there at the same moment',
    todo: `${LOOKED_UP}.`,
  },
  413: { code: 'BOOKS_TOO_LARGE', why: 'The request is larger than QuickBooks takes', todo: `${OURS}.` },
};

const UNKNOWN: Rule = {
  kind: 'retryable',
  code: 'BOOKS_ANSWER_UNREADABLE',
  ambiguous: true,
  why: 'QuickBooks does not document this answer',
  todo: 'Daybook looks first and tries again; if it stays, report it to support with the intuit_tid of the log.',
};
