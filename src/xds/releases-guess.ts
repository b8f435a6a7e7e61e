import { type Release, releases } from "./releases.ts";
import { MESH_CONFIG_URL } from "./releases-kinds.ts";

/** Which releases a client may be of, from what it has asked for so far. */
export interface ReleaseGuess {
  readonly oldest: Release;
  readonly newest: Release;
  /**
   * Whether exactly these kinds are all that the releases named ask for. As long as it is false the client is still asking,
   * or asks for a part of what any istiod would. Another request can still turn a settled guess into a later release.
   */
  readonly settled: boolean;
}

/**
 * Guesses the release of an istiod by the type URLs that its stream has asked for, in any order: nothing else tells it, as
 * the version in its node is a constant. MeshConfig says nothing. `undefined` where nothing was asked for yet, or something
 * that no release asks for.
 */
export function guessRelease(askedTypeUrls: Iterable<string>): ReleaseGuess | undefined {
  const asked = new Set(askedTypeUrls);
  asked.delete(MESH_CONFIG_URL);
  if (asked.size === 0) return undefined;
  const able = releases.filter(({ typeUrls }) => [...asked].every((url) => typeUrls.includes(url)));
  const exact = able.filter(({ typeUrls }) => typeUrls.length === asked.size);
  const [oldest] = exact.length > 0 ? exact : able;
  const newest = (exact.length > 0 ? exact : able).at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  return { oldest, newest, settled: exact.length > 0 };
}
