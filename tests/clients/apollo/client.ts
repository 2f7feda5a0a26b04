import {
  ApolloClient,
  ApolloLink,
  HttpLink,
  InMemoryCache,
  type FieldMergeFunction,
  type FieldPolicy,
  type TypePolicies,
} from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import possibleTypes from '../generated/possibleTypes';
import { connections, embedded } from '../generated/shapes';
import { retryLink } from './retry';

declare module '@apollo/client' {
  namespace ApolloClient.DeclareDefaultOptions {
    interface WatchQuery {
      errorPolicy: 'all';
    }
    interface Query {
      errorPolicy: 'all';
    }
  }
}

/** Joins the pages of a list; a page that failed as a whole (null, with errors) changes nothing. */
function pages(keyArgs: string[]): FieldPolicy {
  const policy = relayStylePagination(keyArgs) as FieldPolicy & { merge: FieldMergeFunction };
  return {
    ...policy,
    merge: (existing, incoming, options) =>
      incoming ? policy.merge(existing, incoming, options) : (existing ?? null),
  };
}

const typePolicies: TypePolicies = {};
for (const type of embedded) typePolicies[type] = { merge: true };
for (const [type, fields] of Object.entries(connections)) {
  const policies = Object.entries(fields).map(([field, keyArgs]) => [field, pages(keyArgs)]);
  typePolicies[type] = { fields: Object.fromEntries(policies) };
}

export const makeClient = (uri: string, headers: Record<string, string> = {}) =>
  new ApolloClient({
    clientAwareness: { name: 'contactgraph-clients', version: '1.0.0' },
    link: ApolloLink.from([retryLink, new HttpLink({ uri, headers })]),
    cache: new InMemoryCache({ possibleTypes: possibleTypes.possibleTypes, typePolicies }),
    defaultOptions: {
      watchQuery: { errorPolicy: 'all' },
      query: { errorPolicy: 'all' },
    },
  });
