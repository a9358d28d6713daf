import type { ConnectedAccount, Connector } from '@daybook/connectors/kit/contract';
import type { Connected } from './connect.ts';

/** Text made safe to stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Daybook</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page/daybook.css"></head>
<body><main class="narrow"><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

/** "Connected", with what did not work beside it and the way back. */
export function connectedPage(connector: string, connected: readonly Connected[]): string {
  const back = '<p><a href="/">Back to Daybook</a></p>';
  const [only] = connected;
  if (!only) {
    return page(
      'Nothing was connected',
      `<p>No account at ${escapeHtml(connector)} was given a company. Start connecting again to choose one.</p>${back}`,
    );
  }
  const id = connected.length > 1 ? '' : `<p>Connection <code>${escapeHtml(only.connectionId)}</code></p>`;
  const problems = connected.map(({ problem }) => (problem === null ? '' : `<p>${escapeHtml(problem)}</p>`)).join('');
  const labels = connected.map(({ label }) => escapeHtml(label)).join(', ');
  return page(`${connector} is connected`, `<p>Connected: ${labels}.</p>${problems}${id}${back}`);
}

/** The provider said yes to the browser; its server brings the keys to ours, a moment earlier or later. */
export function handedOverPage(connector: string): string {
  return page(
    `${connector} gave access`,
    `<p>${escapeHtml(connector)} hands its keys over to Daybook now. The connection shows up within a minute.</p>
<p><a href="/">Back to Daybook</a></p>`,
  );
}

/** Why connecting did not work, and what to do. */
export function refusedPage(code: string, message: string, hint: string): string {
  return page(
    'Not connected',
    `<p>${escapeHtml(message)}</p><p>${escapeHtml(hint)}</p>
<p class="muted"><code>${escapeHtml(code)}</code></p><p><a href="/">Back to Daybook</a></p>`,
  );
}

/** Which of the tenants behind one consent keeps the books of which company. */
export function choicePage(choice: {
  connector: Connector;
  accounts: ConnectedAccount[];
  companies: { slug: string; name: string }[];
  /** Account → slug of the company whose books it keeps already: chosen from the start. */
  now: ReadonlyMap<string, string>;
  assignToken: string;
}): string {
  const options = (account: string) =>
    choice.companies
      .map(({ slug, name }) => {
        const selected = choice.now.get(account) === slug ? ' selected' : '';
        return `<option value="${escapeHtml(slug)}"${selected}>${escapeHtml(name)}</option>`;
      })
      .join('');
  const rows = choice.accounts
    .map(
      (account, index) => `
    <p><label>${escapeHtml(account.label)} belongs to
      <select name="account.${index}" data-account="${escapeHtml(account.account)}"><option value="">— nobody, leave it out —</option>${options(account.account)}</select></label></p>`,
    )
    .join('');
  return page(
    `Several accounts at ${choice.connector.label}`,
    `
    <form method="post" action="/oauth/${choice.connector.id}/assign">
      <input type="hidden" name="state" value="${escapeHtml(choice.assignToken)}">${rows}<p><button>Connect</button></p></form>`,
  );
}
