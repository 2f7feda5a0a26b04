import { ApolloLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { catchError, defer, map, of, retry, throwError, timer } from 'rxjs';

const TIMES = 2;
/** Seconds; who is asked to wait longer shows what there is. */
const LONGEST = 5;

/** An answer that would have been whole if a source had answered in time. */
class NotNow extends Error {
  constructor(readonly result: ApolloLink.Result) {
    super('a source does not answer');
  }

  /** Seconds that the source asks to wait, where it does. */
  get seconds(): number | undefined {
    const asked = (this.result.errors ?? [])
      .map(({ extensions }) => extensions?.retryAfter)
      .filter((wait) => typeof wait === 'number');
    return asked.length ? Math.max(...asked) : undefined;
  }
}

/**
 * Asks again where `extensions.retryable` says that it may help; the last answer stands, with its
 * errors. Mutations are never repeated.
 */
export const retryLink = new ApolloLink((operation, forward) => {
  if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
  return defer(() => forward(operation)).pipe(
    map((result) => {
      if (result.errors?.some(({ extensions }) => extensions?.retryable)) throw new NotNow(result);
      return result;
    }),
    retry({
      count: TIMES,
      delay: (error, count) => {
        if (!(error instanceof NotNow)) return throwError(() => error);
        const seconds = error.seconds ?? 0.1 * 2 ** count;
        return seconds > LONGEST ? throwError(() => error) : timer(seconds * 1000);
      },
    }),
    catchError((error) => (error instanceof NotNow ? of(error.result) : throwError(() => error))),
  );
});
