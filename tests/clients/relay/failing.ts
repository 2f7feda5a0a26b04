/** Meets a source that fails once, and one that goes on failing. */
import { endpoint, failing, report } from '../suite/report';
import { openEvents } from './screen';

await report(() =>
  failing(() => openEvents(endpoint, { first: 20, filter: { sources: ['CLOUD4WI'] } })),
);
