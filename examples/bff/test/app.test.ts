/** The app over a gateway that runs its documents alone: GATEWAY_URL; whose services SANDBOX_URL can break. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Gateway } from '../src/gateway.js';
import { server } from '../src/server.js';

const { GATEWAY_URL = '', SANDBOX_URL = '' } = process.env;
const app = server(new Gateway(GATEWAY_URL));
const real = globalThis.fetch;
const seen: number[] = []; // the statuses of the gateway's answers
let base = '';

interface Row {
  id: string;
  source: string;
  contact: { id: string; displayName: string } | null;
}

before(async () => {
  globalThis.fetch = async (...request) => {
    const response = await real(...request);
    if (String(request[0]).startsWith(GATEWAY_URL)) seen.push(response.status);
    return response;
  };
  await once(app.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
});

after(() => {
  app.closeAllConnections();
  app.close();
});

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await real(base + path, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, screen: text ? JSON.parse(text) : null };
}

/** The id of a contact that a service tells an event of. */
async function someoneOf(source: string): Promise<string> {
  for (let path = '/timeline'; ; ) {
    const { screen } = await get(path);
    const found = screen.events.find((event: Row) => event.source === source && event.contact !== null);
    if (found !== undefined) return found.contact.id;
    assert.notEqual(screen.next, null, `no contact of ${source} on the timeline`);
    path = `/timeline?after=${encodeURIComponent(screen.next)}`;
  }
}

test('the timeline goes on from page to page, with no event twice', async () => {
  const ids: string[] = [];
  let path = '/timeline';
  for (let page = 0; page < 5; page++) {
    const { status, screen } = await get(path);
    assert.equal(status, 200);
    assert.deepEqual(screen.missing, []);
    assert.equal(screen.events.length, 20);
    ids.push(...screen.events.map(({ id }: Row) => id));
    path = `/timeline?after=${encodeURIComponent(screen.next)}`;
  }
  assert.equal(new Set(ids).size, 100);
});

test('the contact card of somebody of the timeline', async () => {
  const { screen } = await get('/timeline');
  const { contact } = screen.events.find((event: Row) => event.contact !== null);
  const card = await get(`/contacts/${encodeURIComponent(contact.id)}`);
  assert.equal(card.status, 200);
  assert.equal(card.screen.contact.displayName, contact.displayName);
  assert.ok(card.screen.contact.latest.length > 0);
});

test('the list of segments', async () => {
  const { screen } = await get('/segments');
  assert.ok(screen.segments.length > 0);
  assert.deepEqual(Object.keys(screen.segments[0]).sort(), ['id', 'kind', 'name', 'source']);
});

for (const path of ['/segments', '/timeline']) {
  test(`${path} is not sent again while it is the same, by the gateway nor to the app`, async () => {
    const first = await get(path);
    seen.length = 0;
    const again = await get(path);
    const validated = await get(path, { 'if-none-match': first.headers.get('etag') ?? '' });
    assert.deepEqual(seen, [304, 304]);
    assert.deepEqual(again.screen, first.screen);
    assert.deepEqual([validated.status, validated.screen], [304, null]);
    assert.equal(validated.headers.get('etag'), first.headers.get('etag'));
    assert.equal(first.headers.get('cache-control'), 'private, no-cache');
  });
}

test('what there is not, and what makes no sense', async () => {
  const statuses = ['/nothing', '/contacts/', '/contacts/nonsense', '/timeline?after=nonsense', '/contacts/%ff'];
  const found = await Promise.all(statuses.map(async (path) => (await get(path)).status));
  assert.deepEqual(found, [404, 404, 404, 400, 400]);
  assert.equal((await real(`${base}/timeline`, { method: 'POST' })).status, 405);
  assert.match(await (await real(base)).text(), /<h1>Timeline<\/h1>/);
});

test('while a service is down the rest is shown, and who is missing', async () => {
  const theirs = await someoneOf('CLOUD4WI');
  const faults = [{ operation: 'cloud4wi.*', kind: 'status', status: 503 }];
  await real(`${SANDBOX_URL}/_sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  try {
    const partly = await get('/timeline');
    assert.equal(partly.status, 200);
    assert.deepEqual(partly.screen.missing, ['CLOUD4WI']);
    assert.ok(partly.screen.events.length > 0);
    assert.ok(partly.screen.events.every(({ source }: Row) => source !== 'CLOUD4WI'));
    const card = await get(`/contacts/${encodeURIComponent(theirs)}`);
    assert.equal(card.status, 503);
    assert.ok(Number(card.headers.get('retry-after')) >= 1);
  } finally {
    await real(`${SANDBOX_URL}/_sandbox/faults`, { method: 'DELETE' });
  }
});
