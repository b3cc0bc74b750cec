/** Where the numbers of a printed map stand, so that each can be read however close the places lie. */

export interface Spot {
  x: number;
  y: number;
}

/** Directions that are tried around a place, and how far the rings lie apart, in radii. */
const DIRECTIONS = 24;
const RING_STEP = 0.5;

/**
 * For each anchor the middle of a disc of this radius: on the anchor where it is free, else as near to it as the discs before it
 * allow. No two discs overlap and all lie within the frame, as long as the frame has room for them. Earlier anchors come first.
 */
export function pinPlaces(anchors: readonly Spot[], radius: number, width: number, height: number): Spot[] {
  const placed: Spot[] = [];
  const free = (spot: Spot) => placed.every((other) => Math.hypot(other.x - spot.x, other.y - spot.y) >= 2 * radius);
  const farthest = Math.hypot(width, height);
  for (const anchor of anchors) {
    const inside = within(anchor, radius, width, height);
    let best: Spot | null = free(inside) ? inside : null;
    for (let ring = RING_STEP * radius; !best && ring <= farthest; ring += RING_STEP * radius) {
      let nearest = Infinity;
      for (let n = 0; n < DIRECTIONS; n += 1) {
        // Up first: a number above its place is what people expect of a pin.
        const angle = -Math.PI / 2 + ((n % 2 === 0 ? n : -n - 1) * Math.PI) / DIRECTIONS;
        const spot = within(
          { x: anchor.x + ring * Math.cos(angle), y: anchor.y + ring * Math.sin(angle) },
          radius,
          width,
          height,
        );
        const away = Math.hypot(spot.x - anchor.x, spot.y - anchor.y);
        if (away < nearest - 1e-9 && free(spot)) [best, nearest] = [spot, away];
      }
    }
    // A frame that is full: better two numbers on each other than one that is missing.
    placed.push(best ?? inside);
  }
  return placed;
}

function within({ x, y }: Spot, radius: number, width: number, height: number): Spot {
  return {
    x: Math.min(Math.max(x, radius), width - radius),
    y: Math.min(Math.max(y, radius), height - radius),
  };
}
