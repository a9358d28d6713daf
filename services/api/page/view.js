// How things look: elements made of text nodes only, so that nothing a shop or a customer wrote becomes HTML.

const GOOD = new Set(['posted', 'pushed', 'normalized', 'unchanged', 'superseded', 'ignored', 'active']);
const BAD = new Set(['failed', 'refused', 'rejected', 'conflict', 'held', 'reconnect', 'disconnected']);
let exponents = { usual: 2, others: {} };

/** Learns from the API how many digits each currency has. */
export function useExponents(known) {
  exponents = known;
}

/** The one place that formats money: minor units as text, all digits, currency visible. */
export function money(minor, currency) {
  if (minor === null || currency === null) return '';
  const exponent = exponents.others[currency] ?? exponents.usual;
  const digits = minor.replace('-', '').padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = minor.startsWith('-') ? '−' : '';
  return `${currency} ${sign}${whole}${exponent > 0 ? `.${digits.slice(-exponent)}` : ''}`;
}

/** An element with attributes (`onclick` is a listener) and children; nulls are left out, strings become text nodes. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A cell of a table. */
export const cell = (...children) => element('td', {}, ...children);
/** The cell that names its row. */
export const head = (...children) => element('th', { scope: 'row' }, ...children);
/** A cell with a number, aligned to the right. */
export const figure = (text) => element('td', { class: 'number' }, text);
/** A second line, less loud. */
export const muted = (...children) => element('div', { class: 'muted small' }, ...children);
/** A list without bullets; each item is a list of children. */
export const list = (items) => element('ul', { class: 'path' }, ...items.map((item) => element('li', {}, ...item)));
/** How many there are in all states together. */
export const count = (counts) => Object.values(counts).reduce((sum, each) => sum + each, 0);

/** A state in words, with a sign for those who do not see its colour. */
export function state(text) {
  return element('span', { class: `state ${GOOD.has(text) ? 'good' : BAD.has(text) ? 'bad' : 'wait'}` }, text);
}

/** An instant as UTC, with the local time on hovering. */
export function time(iso) {
  return element('time', { datetime: iso, title: new Date(iso).toString() }, iso.slice(0, 19).replace('T', ' '));
}

/**
 * Makes the children of `parent` what `items` say. A child whose item did not change stays the same element, so that
 * reading, selecting and the focus survive; a changed one that held the focus hands it to its successor. Answers
 * whether the focus was inside a child that vanished.
 */
export function sync(parent, items, keyOf, render) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const focused = document.activeElement?.closest('[data-key]');
  const wanted = items.map((item) => {
    const key = keyOf(item);
    const content = JSON.stringify(item);
    const known = before.get(key);
    if (known?.dataset.content === content) return known;
    const made = render(item);
    Object.assign(made.dataset, { key, content });
    return made;
  });
  const lost = focused?.parentElement === parent && !wanted.includes(focused);
  const control = lost ? [...focused.querySelectorAll('button, a')].indexOf(document.activeElement) : -1;
  if (wanted.length !== parent.children.length || wanted.some((child, index) => parent.children[index] !== child))
    place(parent, wanted);
  if (!lost) return false;
  const successor = wanted.find((child) => child.dataset.key === focused.dataset.key);
  successor?.querySelectorAll('button, a')[control]?.focus();
  return successor === undefined;
}

/** Moves as little as possible: taking the focused element out of the page would drop the focus. */
function place(parent, wanted) {
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}
