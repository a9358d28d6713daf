import { abs, type BookDocument, type DocumentLine, divideHalfUp, parseRatio, sum } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { rateKey, recordFor } from './record-keys.ts';
import { decimal, type Line, type Taxed } from './wire.ts';

/** A line of ours with the tax code it is mapped to. */
export interface CodedLine {
  line: DocumentLine;
  code: string;
}

/** Looks the tax code of every line up. Throws MAPPING_MISSING. */
export function coded(lines: readonly DocumentLine[], mapping: BooksMapping): CodedLine[] {
  return lines.map((line) => ({ line, code: mapping.tax(line.taxCode) }));
}

/** Tax of lines that go out as NON, the American way: it becomes a line of its own. */
export function taxOfItsOwn(lines: readonly CodedLine[]): bigint {
  return sum(lines.filter(({ code }) => code === NOT_TAXED).map(({ line }) => line.tax));
}

/** Record keys of the rates behind the tax codes. */
export function rateKeys(lines: readonly CodedLine[], direction: 'sales' | 'purchase'): string[] {
  const codes = new Set(lines.map(({ code }) => code).filter((code) => code !== NOT_TAXED));
  return [...codes].map((code) => rateKey(code, direction));
}

interface Rate {
  id: string;
  percent: string;
}

/** How a tax code's rates are remembered: `12@20`, `12@5+13@9.975`; `-` for a code without any. */
export function ratesText(rates: readonly { rateId: string; percent: string }[]): string {
  return rates.length === 0 ? '-' : rates.map(({ rateId, percent }) => `${rateId}@${percent}`).join('+');
}

function ratesIn(text: string): Rate[] {
  if (text === '-') return [];
  return text.split('+').map((each) => {
    const [id = '', percent = '0'] = each.split('@');
    return { id, percent };
  });
}

/**
 * Pins our tax: one tax line per rate with the amount we want. The provider rounds per rate over the whole form
 * (provider section 2), channels round per line, so a cent apart is usual; the first rate of a code bears it. Nothing
 * where no line has a tax code of theirs. Throws BOOKS_TAX_REFUSED for tax under a code without rates.
 */
export function taxFields(
  document: BookDocument,
  lines: readonly CodedLine[],
  direction: 'sales' | 'purchase',
  mapping: BooksMapping,
): Taxed {
  const byCode = Map.groupBy(
    lines.filter(({ code }) => code !== NOT_TAXED),
    ({ code }) => code,
  );
  if (byCode.size === 0) return {};
  const shares = new Map<string, Share>();
  for (const [code, same] of byCode) {
    const net = sum(same.map(({ line }) => line.net));
    const tax = sum(same.map(({ line }) => line.tax));
    const rates = ratesIn(recordFor(document, mapping, rateKey(code, direction)));
    if (rates.length === 0 && tax !== 0n) throw withoutRate(document, code);
    for (const share of sharesOf(rates, net, tax)) add(shares, share);
  }
  const isUntaxed = [...shares.values()].every(({ percent, amount }) => percent === '0' && amount === 0n);
  if (isUntaxed) return { GlobalTaxCalculation: 'TaxExcluded' };
  const total = sum([...shares.values()].map(({ amount }) => amount));
  return {
    GlobalTaxCalculation: 'TaxExcluded',
    TxnTaxDetail: {
      TotalTax: decimal(amountText(total, document)),
      TaxLine: [...shares.values()].map((share) => taxLine(share, document)),
    },
  };
}

interface Share extends Rate {
  net: bigint;
  amount: bigint;
  /** Ours less what the provider works out. */
  override: bigint;
}

function sharesOf(rates: readonly Rate[], net: bigint, tax: bigint): Share[] {
  const computed = rates.map(({ percent }) => {
    const { numerator, denominator } = parseRatio(percent);
    return divideHalfUp(net * numerator, denominator * 100n);
  });
  const rest = tax - sum(computed);
  return rates.map((rate, index) => {
    const override = index === 0 ? rest : 0n;
    return { ...rate, net, amount: (computed[index] ?? 0n) + override, override };
  });
}

/** A rate may be listed only once, also where two codes share it (Finance.xsd, TaxLineDetail). */
function add(shares: Map<string, Share>, share: Share): void {
  const before = shares.get(share.id);
  if (!before) return void shares.set(share.id, share);
  shares.set(share.id, {
    ...before,
    net: before.net + share.net,
    amount: before.amount + share.amount,
    override: before.override + share.override,
  });
}

function taxLine({ id, percent, net, amount, override }: Share, document: BookDocument): Line {
  const detail: NonNullable<Line['TaxLineDetail']> = {
    TaxRateRef: { value: id },
    PercentBased: true,
    TaxPercent: decimal(percent),
    NetAmountTaxable: decimal(amountText(net, document)),
  };
  if (abs(override) > 0n) detail.OverrideDeltaAmount = decimal(amountText(override, document));
  return { Amount: decimal(amountText(amount, document)), DetailType: 'TaxLineDetail', TaxLineDetail: detail };
}

function withoutRate(document: BookDocument, code: string): ConnectorError {
  const message =
    `${subjectOf(document)} was not sent to QuickBooks: it carries tax under the tax code with id ${code}, which has no ` +
    'rate there. Change the tax mapping of this connection, then replay.';
  return new ConnectorError('rejected', message, { code: 'BOOKS_TAX_REFUSED' });
}
