import { abs, sum } from '@daybook/domain';
import { text } from './request.ts';
import type { BookedDocument, Company, DocumentEntity } from './world.ts';

/** What a document did to what its party owes, in its currency: more (positive) or less. Nothing once it is void. */
export function effectOn(document: BookedDocument, party: string | null): bigint {
  const theirs = document.postings.filter((posting) => posting.party !== undefined && posting.party === party);
  return sum(theirs.map(({ amount }) => amount));
}

/** What payments have applied to a document; `except` leaves one payment out. */
export function appliedTo(company: Company, id: string, except?: string): bigint {
  const parts = [...(company.applied.get(id) ?? [])].filter(([payment]) => payment !== except);
  return sum(parts.map(([, amount]) => amount));
}

/** What is still open of an invoice or a credit: its Balance, or RemainingCredit. */
export function openAmount(
  company: Company,
  document: BookedDocument,
  party: string | null = document.party,
  except?: string,
): bigint {
  return abs(effectOn(document, party)) - appliedTo(company, document.id, except);
}

/** The word by which a payment's line calls a document (Intuit's page "Payment"); null where none may name it. */
export function linkType(document: BookedDocument): string | null {
  switch (document.entity) {
    case 'Invoice':
    case 'CreditMemo':
    case 'JournalEntry':
      return document.entity;
    case 'Purchase':
      if (document.body.Credit === true) return 'CreditCardCredit';
      return text(document.body, 'PaymentType') === 'Check' ? 'Check' : 'Expense';
    default:
      return null;
  }
}

/** Documents that point at this one: the payments that settle it, the deposit that took it to the bank. */
export function linkedTo(company: Company, id: string): { TxnId: string; TxnType: DocumentEntity }[] {
  const deposit = company.depositedBy.get(id);
  return [
    ...[...(company.applied.get(id) ?? new Map<string, bigint>()).keys()].map((payment) => ({
      TxnId: payment,
      TxnType: 'Payment' as const,
    })),
    ...(deposit === undefined ? [] : [{ TxnId: deposit, TxnType: 'Deposit' as const }]),
  ];
}
