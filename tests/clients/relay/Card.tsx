import { useEffect } from 'react';
import { graphql, useLazyLoadQuery, useRefetchableFragment } from 'react-relay';
import type { Card_contact$key } from '../generated/relay/Card_contact.graphql';
import type { CardScreenQuery } from '../generated/relay/CardScreenQuery.graphql';

const useCard = (contact: Card_contact$key) =>
  useRefetchableFragment(
    graphql`
      fragment Card_contact on Contact
      @argumentDefinitions(more: { type: "Boolean", defaultValue: false })
      @refetchable(queryName: "CardRefetchQuery") {
        id
        displayName
        ... @include(if: $more) {
          email
          segments {
            id
            name
          }
        }
      }
    `,
    contact,
  );

export type ShownCard = {
  id: string;
  card: ReturnType<typeof useCard>[0];
  refetch: ReturnType<typeof useCard>[1];
};

function Card({
  contact,
  onShow,
}: {
  contact: Card_contact$key;
  onShow: (shown: ShownCard) => void;
}) {
  const [card, refetch] = useCard(contact);
  useEffect(() => onShow({ id: card.id, card, refetch }));
  return <h1>{card.displayName}</h1>;
}

export function CardScreen({ onShow }: { onShow: (shown: ShownCard) => void }) {
  const { contacts } = useLazyLoadQuery<CardScreenQuery>(
    graphql`
      query CardScreenQuery {
        contacts(first: 1) {
          edges {
            node {
              id
              ...Card_contact
            }
          }
        }
      }
    `,
    {},
  );
  return contacts?.edges.map(({ node }) => <Card key={node.id} contact={node} onShow={onShow} />);
}
