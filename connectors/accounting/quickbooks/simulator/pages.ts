import { formatMinor } from '@daybook/domain';
import type { BookedDocument, Company, World } from './world.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const html = (text: string) => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${html(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}
td.amount{text-align:right;font-variant-numeric:tabular-nums}</style></head>
<body><h1>${html(title)}</h1>${content}</body></html>`;
}

const SHOWN = 20;

/** What arrived lately, per company. */
export function overviewPage(world: World): string {
  const sections = [...world.companies.values()].map((company) => {
    const { count, total } = company.totals;
    const rows = [...company.documents.values()].slice(-SHOWN).reverse();
    const money = html(`${company.currency} ${formatMinor(total, company.currency)}`);
    return `<h2>${html(company.name)}</h2>
<p>${count} sales forms, sales less credits and refunds ${money}</p>
<table><thead><tr><th>Type</th><th>No.</th><th>Date</th><th>Status</th><th>Total</th></tr></thead>
<tbody>${rows.map(documentRow).join('')}</tbody></table>`;
  });
  return page('Simulated QuickBooks Online', sections.join(''));
}

function documentRow(document: BookedDocument): string {
  const { entity, number, date, state, currency, total } = document;
  const cells = [entity, number ?? '', date, state].map((cell) => `<td>${html(cell)}</td>`).join('');
  return `<tr>${cells}<td class="amount">${html(`${currency} ${formatMinor(total, currency)}`)}</td></tr>`;
}

/** Where the administrator chooses a company. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, chosen: Company | undefined, action: string): string {
  const choices = [...world.companies.values()].map(
    ({ realm, name }) =>
      `<p><label><input type="radio" name="company" value="${realm}"${realm === chosen?.realm ? ' checked' : ''}>
${html(name)}</label></p>`,
  );
  return page(
    'Connect your company',
    `<p>${html(appName)} asks for access to the accounting of one company.</p>
<form method="post" action="${html(action)}">${choices.join('')}
<button name="decision" value="connect">Connect</button>
<button name="decision" value="deny">No, thanks</button></form>`,
  );
}

/** What the person sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, but the app didn’t connect', `<p>${html(problem)}</p>`);
}
