/** Walks on while the scrolls are forgotten, a source goes down and comes back. */
import { endpoint, report, throughAnOutage } from '../suite/report';
import { makeClient } from './client';
import { openEvents } from './list';

await report(async () => throughAnOutage(await openEvents(makeClient(endpoint), { first: 100 })));
