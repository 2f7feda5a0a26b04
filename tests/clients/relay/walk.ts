/** Walks over all events, both ways. */
import { endpoint, report, walk } from '../suite/report';
import { openEvents } from './screen';

await report(async () => {
  const forward = await openEvents(endpoint, { first: 100 });
  const backward = await openEvents(endpoint, { last: 100 });
  return {
    forward: await walk(forward),
    backward: await walk(backward),
    drawn: [forward.drawn(), backward.drawn()],
  };
});
