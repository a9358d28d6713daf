import { badParam } from './refusals.ts';

/** Parameters as Stripe reads them from a query string or a form: text, lists and hashes. */
export type Param = string | Param[] | { [name: string]: Param };
export interface Params {
  [name: string]: Param;
}

/** Reads `a=1&b[c]=2&d[]=3&e[0]=4`. */
export function readParams(text: string): Params {
  const params: Params = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const name = key.replace(/\[.*$/s, '');
    const path = [...key.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
    params[name] = placed(params[name], path, value);
  }
  return params;
}

function placed(known: Param | undefined, path: readonly string[], value: string): Param {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (first === '' || /^\d+$/.test(first)) {
    const list = Array.isArray(known) ? known : [];
    return [...list, placed(undefined, rest, value)];
  }
  const hash = known !== undefined && typeof known !== 'string' && !Array.isArray(known) ? known : {};
  return { ...hash, [first]: placed(hash[first], rest, value) };
}

/** Refuses what the route does not know, as Stripe does. */
export function onlyKnown(params: Params, known: readonly string[]): void {
  for (const name of Object.keys(params)) {
    if (!known.includes(name)) throw badParam(name, `Received unknown parameter: ${name}`, 'parameter_unknown');
  }
}

/** A parameter that is plain text, or undefined. Throws when it is a list or a hash. */
export function textParam(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value !== undefined && typeof value !== 'string') throw badParam(name, `Invalid string: ${shown(value)}`);
  return value;
}

/** A list of texts, empty where it was not given. */
export function listParam(params: Params, name: string): string[] {
  const value = params[name] ?? [];
  if (!Array.isArray(value)) throw badParam(name, 'Invalid array');
  return value.map((each, index) => {
    if (typeof each !== 'string') throw badParam(`${name}[${index}]`, `Invalid string: ${shown(each)}`);
    return each;
  });
}

/** "true" or "false", or undefined. */
export function flagParam(params: Params, name: string): boolean | undefined {
  const value = textParam(params, name);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false') throw badParam(name, `Invalid boolean: ${value}`);
  return value === 'true';
}

/** A hash of texts, such as metadata. */
export function hashParam(params: Params, name: string): Record<string, string> | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' || Array.isArray(value)) throw badParam(name, 'Invalid object');
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (typeof each !== 'string') throw badParam(`${name}[${key}]`, `Invalid string: ${shown(each)}`);
      return [key, each];
    }),
  );
}

/** A whole number. Throws for anything else. */
export function wholeParam(value: string, name: string): number {
  if (!/^-?\d{1,12}$/.test(value)) throw badParam(name, `Invalid integer: ${value}`, 'parameter_invalid_integer');
  return Number.parseInt(value, 10);
}

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

/** A range of instants: `created=…`, or `created[gte]=…&created[lt]=…`. Everything where it was not given. */
export function rangeParam(params: Params, name: string): (seconds: number) => boolean {
  const value = params[name];
  if (value === undefined) return () => true;
  if (Array.isArray(value)) throw badParam(name, 'Invalid object');
  if (typeof value === 'string') {
    const exact = wholeParam(value, name);
    return (seconds) => seconds === exact;
  }
  const tests = Object.entries(value).map(([operator, bound]) => {
    const compare = COMPARE[operator];
    const param = `${name}[${operator}]`;
    if (compare === undefined) throw badParam(param, `Received unknown parameter: ${param}`, 'parameter_unknown');
    if (typeof bound !== 'string') throw badParam(param, `Invalid integer: ${shown(bound)}`);
    const limit = wholeParam(bound, param);
    return (seconds: number) => compare(seconds, limit);
  });
  return (seconds) => tests.every((test) => test(seconds));
}

function shown(value: Param): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
