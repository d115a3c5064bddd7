/** A place in the plane; y grows upwards. */
export interface Place {
  x: number;
  y: number;
}

/** The index of the place nearest to (x, y), -1 where none is within `reach`. Thousands take microseconds. */
export function nearest(places: readonly Place[], { x, y }: Place, reach: number): number {
  let [best, least] = [-1, reach * reach];
  places.forEach((place, i) => {
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance <= least) [best, least] = [i, distance];
  });
  return best;
}

/**
 * The index of the next place from place `from` in a direction (a unit vector): the nearest of those within 60 degrees
 * of it, where being off to the side counts as being farther. `from` itself where there is none.
 */
export function neighbour(places: readonly Place[], from: number, direction: Place): number {
  const start = places[from];
  if (!start) return from;
  let [best, least] = [from, Number.POSITIVE_INFINITY];
  places.forEach((place, i) => {
    const [dx, dy] = [place.x - start.x, place.y - start.y];
    const ahead = dx * direction.x + dy * direction.y;
    const distance = Math.hypot(dx, dy);
    if (i === from || ahead <= distance / 2 || distance === 0) return;
    const cost = distance * (2 - ahead / distance);
    if (cost < least) [best, least] = [i, cost];
  });
  return best;
}
