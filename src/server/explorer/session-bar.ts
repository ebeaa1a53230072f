/**
 * Signing in, in the explorer: a bar above GraphiQL and a script. The script keeps the tokens of answers while the tab
 * lives, sends the access token along, and renews it. The user's own Authorization header has priority.
 */

export const sessionStyle = `
body { margin: 0; height: 100dvh; overflow: hidden; display: flex; flex-direction: column; }
#session { flex: none; display: flex; gap: 8px; align-items: center; padding: 8px 12px;
  font: 14px system-ui, sans-serif; background: #1f2937; color: #f9fafb; }
#session b { margin-right: auto; }
#session form { display: flex; gap: 8px; margin: 0; }
#session form, #session button, #session a, #session b { flex-shrink: 0; white-space: nowrap; }
#session input { width: 130px; padding: 4px 8px; border: 0; border-radius: 4px; font: inherit; }
#session button { padding: 4px 12px; border: 0; border-radius: 4px; font: inherit; background: #38bdf8;
  color: #0f172a; cursor: pointer; }
#session a { color: #7dd3fc; }
#session [hidden] { display: none; }
#session span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#session-message { color: #fca5a5; }
#root { position: relative; flex: 1; min-height: 0; height: auto !important; overflow: hidden; }
.graphiql-container { height: 100% !important; }
@media (max-width: 50rem) {
  #session { flex-wrap: wrap; }
  #session form { order: 1; flex: 1 0 100%; }
  #session input { flex: 1; width: 0; min-width: 0; }
  #session #session-message { order: 2; flex: 1 0 100%; white-space: normal; }
  #session #session-message:empty { display: none; }
  /* Puts the answer below the editors, not beside them. */
  #graphiql-session { flex-direction: column; }
  #graphiql-session > .graphiql-horizontal-drag-bar { display: none; }
}
`;

/** `sandboxUrl`: null for no link. */
export function sessionBar(sandboxUrl: string | null): string {
  const href = sandboxUrl?.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<div id="session">
<b>Gatewright</b>
<span id="session-message" role="alert"></span>
<form id="sign-in">
<input name="identifier" placeholder="Username or e-mail" aria-label="Username or e-mail" autocomplete="username" required>
<input name="password" type="password" placeholder="Password" aria-label="Password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
<span id="signed-in" hidden></span>
<button id="sign-out" hidden>Sign out</button>
${href ? `<a href="${href}" target="_blank" rel="noreferrer">Apollo Sandbox</a>` : ''}
</div>`;
}

/** Plain script for the browser. */
export const sessionScript = `
(() => {
  const endpoint = new URL('graphql', location.href).pathname;
  const plainFetch = window.fetch.bind(window);
  const store = 'gatewright:session';
  const element = (id) => document.getElementById(id);
  let session = kept();
  let renewal = null;

  // GraphiQL would write what the user types, also passwords, into the address of the page.
  history.replaceState = () => {};

  // On a reload, GraphiQL opens an empty tab unless this storage also has the text of the open one.
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'));
    for (const name of ['query', 'variables']) {
      const text = tabs[activeTabIndex][name];
      if (text) localStorage.setItem('graphiql:' + name, text);
      else localStorage.removeItem('graphiql:' + name);
    }
  } catch {
    // The first visit, or a browser without storage.
  }

  /** Null also for what this page did not write. */
  function kept() {
    try {
      const found = JSON.parse(sessionStorage.getItem(store));
      return typeof found?.accessToken === 'string' ? found : null;
    } catch {
      return null;
    }
  }

  function show(message = '') {
    element('session-message').textContent = message;
    element('session-message').title = message;
    element('sign-in').hidden = session !== null;
    element('signed-in').hidden = element('sign-out').hidden = session === null;
    if (session) element('signed-in').textContent = 'Signed in' + (session.username ? ' as ' + session.username : '');
  }

  function keep(next, message) {
    session = next && {
      accessToken: next.accessToken,
      refreshToken: next.refreshToken ?? null,
      username: next.username ?? session?.username ?? null,
      renewAt: Date.now() + ((next.expiresIn ?? 900) - 15) * 1000,
    };
    if (session) sessionStorage.setItem(store, JSON.stringify(session));
    else sessionStorage.removeItem(store);
    show(message);
  }

  async function ask(query, variables, token) {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    if (token) headers.authorization = 'Bearer ' + token;
    const response = await plainFetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return await response.json();
  }

  async function renew() {
    const query = 'mutation Refresh($input: RefreshInput!) { refresh(input: $input) {' +
      ' session { accessToken refreshToken expiresIn username } } }';
    const answer = await ask(query, { input: { refreshToken: session.refreshToken } });
    const renewed = answer.data?.refresh?.session ?? null;
    keep(renewed, renewed ? '' : 'Your session has ended. Sign in again.');
  }

  function notice(data) {
    for (const payload of Object.values(data ?? {})) {
      if (payload?.session?.accessToken) keep(payload.session);
      else if (payload?.endedSessionId) keep(null);
    }
  }

  window.fetch = async (input, init = {}) => {
    const target = new URL(typeof input === 'string' || input instanceof URL ? input : input.url, location.href);
    const headers = new Headers(init.headers);
    if (target.origin !== location.origin || target.pathname !== endpoint) return plainFetch(input, init);
    const isOwn = headers.has('authorization');
    if (!isOwn && session) {
      if (session.refreshToken && Date.now() > session.renewAt) {
        renewal ??= renew().finally(() => { renewal = null; });
        await renewal;
      }
      if (session) headers.set('authorization', 'Bearer ' + session.accessToken);
    }
    let response = await plainFetch(input, { ...init, headers });
    if (!isOwn && session && response.status === 401 && response.headers.has('www-authenticate')) {
      const refused = (response.headers.get('www-authenticate') || '').includes('invalid_token');
      if (refused) {
        keep(null, 'Your session has ended. Sign in again.');
        headers.delete('authorization');
        response = await plainFetch(input, { ...init, headers });
      }
    }
    if (!isOwn) response.clone().json().then((body) => notice(body.data), () => {});
    return response;
  };

  element('sign-in').addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const query = 'mutation Login($input: LoginInput!) { login(input: $input) {' +
      ' session { accessToken refreshToken expiresIn username } errors { message } } }';
    const input = { identifier: form.identifier.value, password: form.password.value };
    try {
      const answer = await ask(query, { input });
      const signedIn = answer.data?.login?.session ?? null;
      const errors = answer.data?.login?.errors ?? answer.errors ?? [];
      keep(signedIn, signedIn ? '' : errors.map((error) => error.message).join(' '));
      if (signedIn) form.reset();
    } catch {
      show('The server does not answer.');
    }
  });

  element('sign-out').addEventListener('click', async () => {
    const { accessToken } = session;
    keep(null);
    await ask('mutation Logout { logout { endedSessionId } }', {}, accessToken).catch(() => {});
  });

  show();
})();
`;

/** For servers that show each viewer a schema of their own. Asks for the schema again when the user signs in or out. */
export const schemaScript = `
(() => {
  const signedIn = document.getElementById('signed-in');
  const viewer = () => (signedIn.hidden ? '' : signedIn.textContent);
  let known = viewer();
  new MutationObserver(() => {
    if (viewer() === known) return;
    known = viewer();
    document.querySelector('button[aria-label^="Re-fetch GraphQL schema"]')?.click();
  }).observe(signedIn, { attributes: true, childList: true });
})();
`;
