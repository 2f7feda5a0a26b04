/** Walks on while the scrolls are forgotten, a source goes down and comes back. */
import { endpoint, report, throughAnOutage } from '../suite/report';
import { openEvents } from './screen';

await report(async () => throughAnOutage(await openEvents(endpoint, { first: 100 })));
