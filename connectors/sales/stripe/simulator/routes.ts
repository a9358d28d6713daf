import { LIST_PARAMS, page } from './lists.ts';
import { onlyKnown, type Params, rangeParam, textParam } from './params.ts';
import { inTestMode, missing } from './refusals.ts';
import { body } from './render.ts';
import type { AccountState } from './state.ts';
import type { Books, Kind, OfKind } from './things.ts';
import type { Json, JsonObject, View } from './wire.ts';

/** A request that may go ahead. */
export interface Ask {
  /** The account it acts for. */
  state: AccountState;
  params: Params;
  /** What the address names, in order: `/v1/invoices/:id/lines` → [id]. */
  ids: string[];
  view: View;
  /** Accounts the key may read: its own, and for the platform those connected to it. */
  readable: readonly string[];
}

export type Answer = (ask: Ask) => JsonObject;

/** A way to leave things out of a list: what the parameter names, and what of a thing it is compared with. */
export interface Filter<Made> {
  param: string;
  of: (thing: Made) => string | null;
  /** The kind of thing that must exist under that id. */
  mustBe?: Kind;
}

export interface Resource<Name extends Kind> {
  path: string;
  what: string;
  kind: Name;
  filters: readonly Filter<OfKind<Name>>[];
  /** Ranges besides `created`. */
  ranges?: Record<string, (thing: OfKind<Name>) => number | null>;
  /** Parameters that are read elsewhere. */
  others?: readonly string[];
  fits?: (ask: Ask) => (thing: OfKind<Name>) => boolean;
}

/** The list of a resource and its single objects. */
export function routesOf<Name extends Kind>(resource: Resource<Name>): [string, Answer][] {
  return [
    [resource.path, (ask) => listed(resource, ask)],
    [`${resource.path}/:id`, (ask) => retrieved(resource.kind, resource.what, ask)],
  ];
}

function listed<Name extends Kind>(resource: Resource<Name>, ask: Ask): JsonObject {
  const { params, view } = ask;
  const { path, filters, ranges = {}, others = [], what } = resource;
  const names = filters.map((filter) => filter.param);
  onlyKnown(params, [...LIST_PARAMS, 'created', ...names, ...Object.keys(ranges), ...others]);
  const tests = [
    ...filters.map((filter) => matching(filter, params, view.books)),
    ...Object.entries({ ...ranges, created: (thing: OfKind<Name>) => thing.created }).map(([name, of]) => {
      const within = rangeParam(params, name);
      return (thing: OfKind<Name>) => params[name] === undefined || within(of(thing) ?? Number.NaN);
    }),
    resource.fits?.(ask) ?? (() => true),
  ];
  const items = view.books.all(resource.kind).filter((thing) => thing.live);
  const fits = (thing: OfKind<Name>) => tests.every((test) => test(thing));
  return page(path, params, { items: items.reverse(), fits, what }, (thing) => body(thing, view));
}

function matching<Made>({ param, of, mustBe }: Filter<Made>, params: Params, books: Books): (thing: Made) => boolean {
  const wanted = textParam(params, param);
  if (wanted === undefined) return () => true;
  if (mustBe !== undefined && books.get(wanted)?.kind !== mustBe) throw missing(param, wanted, param);
  return (thing) => of(thing) === wanted;
}

function retrieved(kind: Kind, what: string, { ids: [id = ''], params, view }: Ask): JsonObject {
  onlyKnown(params, ['expand']);
  return body(found(kind, what, id, view.books), view);
}

function found<Name extends Kind>(kind: Name, what: string, id: string, books: Books): OfKind<Name> {
  const thing = books.get(id);
  if (thing?.kind !== kind) throw missing(what, id);
  if (!thing.live) throw inTestMode(what, id);
  return thing as OfKind<Name>;
}

/** Lines of a thing, in their own order. */
export function lines<Name extends Kind, Line extends { id: string }>(
  [path, kind, what]: [string, Name, string],
  of: (thing: OfKind<Name>) => readonly Line[],
  render: (line: Line, thing: OfKind<Name>) => Json,
): [string, Answer] {
  const answer: Answer = ({ ids: [id = ''], params, view }) => {
    onlyKnown(params, LIST_PARAMS);
    const thing = found(kind, what, id, view.books);
    const items = of(thing);
    return page(path.replace(':id', id), params, { items, fits: () => true, what: 'line item' }, (line) =>
      render(line, thing),
    );
  };
  return [path, answer];
}

/** What never changes: products, prices, customers, tax rates. */
export function fixed(path: string, what: string, bodies: readonly JsonObject[]): [string, Answer][] {
  const items = bodies.map((each) => ({ id: `${each.id}`, each }));
  const copy = ({ each }: { each: JsonObject }): JsonObject => ({ ...each });
  return [
    [
      path,
      ({ params }) => {
        onlyKnown(params, [...LIST_PARAMS, 'created', 'active']);
        const within = rangeParam(params, 'created');
        const fits = ({ each }: { each: JsonObject }) => typeof each.created === 'number' && within(each.created);
        return page(path, params, { items, fits, what }, copy);
      },
    ],
    [
      `${path}/:id`,
      ({ ids: [id = ''], params }) => {
        onlyKnown(params, ['expand']);
        const item = items.find((each) => each.id === id);
        if (item === undefined) throw missing(what, id);
        return copy(item);
      },
    ],
  ];
}
