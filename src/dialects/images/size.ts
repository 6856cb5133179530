import type { ImageSize } from '../canonical/image.ts';

/** How far a ratio of sides may be from a named one: 1792x1024 passes for 16:9. */
const tolerance = 0.03;

/** The name of the ratio nearest to a size's, of those a model takes; `undefined` when none is near. */
export function nearestRatio({ width, height }: ImageSize, names: readonly string[]): string | undefined {
  const wanted = width / height;
  const distances = names.map((name) => {
    const [across = 1, down = 1] = name.split(':').map(Number);
    return { name, distance: Math.abs(across / down / wanted - 1) };
  });
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= tolerance ? nearest.name : undefined;
}

/** Resolutions by the length of the longer side, in the words Google uses. */
export function resolutionOf({ width, height }: ImageSize): '1K' | '2K' | '4K' {
  const longer = Math.max(width, height);
  if (longer <= 1792) return '1K';
  return longer <= 2880 ? '2K' : '4K';
}
