import graphql from '@graphql-eslint/eslint-plugin';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default [
  {
    files: ['schema.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: `${root}schema.graphql` } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Most lists are short and whole (e-mails, consents, hotspots); what is paged is a connection.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
      // An id is global. A part of an object (an address, a consent) has none to give, and one that
      // is not global would mislead every cache: tests/schema/test_sdl.py holds the reverse.
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  },
];
