import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SalesConnector } from '@daybook/connectors/kit/contract';
import { fixtureNames, readSalesFixture, type SalesFixture } from '@daybook/connectors/kit/fixture';
import { random } from '@daybook/connectors/kit/random';
import type { SignatureScheme } from '@daybook/connectors/kit/signature';
import { salesConnectors } from '@daybook/connectors/registry';
import { entriesFor, type ResolvedEntry, type Sale } from '@daybook/domain';
import { defaultBooks } from '../default-books.ts';
import { orderRequest } from './webhook.ts';

/** What a webhook of the benchmark is made of: plain values, so that it can be handed to another thread. */
export interface WebhookTemplate {
  channel: string;
  headers: Record<string, string>;
  /** Headers that carry the provider's event id. */
  idHeaders: string[];
  /** The body, cut where the order's id and number stand. */
  pieces: { text: string; gap: 'id' | 'number' | null }[];
  signature: SignatureScheme;
  secret: string;
}

/** A paid order of one sales channel, and what it is worth in the books. */
export interface Sample {
  connector: SalesConnector;
  fixture: string;
  settings: Record<string, string>;
  account: string;
  country: string;
  sale: Sale;
  /** Its journal entry in the default books of the country. */
  entry: ResolvedEntry;
  template: WebhookTemplate;
  bytes: number;
}

/** Size of a usual order (performance.md), bytes; fixtures are shorter and are filled up. */
const USUAL_BYTES = 6_700;
/** Lines the measurements of performance.md were made with. */
const USUAL_LINES = 5;

const CONNECTORS = dirname(fileURLToPath(import.meta.resolve('@daybook/connectors/registry')));

/**
 * The order that is sent: of the first channel that has a fixture of a plain paid order, the one whose entry is nearest
 * to five lines. Throws when no channel has one.
 */
export function chooseSample(seed: number, secret: string): Sample {
  for (const connector of salesConnectors) {
    const folder = join(CONNECTORS, 'sales', connector.id);
    const found = fixtureNames(folder)
      .map((name) => usable(connector, readSalesFixture(folder, name), seed, secret))
      .filter((sample) => sample !== null)
      .sort((a, b) => distance(a) - distance(b) || b.sale.lines.length - a.sale.lines.length);
    if (found[0]) return found[0];
  }
  throw new Error(
    'No sales channel has a fixture of a plain paid order to measure with; see docs/adding-a-connector.md.',
  );
}

const distance = ({ entry }: Sample) => Math.abs(entry.lines.length - USUAL_LINES);

function usable(connector: SalesConnector, fixture: SalesFixture, seed: number, secret: string): Sample | null {
  // The benchmark knows the application's secret and no subscription.
  if (Object.keys(fixture.fetched).length > 0 || connector.signature.secret !== 'client') return null;
  const sale = saleIn(connector, fixture.headers, fixture.body, fixture.settings);
  if (sale === null || sale.due !== 0n || sale.test) return null;
  const { account } = connector.header(fixture.headers, fixture.body);
  const country = { GBP: 'GB', EUR: 'DE' }[sale.currency] ?? 'US';
  const [entry, second] = entriesIn(sale, account ?? 'bench', country);
  const template = templateOf(connector, fixture, sale, seed, secret);
  if (!entry || second || template === null) return null;
  const sample = { connector, fixture: fixture.name, settings: fixture.settings, sale, entry, template, country };
  const bytes = orderRequest(template, '', 0).body.length;
  return variesAsMeant(sample) ? { ...sample, account: account ?? 'bench', bytes } : null;
}

function saleIn(
  connector: SalesConnector,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  settings: Record<string, string>,
): Sale | null {
  try {
    const { topic } = connector.header(headers, body);
    const normalized = connector.normalize({ topic, headers, body }, { settings, fetched: {} });
    const [event, second] = 'events' in normalized ? normalized.events : [];
    return event?.type === 'sale' && !second ? event : null;
  } catch {
    // A fixture of a refusal, or of a polled resource without webhook headers.
    return null;
  }
}

function entriesIn(sale: Sale, source: string, country: string): ResolvedEntry[] {
  const facts = { source, connectionLabel: source, previous: null, sale: null, saleEntries: [], earlierRefunds: [] };
  try {
    return entriesFor(sale, facts, defaultBooks(country, sale.currency));
  } catch {
    return [];
  }
}

function templateOf(
  connector: SalesConnector,
  fixture: SalesFixture,
  sale: Sale,
  seed: number,
  secret: string,
): WebhookTemplate | null {
  const { eventId } = connector.header(fixture.headers, fixture.body);
  const idHeaders = Object.keys(fixture.headers).filter((name) => fixture.headers[name] === eventId);
  if (idHeaders.length === 0) return null;
  const number = sale.order?.number?.replace(/\D/g, '') ?? '';
  return {
    channel: connector.id,
    headers: { 'content-type': 'application/json', ...fixture.headers },
    idHeaders,
    pieces: cut(filled(fixture.body.toString(), seed), sale.id, number),
    signature: connector.signature,
    secret,
  };
}

/** Adds a member of seeded words, which every reader of JSON passes over. */
function filled(body: string, seed: number): string {
  const missing = USUAL_BYTES - Buffer.byteLength(body);
  if (!body.startsWith('{') || missing < 20) return body;
  const chance = random(seed, 'filler');
  let words = '';
  while (words.length < missing - 14) words += `${chance.hex(chance.between(3, 9))} `;
  return `{"filler":"${words.slice(0, missing - 14).trimEnd()}",${body.slice(1)}`;
}

function cut(body: string, id: string, number: string): WebhookTemplate['pieces'] {
  const found = [id, number].filter((text) => text !== '').map((text) => text.replace(/[^\w]/g, '\\$&'));
  const pieces: WebhookTemplate['pieces'] = [];
  let start = 0;
  for (const match of body.matchAll(new RegExp(`\\b(?:${found.join('|')})\\b`, 'g'))) {
    pieces.push({ text: body.slice(start, match.index), gap: match[0] === id ? 'id' : 'number' });
    start = match.index + match[0].length;
  }
  return [...pieces, { text: body.slice(start), gap: null }];
}

/** Two requests made of the template are two sales of the same worth. */
function variesAsMeant(sample: Pick<Sample, 'connector' | 'template' | 'settings' | 'sale'>): boolean {
  const { connector, template, settings, sale } = sample;
  const [one, two] = [1, 2].map((serial) => {
    const { headers, body } = orderRequest(template, '', serial);
    return { eventId: connector.header(headers, body).eventId, sale: saleIn(connector, headers, body, settings) };
  });
  if (!one?.sale || !two?.sale || one.eventId === two.eventId || one.sale.id === two.sale.id) return false;
  const numbers = one.sale.order === undefined || one.sale.order.number !== two.sale.order?.number;
  return numbers && [one.sale, two.sale].every((each) => each.total === sale.total && each.revision === sale.revision);
}
