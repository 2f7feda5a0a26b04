/** Fills the cache with objects of every kind, from lists and one by one, and looks at what it holds. */
import type { DocumentNode, OperationVariables } from '@apollo/client';
import { CONTACT, CONTACTS, DIRECTORY, NODE } from '../documents/objects';
import { EVENTS } from '../documents/events';
import { endpoint, report } from '../suite/report';
import { makeClient } from './client';

type Entity = { __typename: string; id: string };

/** Every object with an id within a value, as often as it stands there. */
function* entities(value: unknown): Generator<Entity> {
  if (typeof value !== 'object' || value === null) return;
  if ('id' in value && '__typename' in value) yield value as Entity;
  for (const part of Object.values(value)) yield* entities(part);
}

await report(async () => {
  const client = makeClient(endpoint);
  const ask = async (query: DocumentNode, variables: OperationVariables): Promise<unknown> => {
    const { data, error } = await client.query({ query, variables });
    if (error) throw error;
    return data;
  };
  const some = { first: 12 };
  const listed = await ask(CONTACTS, some);
  const held = [listed, await ask(DIRECTORY, {}), await ask(EVENTS, { first: 1000 })];
  const contacts = [...entities(listed)].filter(({ __typename }) => __typename === 'Contact');
  for (const { id } of contacts) held.push(await ask(CONTACT, { id }));

  // One object of each kind by its id: what is selected of an interface is there, whichever type it is.
  const kinds = new Map([...entities(held)].map((entity) => [entity.__typename, entity.id]));
  const nodes = [];
  for (const id of kinds.values()) nodes.push(await ask(NODE, { id }));

  return {
    entries: Object.keys(client.extract() as object)
      .filter((key) => /^[A-Z][a-z]\w+:/.test(key))
      .sort(),
    found: [
      ...new Set([...entities([held, nodes])].map(({ __typename, id }) => `${__typename}:${id}`)),
    ].sort(),
    nodes,
    unchanged:
      JSON.stringify(client.readQuery({ query: CONTACTS, variables: some })) ===
      JSON.stringify(listed),
  };
});
