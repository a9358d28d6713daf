import type { ConnectedAccount, Connector } from '@daybook/connectors/kit/contract';

/** Text made safe to stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/page/daybook.css"><main class="narrow"><h1>${escapeHtml(title)}</h1>${body}</main></html>`;
}

/** "Connected", with the way back. */
export function connectedPage(connector: string, account: string, connectionId: string): string {
  const id = connectionId === '' ? '' : `<p>Connection <code>${escapeHtml(connectionId)}</code></p>`;
  return page(
    `${connector} is connected`,
    `<p>Connected: ${escapeHtml(account)}.</p>${id}<p><a href="/">Back to Daybook</a></p>`,
  );
}

/** Which of the tenants behind one consent keeps the books of which company. */
export function choicePage(choice: {
  connector: Connector;
  accounts: ConnectedAccount[];
  companies: { slug: string; name: string }[];
  assignToken: string;
}): string {
  const options = choice.companies
    .map(({ slug, name }) => `<option value="${escapeHtml(slug)}">${escapeHtml(name)}</option>`)
    .join('');
  const rows = choice.accounts
    .map(
      (account, index) => `
    <p><label>${escapeHtml(account.label)} keeps the books of
      <select name="account.${index}" data-account="${escapeHtml(account.account)}"><option value="">— nobody, leave it out —</option>${options}</select></label></p>`,
    )
    .join('');
  return page(
    `Several accounts at ${choice.connector.label}`,
    `
    <form method="post" action="/oauth/${choice.connector.id}/assign">
      <input type="hidden" name="state" value="${escapeHtml(choice.assignToken)}">${rows}<p><button>Connect</button></p></form>`,
  );
}
