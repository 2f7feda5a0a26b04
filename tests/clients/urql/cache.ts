/** Fills the cache with objects of every kind, and looks at what it gives back. */
import type { RequestPolicy } from '@urql/core';
import { fill, type Ask } from '../suite/objects';
import { endpoint, report } from '../suite/report';
import { makeClient } from './client';

await report(async () => {
  const client = makeClient(endpoint);
  const asking =
    (requestPolicy: RequestPolicy): Ask =>
    async (query, variables) => {
      const { data, error } = await client.query(query, variables, { requestPolicy }).toPromise();
      if (error) throw error;
      return data;
    };
  return fill(asking('cache-first'), asking('cache-only'));
});
