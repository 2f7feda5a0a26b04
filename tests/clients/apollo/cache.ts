/** Fills the cache with objects of every kind, and looks at what it holds. */
import { fill, type Ask } from '../suite/objects';
import { endpoint, report } from '../suite/report';
import { makeClient } from './client';

await report(async () => {
  const client = makeClient(endpoint);
  const ask: Ask = async (query, variables) => {
    const { data, error } = await client.query({ query, variables });
    if (error) throw error;
    return data;
  };
  const filled = await fill(ask, async (query, variables) =>
    client.readQuery({ query, variables }),
  );
  const keys = Object.keys(client.extract() as object);
  return { ...filled, entries: keys.filter((key) => /^[A-Z][a-z]\w+:/.test(key)).sort() };
});
