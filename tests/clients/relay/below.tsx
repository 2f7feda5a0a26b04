/** Pages through a connection below an object; in between, a page of it fails. */
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { control, endpoint, report } from '../suite/report';
import { makeEnvironment } from './environment';
import { PlaceScreen, type ShownPlace } from './Place';
import { draw } from './screen';

await report(async () => {
  const screens = new BehaviorSubject<ShownPlace | null>(null);
  const place = draw(
    makeEnvironment(endpoint),
    <PlaceScreen onShow={(shown) => screens.next(shown)} />,
    (error) => screens.error(error),
  );
  const shown = (wanted: (each: ShownPlace) => boolean) =>
    firstValueFrom(screens.pipe(filter((each) => !!each && wanted(each)))) as Promise<ShownPlace>;
  const more = async (from: ShownPlace): Promise<ShownPlace> => {
    from.loadNext(900);
    await shown((each) => each.isLoadingNext);
    return shown((each) => !each.isLoadingNext);
  };
  const first = await shown((each) => !each.isLoadingNext);
  await control('PUT', 'faults', [{ operation: 'cloud4wi.*', kind: 'status', status: 503 }]);
  const after = await more(first);
  const kept = place.childElementCount;
  await control('DELETE', 'faults');
  const whole = await more(after);
  return { kept, rows: whole.data.events!.edges.map(({ node }) => node.sourceId) };
});
