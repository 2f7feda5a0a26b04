import { graphql } from '../generated/gql';

export const EVENTS = graphql(`
  query Events($first: Int, $after: String, $last: Int, $before: String, $filter: EventFilter) {
    events(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      edges {
        cursor
        node {
          __typename
          id
          source
          sourceId
          type
          occurredAt
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      incompleteSources
    }
  }
`);
