/** The API of the app: a screen a path, each with a validator, so that one that has not changed is not sent again. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { GatewayFailed, type Gateway } from './gateway.js';
import { contactCard, segmentList, timeline } from './screens.js';

type Route = (gateway: Gateway, path: string[], query: URLSearchParams) => Promise<object | null>;

const routes: Record<string, Route> = {
  contacts: async (gateway, [id]) => (id ? contactCard(gateway, id) : null),
  timeline: async (gateway, _, query) => timeline(gateway, query.get('after')),
  segments: async (gateway, _, query) => segmentList(gateway, query.get('after')),
};

/** Codes of the gateway that blame what the app has sent. */
const wrongInput = new Set(['BAD_USER_INPUT', 'INVALID_CURSOR']);

const PAGE = new URL('../../public/index.html', import.meta.url);

/** A server that is not listening yet. */
export function server(gateway: Gateway): Server {
  return createServer((request, response) => {
    answer(gateway, request, response).catch((error: unknown) => {
      if (error instanceof URIError || (error instanceof GatewayFailed && wrongInput.has(error.code))) {
        send(response, 400, { error: error.message });
      } else if (error instanceof GatewayFailed) {
        if (error.retryAfter !== null) response.setHeader('retry-after', error.retryAfter);
        send(response, error.retryAfter !== null ? 503 : 502, { error: error.message });
      } else {
        console.error(error);
        send(response, 500, { error: 'Something went wrong here.' });
      }
    });
  });
}

async function answer(gateway: Gateway, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://app');
  if (request.method !== 'GET') return send(response, 405, { error: 'Send a GET request.' });
  if (url.pathname === '/') return sendPage(response);
  const [name = '', ...path] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const screen = Object.hasOwn(routes, name) ? await routes[name]?.(gateway, path, url.searchParams) : null;
  if (!screen) return send(response, 404, { error: 'There is nothing here.' });
  const body = JSON.stringify(screen);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', 'private, no-cache');
  if (request.headers['if-none-match']?.includes(etag)) return void response.writeHead(304).end();
  send(response, 200, body);
}

async function sendPage(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(await readFile(PAGE));
}

function send(response: ServerResponse, status: number, body: string | object) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
