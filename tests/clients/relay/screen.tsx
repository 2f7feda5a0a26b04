import { Window } from 'happy-dom';
import { Suspense, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { RelayEnvironmentProvider } from 'react-relay';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import type { Environment } from 'relay-runtime';
import { makeEnvironment } from './environment';
import { Events, type Shown } from './Events';
import type { EventsScreenQuery } from '../generated/relay/EventsScreenQuery.graphql';

const window = new Window();
Object.assign(globalThis, { window, document: window.document });

/** Draws a screen, in a document without a browser, until the script ends; `onError` hears why it cannot be drawn. */
export function draw(
  environment: Environment,
  screen: ReactNode,
  onError: (error: unknown) => void,
): Element {
  const place = document.body.appendChild(document.createElement('main'));
  createRoot(place, { onUncaughtError: onError }).render(
    <RelayEnvironmentProvider environment={environment}>
      <Suspense fallback={null}>{screen}</Suspense>
    </RelayEnvironmentProvider>,
  );
  return place;
}

/** The events as the screen holds them, and a step in one direction. */
export async function openEvents(url: string, page: EventsScreenQuery['variables']) {
  const screens = new BehaviorSubject<Shown | null>(null);
  const next = async (before?: Shown): Promise<Shown> => {
    const drawn = (each: Shown | null) =>
      !!each && each.data !== before?.data && !each.isLoadingNext && !each.isLoadingPrevious;
    return (await firstValueFrom(screens.pipe(filter(drawn))))!;
  };
  draw(
    makeEnvironment(url),
    <Events page={page} onShow={(shown) => screens.next(shown)} />,
    (error) => screens.error(error),
  );
  let shown = await next();
  return {
    get rows() {
      return shown.data.events?.edges.map(({ node }) => node) ?? [];
    },
    get events() {
      return shown.data.events;
    },
    // Relay keeps the data of an answer with errors, and no more of the errors than where a field is null.
    codes: [],
    async more(size: number): Promise<boolean> {
      const forward = page.last == null;
      if (!(forward ? shown.hasNext : shown.hasPrevious)) return false;
      const failed = await new Promise<Error | null>((onComplete) => {
        (forward ? shown.loadNext : shown.loadPrevious)(size, { onComplete });
      });
      if (failed) throw failed;
      shown = await next(shown);
      return true;
    },
  };
}
