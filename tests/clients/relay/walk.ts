/** Walks over all events, both ways. */
import { endpoint, report, walk } from '../suite/report';
import { openEvents } from './screen';

await report(async () => ({
  forward: await walk(await openEvents(endpoint, { first: 100 })),
  backward: await walk(await openEvents(endpoint, { last: 100 })),
}));
