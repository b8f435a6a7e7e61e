import { visible } from "./pool.ts";

/** What a collection holds: versions by name. */
export type Content = ReadonlyMap<string, string>;

export const nothing: Content = new Map();

/** Content as one text that is equal for equal content. */
export function textOf(content: Content = nothing): string {
  return [...content]
    .map(([name, version]) => `${name}@${version}`)
    .sort()
    .join(" ");
}

/** What of a content a sink gets to see. */
export function seen(collection: string, content: Content = nothing): Content {
  return new Map([...content].filter(([name, version]) => visible(collection, name, version) !== undefined));
}
