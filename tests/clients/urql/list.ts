import type { Client } from '@urql/core';
import { EVENTS } from '../documents/events';
import type { EventsQuery, EventsQueryVariables } from '../generated/gql/graphql';

/** The events as a screen holds them: the rows so far, what is missing, and a step in one direction. */
export async function openEvents(client: Client, variables: EventsQueryVariables) {
  const list = {
    events: null as EventsQuery['events'],
    codes: [] as unknown[],
    get rows() {
      return list.events?.edges.map(({ node }) => node) ?? [];
    },
    async show(page: EventsQueryVariables): Promise<boolean> {
      const { data, error } = await client.query(EVENTS, page).toPromise();
      list.events = data?.events ?? list.events;
      list.codes = error?.graphQLErrors.map(({ extensions }) => extensions?.code) ?? [];
      return true;
    },
    /** Fetches one page more; false when there is none. */
    async more(size: number): Promise<boolean> {
      const page = list.events?.pageInfo;
      if (variables.last == null)
        return (
          !!page?.hasNextPage && list.show({ ...variables, first: size, after: page.endCursor })
        );
      return (
        !!page?.hasPreviousPage && list.show({ ...variables, last: size, before: page.startCursor })
      );
    },
  };
  await list.show(variables);
  return list;
}
