/** As much of a browser as connecting needs: it keeps cookies and fills in one kind of form. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** Where the page sends us. Throws with the page's words when it does not. */
  async redirectOf(url: string): Promise<string> {
    const response = await this.#get(url);
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    return location;
  }

  /** The page's HTML. Throws with the page's words when it is an error. */
  async page(url: string): Promise<string> {
    const response = await this.#get(url);
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
    return text;
  }

  /** Fills in the page that asks which tenant keeps whose books; does nothing on a page that asks nothing. */
  async submitChoices(action: string, html: string, companyByAccount: ReadonlyMap<string, string>): Promise<void> {
    const state = /name="state" value="([^"]+)"/.exec(html)?.[1];
    if (state === undefined) return;
    const form = new URLSearchParams({ state });
    for (const [, name = '', account = ''] of html.matchAll(/name="(account\.\d+)" data-account="([^"]+)"/g)) {
      form.set(name, companyByAccount.get(account) ?? '');
    }
    const response = await fetch(action, { method: 'POST', body: form, headers: { cookie: this.#header() } });
    if (!response.ok) throw new Error(`${action} answered ${response.status}: ${await response.text()}`);
  }

  async #get(url: string): Promise<Response> {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.#header() } });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const cut = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, cut), pair.slice(cut + 1));
    }
    return response;
  }

  #header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
