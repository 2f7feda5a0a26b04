/** What the app shows: each screen is one trusted document, brought into the shape that the app draws. */

import { ContactCard, SegmentList, Timeline, type Source } from '../generated/documents.js';
import { failed, type Gateway, type GraphQLError } from './gateway.js';

/** A screen; `missing` names the services whose part of it is not there now. */
export type Screen<Content> = Content & { missing: Source[] };

/** One contact, with its latest events; null: there is none. */
export async function contactCard(gateway: Gateway, id: string) {
  const { data, errors } = await gateway.ask(ContactCard, { id });
  if (data.contact === null) {
    if (errors.some(({ extensions }) => extensions.code !== 'INVALID_ID')) throw failed(errors);
    return null;
  }
  const { events, segments, ...contact } = data.contact;
  return {
    contact: { ...contact, segments: segments ?? [], latest: events?.nodes ?? [] },
    missing: missing(errors, events),
  };
}

/** A page of the latest events of everybody. */
export async function timeline(gateway: Gateway, after: string | null) {
  const { data, errors } = await gateway.ask(Timeline, { after });
  return page(data.events, errors, (events) => ({ events }));
}

/** A page of the segments. */
export async function segmentList(gateway: Gateway, after: string | null) {
  const { data, errors } = await gateway.ask(SegmentList, { after });
  return page(data.segments, errors, (segments) => ({ segments }));
}

interface Connection<Node> {
  edges: { node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  incompleteSources: Source[];
}

function page<Node, Content>(
  connection: Connection<Node> | null,
  errors: GraphQLError[],
  content: (rows: Node[]) => Content,
): Screen<Content & { next: string | null }> {
  if (connection === null) throw failed(errors);
  const { edges, pageInfo } = connection;
  return {
    ...content(edges.map(({ node }) => node)),
    next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    missing: missing(errors, connection),
  };
}

/** Rows that lack are named by their list; a field that lacks, such as a contact of an event, by its error. */
function missing(errors: GraphQLError[], list: { incompleteSources: Source[] } | null): Source[] {
  const blamed = errors.flatMap(({ extensions }) => (extensions.source ?? []) as Source[]);
  return [...new Set([...(list?.incompleteSources ?? []), ...blamed])].sort();
}
