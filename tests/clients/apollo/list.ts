import { CombinedGraphQLErrors, type ApolloClient, type ErrorLike } from '@apollo/client';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { EVENTS } from '../documents/events';
import type { EventsQuery, EventsQueryVariables } from '../generated/gql/graphql';

/** The events as a screen holds them: the rows so far, what is missing, and a step in one direction. */
export async function openEvents(client: ApolloClient, variables: EventsQueryVariables) {
  const query = client.watchQuery({ query: EVENTS, variables });
  const results = new BehaviorSubject(query.getCurrentResult());
  query.subscribe(results);
  const list = {
    events: null as EventsQuery['events'],
    codes: [] as unknown[],
    get rows() {
      return list.events?.edges.map(({ node }) => node) ?? [];
    },
    async settle(): Promise<ErrorLike | undefined> {
      const { data, error } = await firstValueFrom(results.pipe(filter(({ loading }) => !loading)));
      list.events = (data as EventsQuery | undefined)?.events ?? null;
      return error;
    },
    /** Fetches one page more; false when there is none. */
    async more(size: number): Promise<boolean> {
      const page = list.events?.pageInfo;
      const forward = variables.last == null;
      if (!(forward ? page?.hasNextPage : page?.hasPreviousPage)) return false;
      const cursors = forward
        ? { first: size, after: page?.endCursor }
        : { last: size, before: page?.startCursor };
      // Without the policy fetchMore throws a page with errors away, whatever the client's defaults say.
      list.codes = codes((await query.fetchMore({ variables: cursors, errorPolicy: 'all' })).error);
      await list.settle();
      return true;
    },
  };
  list.codes = codes(await list.settle());
  return list;
}

const codes = (error: ErrorLike | undefined) =>
  CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions?.code) : [];
