/** Draws the first contact's name, then asks for more of that contact, by its id alone. */
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { endpoint, report } from '../suite/report';
import { CardScreen, type ShownCard } from './Card';
import { makeEnvironment } from './environment';
import { draw } from './screen';

await report(async () => {
  const cards = new BehaviorSubject<ShownCard | null>(null);
  const place = draw(
    makeEnvironment(endpoint),
    <CardScreen onShow={(shown) => cards.next(shown)} />,
    (error) => cards.error(error),
  );
  const first = (await firstValueFrom(cards.pipe(filter((each) => each !== null))))!;
  first.refetch({ more: true });
  const second = (await firstValueFrom(
    cards.pipe(filter((each) => each?.card.segments !== undefined)),
  ))!;
  return { heading: place.textContent, first: first.card, second: second.card };
});
