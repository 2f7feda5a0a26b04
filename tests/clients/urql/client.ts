import { Client, fetchExchange } from '@urql/core';
import { cacheExchange, type KeyingConfig, type ResolverConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { retryExchange } from '@urql/exchange-retry';
import schema from '../generated/introspection.json';
import { connections, embedded } from '../generated/shapes';

const keys: KeyingConfig = Object.fromEntries(embedded.map((type) => [type, () => null]));

const resolvers: ResolverConfig = {};
for (const [type, fields] of Object.entries(connections)) {
  resolvers[type] = Object.fromEntries(
    Object.keys(fields).map((field) => [field, relayPagination()]),
  );
}

export const makeClient = (url: string, headers: Record<string, string> = {}) =>
  new Client({
    url,
    fetchOptions: { headers },
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ schema, keys, resolvers }),
      retryExchange({
        maxNumberAttempts: 3,
        initialDelayMs: 200,
        maxDelayMs: 5000,
        retryIf: (error, operation) =>
          operation.kind === 'query' &&
          error.graphQLErrors.some(({ extensions }) => extensions?.retryable),
      }),
      fetchExchange,
    ],
  });
