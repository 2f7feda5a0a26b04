/** Walks over all events, both ways. */
import { endpoint, report, walk } from '../suite/report';
import { makeClient } from './client';
import { openEvents } from './list';

await report(async () => ({
  forward: await walk(await openEvents(makeClient(endpoint), { first: 100 })),
  backward: await walk(await openEvents(makeClient(endpoint), { last: 100 })),
}));
