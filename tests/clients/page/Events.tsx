import { CombinedGraphQLErrors, type ErrorLike } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { EVENTS } from '../documents/events';

const PAGE = 100;

const NAMES: Record<string, string> = {
  CLOUD4WI: 'Cloud4Wi',
  RECHAT: 'Rechat',
  ACQUIRE: 'Acquire',
};

/** Calls back whenever the element is in sight, or would be soon. */
function useInSight(onSight: () => void) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSight(), {
      rootMargin: '200px',
    });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, [onSight]);
  return ref;
}

export function Events() {
  const { data, error, loading, fetchMore } = useQuery(EVENTS, { variables: { first: PAGE } });
  const [failure, setFailure] = useState<ErrorLike>();
  const [stuck, setStuck] = useState(false);
  const page = data?.events?.pageInfo;

  const more = useCallback(async () => {
    const got = await fetchMore({
      variables: { first: PAGE, after: page?.endCursor },
      errorPolicy: 'all',
    });
    setFailure(got.error);
    // No row came: only what does not answer could go on, so a person decides when to ask again.
    setStuck(!got.data?.events?.edges.length);
  }, [fetchMore, page?.endCursor]);

  const open = !!page?.hasNextPage && !loading;
  const end = useInSight(useCallback(() => void (open && !stuck && more()), [open, stuck, more]));
  const missing = data?.events?.incompleteSources ?? [];
  return (
    <>
      <ol>
        {data?.events?.edges.map(({ node }) => (
          <li key={node.id} data-source={node.source} data-id={node.sourceId}>
            {node.type} {node.occurredAt}
          </li>
        ))}
      </ol>
      <div ref={end}>
        {loading ? 'Loading' : page?.hasNextPage ? 'There is more' : 'That is all'}
      </div>
      <p role="status" style={{ position: 'fixed', top: 0 }}>
        {missing.length > 0 &&
          `${missing.map((source) => NAMES[source]).join(', ')} does not answer: more will follow.`}
        <Reason error={failure ?? error} />
        {stuck && open && <button onClick={() => void more()}>Try again</button>}
      </p>
    </>
  );
}

function Reason({ error }: { error: ErrorLike | undefined }) {
  if (!error) return null;
  const reasons = CombinedGraphQLErrors.is(error)
    ? error.errors.map(({ message }) => message)
    : [error.message];
  return reasons.map((reason) => <small key={reason}> {reason}</small>);
}
