import { useEffect } from 'react';
import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay';
import type { Events_query$key } from '../generated/relay/Events_query.graphql';
import type { EventsScreenQuery } from '../generated/relay/EventsScreenQuery.graphql';

export const useEvents = (query: Events_query$key) =>
  usePaginationFragment(
    graphql`
      fragment Events_query on Query
      @argumentDefinitions(
        first: { type: "Int" }
        after: { type: "String" }
        last: { type: "Int" }
        before: { type: "String" }
        filter: { type: "EventFilter" }
      )
      @refetchable(queryName: "EventsPageQuery") {
        events(first: $first, after: $after, last: $last, before: $before, filter: $filter)
          @connection(key: "Events_events", filters: ["filter"]) {
          edges {
            node {
              id
              source
              sourceId
              type
              occurredAt
            }
          }
          incompleteSources
        }
      }
    `,
    query,
  );

export type Shown = ReturnType<typeof useEvents>;

export function Events({
  page,
  onShow,
}: {
  page: EventsScreenQuery['variables'];
  onShow: (shown: Shown) => void;
}) {
  const query = useLazyLoadQuery<EventsScreenQuery>(
    graphql`
      query EventsScreenQuery($first: Int, $last: Int, $filter: EventFilter) {
        ...Events_query @arguments(first: $first, last: $last, filter: $filter)
      }
    `,
    page,
  );
  const shown = useEvents(query);
  useEffect(() => onShow(shown));
  return (
    <ol>
      {shown.data.events?.edges.map(({ node }) => (
        <li key={node.id}>{node.type}</li>
      ))}
    </ol>
  );
}
