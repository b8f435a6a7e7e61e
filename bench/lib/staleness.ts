import type { Publication } from "../processes/galley.ts";

/** How late a sink was to have something. */
interface Late {
  /** Place of the oldest publication that it brought, among those given. */
  readonly publication: number;
  /** How old the oldest change in it was, ms. */
  readonly ms: number;
}

/** For each arrival that brought something new: how old the oldest change was that the sink did not have until then. */
export function staleness(
  publications: readonly Publication[],
  sinks: readonly (readonly { readonly version: string; readonly at: number }[])[],
): Late[] {
  const places = new Map(publications.map(({ version }, place) => [version, place]));
  const late: Late[] = [];
  for (const arrivals of sinks) {
    let has = -1;
    for (const { version, at } of arrivals) {
      const place = places.get(version);
      if (place === undefined || place <= has) continue;
      const publication = has + 1;
      late.push({ publication, ms: at - publications[publication]!.changedAt });
      has = place;
    }
  }
  return late;
}
