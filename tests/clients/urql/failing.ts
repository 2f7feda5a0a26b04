/** Meets a source that fails once, and one that goes on failing. */
import { endpoint, failing, report } from '../suite/report';
import { makeClient } from './client';
import { openEvents } from './list';

await report(() =>
  failing(() => openEvents(makeClient(endpoint), { first: 20, filter: { sources: ['CLOUD4WI'] } })),
);
