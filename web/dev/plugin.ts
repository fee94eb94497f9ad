import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PreviewServer, ViteDevServer, Plugin } from 'vite';
import { WebSocketServer } from 'ws';
import { Backend, type Peer } from './backend.ts';

const CSP = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self' ws:", "base-uri 'none'", "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FORM = {
  id: 'default', version: 1, title: 'What can we help you with?', open: true, submit_label: 'Start chat',
  fields: [
    { name: 'first_name', label: 'First name', type: 'text', mandatory: true, max_length: 100 },
    { name: 'last_name', label: 'Last name', type: 'text', mandatory: true, max_length: 100 },
    { name: 'email', label: 'Email', type: 'email', mandatory: true, max_length: 254 },
    {
      name: 'issue_type', label: 'Issue type', type: 'choice', mandatory: true,
      choices: [
        { value: 'product', label: 'Product Issue' },
        { value: 'billing', label: 'Billing Issue' },
        { value: 'order', label: 'Order Issue', open: false, not_available_html: '<p>Our order desk is closed. See <a href="https://example.com/faq">the questions others asked</a>.</p>', next_opening: new Date(Date.now() + 8e7).toISOString() },
      ],
    },
    { name: 'description', label: 'How can we help?', type: 'textarea', mandatory: true, max_length: 4000 },
  ],
};

/** The pages with the stand-in backend behind them, at one address, for work on the pages alone. */
export function standIn(): Plugin {
  const start = (server: ViteDevServer | PreviewServer, strict: boolean) => {
    const backend = new Backend(() => Date.now());
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has('deskbell.v1') ? 'deskbell.v1' : false) });
    server.httpServer?.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (!request.url?.startsWith('/_api/socket')) return;
      const token = (request.headers['sec-websocket-protocol'] ?? '').split(',')[1]?.trim() ?? '';
      sockets.handleUpgrade(request, socket, head, (opened) => {
        const identity = token.startsWith('guest-') ? { participant: 'guest', interaction: token.slice(6) } : { participant: usernameOf(token) };
        const peer: Peer = { ...identity, transmit: (text) => opened.send(text) };
        opened.on('message', (data) => backend.receive(peer, String(data)));
        opened.on('close', () => backend.disconnect(peer));
      });
    });
    server.middlewares.use((request, response, next) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const origin = `localhost:${(server.httpServer?.address() as { port: number } | null)?.port ?? 5173}`;
      if (strict) response.setHeader('content-security-policy', CSP);
      if (path === '/config.json') {
        return answer(response, 200, { http_url: `http://${origin}/_api`, websocket_url: `ws://${origin}/_api/socket`, cognito_url: `http://${origin}/_api/cognito`, user_pool_client_id: 'dev', region: 'local', sign_in: 'password' });
      }
      if (path === '/chat.js' && !strict) request.url = '/chat/chat.ts';
      if (!path.startsWith('/_api/')) return next();
      void read(request).then((body) => api(backend, origin, request, path.slice(5), body, response));
    });
  };
  return {
    name: 'stand-in',
    configureServer: (server) => start(server, false),
    configurePreviewServer: (server) => start(server, true),
  };
}

function api(backend: Backend, origin: string, request: IncomingMessage, path: string, body: string, response: ServerResponse): void {
  if (path === '/cognito') {
    const { AuthParameters } = JSON.parse(body) as { AuthParameters: Record<string, string> };
    if (AuthParameters.PASSWORD === 'wrong') return answer(response, 400, { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' });
    const claims = Buffer.from(JSON.stringify({ username: AuthParameters.USERNAME ?? 'agent' })).toString('base64url');
    return answer(response, 200, { AuthenticationResult: { AccessToken: `x.${claims}.x`, RefreshToken: 'r', ExpiresIn: 3600 } });
  }
  if (path.startsWith('/v1/forms/') && request.method === 'GET') return answer(response, 200, FORM);
  if (path.endsWith('/submissions')) {
    const { answers } = JSON.parse(body) as { answers: Record<string, string> };
    if (answers.first_name === 'Limited') {
      return answer(response, 429, { code: 'rate_limited', detail: 'Guest Chat is currently not available, please retry later.', retry_at: new Date(Date.now() + 17 * 60_000).toISOString() });
    }
    if (answers.first_name === 'Refused') return answer(response, 422, { code: 'invalid_field', detail: '', errors: [{ field: 'email', code: 'invalid', detail: 'This address is not accepted.' }] });
    const { id, number, state } = backend.submit(answers);
    return answer(response, 201, { interaction: { id, number, state }, token: `guest-${id}`, expires_at: new Date(Date.now() + 864e5).toISOString(), websocket_url: `ws://${origin}/_api/socket` });
  }
  const known = backend.interactions.get(path.split('/')[3] ?? '');
  return known ? answer(response, 200, { id: known.id }) : answer(response, 401, { code: 'token_invalid' });
}

function usernameOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as { username?: string }).username ?? 'agent';
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
