import {
  ConnectionHandler,
  DefaultHandlerProvider,
  Environment,
  Network,
  RecordSource,
  ROOT_TYPE,
  Store,
  type FetchFunction,
  type GraphQLSingularResponse,
} from 'relay-runtime';

const TIMES = 2;
/** Seconds; who is asked to wait longer shows what there is. */
const LONGEST = 5;

type Told = {
  message: string;
  extensions?: { code?: string; retryable?: boolean; retryAfter?: number };
};

/** Joins the pages of a list; for a page that failed (null, with errors) Relay would forget the list. */
const pages: typeof ConnectionHandler = {
  ...ConnectionHandler,
  update(store, payload) {
    const parent = store.get(payload.dataID);
    const failed = !parent?.getLinkedRecord(payload.fieldKey);
    if (failed && parent?.getLinkedRecord(payload.handleKey)) return;
    ConnectionHandler.update(store, payload);
  },
};

/** What was asked for is not there at all. */
export class Unanswered extends Error {
  constructor(readonly graphQLErrors: readonly Told[]) {
    super(graphQLErrors[0]?.message);
  }
}

/** Seconds to wait before asking again may help; undefined: it would not. */
function pause(errors: readonly Told[], times: number): number | undefined {
  if (!errors.some(({ extensions }) => extensions?.retryable)) return undefined;
  const asked = errors.map(({ extensions }) => extensions?.retryAfter ?? 0);
  const seconds = Math.max(0.1 * 2 ** times, ...asked);
  return seconds > LONGEST ? undefined : seconds;
}

export function makeEnvironment(url: string, headers: Record<string, string> = {}) {
  const ask: FetchFunction = async ({ name, operationKind, text }, variables) => {
    for (let times = 0; ; times++) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          accept: 'application/graphql-response+json',
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ operationName: name, query: text, variables }),
      });
      const result = (await answer.json()) as GraphQLSingularResponse & { errors?: Told[] };
      const seconds =
        operationKind === 'query' && times < TIMES ? pause(result.errors ?? [], times) : undefined;
      if (seconds === undefined) {
        const nothing = Object.values(result.data ?? {}).every((value) => value === null);
        if (result.errors && nothing) throw new Unanswered(result.errors);
        return result;
      }
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  };
  return new Environment({
    network: Network.create(ask),
    store: new Store(new RecordSource()),
    handlerProvider: (handle) => (handle === 'connection' ? pages : DefaultHandlerProvider(handle)),
    // Ids are global: whatever takes one gives the record of that id, if it is here already.
    missingFieldHandlers: [
      {
        kind: 'linked',
        handle: (field, record, { id }) =>
          record?.getType() === ROOT_TYPE && typeof id === 'string' ? id : undefined,
      },
    ],
  });
}
