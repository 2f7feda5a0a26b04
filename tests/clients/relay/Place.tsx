import { useEffect } from 'react';
import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay';
import type { Place_location$key } from '../generated/relay/Place_location.graphql';
import type { PlaceScreenQuery } from '../generated/relay/PlaceScreenQuery.graphql';

const usePlace = (location: Place_location$key) =>
  usePaginationFragment(
    graphql`
      fragment Place_location on Location
      @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
      @refetchable(queryName: "PlacePageQuery") {
        events(first: $first, after: $after) @connection(key: "Place_events") {
          edges {
            node {
              id
              sourceId
            }
          }
        }
      }
    `,
    location,
  );

export type ShownPlace = ReturnType<typeof usePlace>;

type Props = { onShow: (shown: ShownPlace) => void };

function Place({ location, onShow }: Props & { location: Place_location$key }) {
  const shown = usePlace(location);
  useEffect(() => onShow(shown));
  return shown.data.events?.edges.map(({ node }) => <li key={node.id}>{node.sourceId}</li>);
}

/** The events at a place: a connection below an object, whose next page Relay asks for by `node`. */
export function PlaceScreen({ onShow }: Props) {
  const { locations } = useLazyLoadQuery<PlaceScreenQuery>(
    graphql`
      query PlaceScreenQuery {
        locations(first: 1) {
          edges {
            node {
              id
              ...Place_location
            }
          }
        }
      }
    `,
    {},
  );
  return locations?.edges.map(({ node }) => (
    <Place key={node.id} location={node} onShow={onShow} />
  ));
}
