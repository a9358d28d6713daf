/**
 * Intuit's short message for each code (its pages "Error codes" and "Common errors"); what exactly is wrong stands in
 * the detail.
 */
const MESSAGES = {
  '500': 'Unsupported Operation',
  '610': 'Object Not Found',
  '620': 'Txn ID Cannot Be Linked',
  '1040': 'Batch size exceeds allowed limit',
  '2010': 'Request has invalid or unsupported property',
  '2020': 'Required param missing, need to supply the required value for the API',
  '2030': 'Invalid ID',
  '2040': 'Invalid String. The string has invalid or unsupported characters',
  '2050': 'String length is either shorter or longer than supported by specification',
  '2070': 'Invalid Date',
  '2090': 'Invalid Number',
  '2130': 'Invalid Request Id Format',
  '2170': 'Invalid Enumeration',
  '2210': 'Invalid Email Address format',
  '2220': 'Invalid Currency Type',
  '2260': 'Missing Posting Type',
  '2270': 'Missing Tax Applicable On',
  '2280': 'Missing Tax Amount',
  '2290': 'Negative Amount',
  '2300': 'Amount on debits not equal to credits',
  '2500': 'Invalid Reference Id',
  '4000': 'Error parsing query',
  '4001': 'Invalid query',
  '5010': 'Stale Object Error',
  '5030': 'Feature Not Supported',
  '6000': 'A business validation error has occurred while processing your request',
  '6010': 'Invalid Account.AccountType && Account.SubType',
  '6070': 'Amount calculation incorrect in the request',
  '6080': 'No Name Provided',
  '6100': 'Invalid Line TaxCode in the request',
  '6140': 'Duplicate Document Number Error',
  '6170': 'Invalid TxnTaxDetail Error',
  '6190': 'Invalid Company Status',
  '6210': 'Account Period Closed, Cannot Update Through Services API',
  '6240': 'Duplicate Name Exists Error',
  '6250': 'Invalid Customer',
  '6540': 'Deposited Transaction cannot be changed',
} as const;

export type RefusalCode = keyof typeof MESSAGES;

/** Why QuickBooks will not do it; thrown from wherever it shows, caught where a request or a batch item is answered. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly element: string;

  constructor(code: RefusalCode, detail: string, element = '') {
    super(MESSAGES[code]);
    this.code = code;
    this.detail = detail;
    this.element = element;
  }
}

/** Code 6000: `detail` is the sentence that the person at the screen would read. */
export function business(detail: string): Refused {
  return new Refused('6000', `Business Validation Error: ${detail}`);
}

/** Code 2020: a field that has to be there. */
export function missing(name: string): Refused {
  return new Refused('2020', `Required parameter ${name} is missing in the request`, name);
}

/** Code 610: what was never there, was deleted, or (`inactive`) is switched off. */
export function notFound(): Refused {
  return new Refused(
    '610',
    "Object Not Found : Something you're trying to use has been made inactive. " +
      'Check the fields with accounts, customers, items, vendors or employees.',
  );
}

/** The Fault object of answers and of batch items. */
export function faultOf(refused: Refused): Record<string, unknown> {
  const { message, detail, code, element } = refused;
  return { Error: [{ Message: message, Detail: detail, code, element }], type: 'ValidationFault' };
}
