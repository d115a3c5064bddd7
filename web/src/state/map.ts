/** A point in the plane; y grows upwards. */
export interface Point {
  x: number;
  y: number;
}

/** The index of the point nearest to (x, y), or -1 if none is within `maxDistance`. */
export function nearest(points: readonly Point[], { x, y }: Point, maxDistance: number): number {
  let [best, min] = [-1, maxDistance * maxDistance];
  points.forEach((point, i) => {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= min) [best, min] = [i, distance];
  });
  return best;
}

/**
 * The index of the next point from point `from` in a direction (a unit vector): the nearest one within 60 degrees of
 * it, where points off to the side count as farther away. Returns `from` if there is none.
 */
export function neighbour(points: readonly Point[], from: number, direction: Point): number {
  const start = points[from];
  if (!start) return from;
  let [best, min] = [from, Number.POSITIVE_INFINITY];
  points.forEach((point, i) => {
    const [dx, dy] = [point.x - start.x, point.y - start.y];
    const ahead = dx * direction.x + dy * direction.y;
    const distance = Math.hypot(dx, dy);
    if (i === from || ahead <= distance / 2 || distance === 0) return;
    const cost = distance * (2 - ahead / distance);
    if (cost < min) [best, min] = [i, cost];
  });
  return best;
}
