/** Objects of every kind, asked for from lists and one by one. */
import type { DocumentNode } from 'graphql';
import { CONTACT, CONTACTS, DIRECTORY, NODE } from '../documents/objects';
import { EVENTS } from '../documents/events';

/** Runs a query; an error is thrown. */
export type Ask = (query: DocumentNode, variables: Record<string, unknown>) => Promise<unknown>;

type Entity = { __typename: string; id: string };

/** Every object with an id within a value, as often as it stands there. */
function* entities(value: unknown): Generator<Entity> {
  if (typeof value !== 'object' || value === null) return;
  if ('id' in value && '__typename' in value) yield value as Entity;
  for (const part of Object.values(value)) yield* entities(part);
}

/** What a cache is filled with, and whether it still holds all of the first list after the rest. */
export async function fill(ask: Ask, cached: Ask) {
  const some = { first: 12 };
  const listed = await ask(CONTACTS, some);
  const held = [listed, await ask(DIRECTORY, {}), await ask(EVENTS, { first: 1000 })];
  const contacts = [...entities(listed)].filter(({ __typename }) => __typename === 'Contact');
  for (const { id } of contacts) held.push(await ask(CONTACT, { id }));

  // One object of each kind by its id: what is selected of an interface is there, for all of them.
  const kinds = new Map([...entities(held)].map((entity) => [entity.__typename, entity.id]));
  const nodes = [];
  for (const id of kinds.values()) nodes.push(await ask(NODE, { id }));

  const found = [...entities([held, nodes])].map(({ __typename, id }) => `${__typename}:${id}`);
  const unchanged = JSON.stringify(await cached(CONTACTS, some)) === JSON.stringify(listed);
  return { found: [...new Set(found)].sort(), nodes, unchanged };
}
