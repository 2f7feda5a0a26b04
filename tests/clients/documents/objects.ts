import { graphql } from '../generated/gql';

/** One object, known by nothing but its id: what is selected of an interface holds for all that implement it. */
export const NODE = graphql(`
  query Node($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Event {
        source
        sourceId
        type
        occurredAt
        contactId
      }
      ... on Contact {
        source
        displayName
        emails
      }
      ... on Segment {
        source
        name
        kind
      }
      ... on Location {
        source
        name
        timezone
      }
      ... on Company {
        source
        companyName: name
      }
      ... on Person {
        truncated
        contacts {
          __typename
          id
          displayName
        }
      }
    }
  }
`);

/** Contacts with all that hangs on them; objects of every kind come more than once. */
export const CONTACTS = graphql(`
  query Contacts($first: Int!, $filter: ContactFilter) {
    contacts(first: $first, filter: $filter) {
      edges {
        node {
          __typename
          id
          displayName
          birthday {
            year
          }
          customFields {
            key
            value
          }
          segments {
            __typename
            id
            name
            kind
          }
          lastVisitedLocation {
            __typename
            id
            name
          }
          cloud4wi {
            age
            extId {
              value
            }
          }
          rechat {
            displayName
          }
          acquire {
            clientType
          }
          events(first: 5) {
            edges {
              node {
                __typename
                id
                type
                location {
                  __typename
                  id
                  name
                }
                contact {
                  __typename
                  id
                }
              }
            }
            pageInfo {
              endCursor
              hasNextPage
            }
          }
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`);

/** Other parts of the same objects. */
export const CONTACT = graphql(`
  query Contact($id: ID!) {
    contact(id: $id) {
      __typename
      id
      email
      person {
        __typename
        id
        matches {
          confidence
          contact {
            __typename
            id
            displayName
          }
        }
      }
      birthday {
        month
        day
      }
      cloud4wi {
        locked
      }
      rechat {
        leadSource
      }
    }
  }
`);

export const DIRECTORY = graphql(`
  query Directory {
    companies {
      nodes {
        __typename
        id
        name
      }
    }
    locations(first: 5) {
      nodes {
        __typename
        id
        name
        hotspots {
          name
        }
      }
    }
    attributeDefinitions {
      __typename
      id
      label
    }
  }
`);
