import { LosslessNumber, stringify } from 'lossless-json';
import type {
  Account,
  Address,
  Allocation,
  BankTransaction,
  BankTransfer,
  Contact,
  CreditNote,
  Invoice,
  LineAmountTypes,
  ManualJournal,
  Payment,
} from 'xero-node';

/**
 * What goes over the wire, held by the compiler to the models that the provider publishes in its own package: the
 * same field names with a capital first letter, enumerations as their names, every number as exact decimal text.
 */
type Wire<Model> = { [Key in keyof Model as Capitalize<Key & string>]?: WireValue<NonNullable<Model[Key]>> };

/** Plain `number`, not a numeric enumeration, which the compiler takes for assignable in both directions. */
type IsNumber<Value> =
  (<Probe>() => Probe extends Value ? 1 : 2) extends <Probe>() => Probe extends number ? 1 : 2 ? true : false;

type WireValue<Value> =
  IsNumber<Value> extends true
    ? LosslessNumber
    : Value extends string | boolean
      ? Value
      : Value extends (infer Element)[]
        ? WireValue<Element>[]
        : Value extends number
          ? EnumName<Value>
          : Wire<Value>;

type EnumName<Value> = Value extends Invoice.TypeEnum
  ? keyof typeof Invoice.TypeEnum
  : Value extends Invoice.StatusEnum
    ? keyof typeof Invoice.StatusEnum
    : Value extends CreditNote.TypeEnum
      ? keyof typeof CreditNote.TypeEnum
      : Value extends CreditNote.StatusEnum
        ? keyof typeof CreditNote.StatusEnum
        : Value extends LineAmountTypes
          ? keyof typeof LineAmountTypes
          : Value extends Address.AddressTypeEnum
            ? keyof typeof Address.AddressTypeEnum
            : Value extends BankTransaction.TypeEnum
              ? keyof typeof BankTransaction.TypeEnum
              : Value extends BankTransaction.StatusEnum
                ? keyof typeof BankTransaction.StatusEnum
                : Value extends ManualJournal.StatusEnum
                  ? keyof typeof ManualJournal.StatusEnum
                  : // Currencies and the few enumerations we never send.
                    string;

export type InvoiceBody = Wire<Invoice>;
export type CreditNoteBody = Wire<CreditNote>;
export type PaymentBody = Wire<Payment>;
export type AllocationBody = Wire<Allocation>;
export type ContactBody = Wire<Contact>;
export type AccountRefBody = Wire<Account>;
export type BankEntryBody = Wire<BankTransaction>;
export type BankTransferBody = Wire<BankTransfer>;
export type JournalBody = Wire<ManualJournal>;

/** A number that is written into the JSON exactly as this text. */
export function decimal(text: string): LosslessNumber {
  return new LosslessNumber(text);
}

/** JSON text with exact decimals; fields in the order in which they were written down. */
export function toJson(body: unknown): string {
  return stringify(body) as string;
}
