import { moment } from "../json.ts";
import { listingOf } from "../listing.ts";
import type { Entry } from "../listing.ts";
import { list } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** How a source is doing. */
export interface SourceView {
  readonly name: string;
  readonly state: string;
  /** Wall clock milliseconds. */
  readonly since: number;
  readonly reason: { readonly message: string; readonly action: string } | undefined;
}

/** @param sources asked for anew at each question */
export function sourcesTopic(sources: () => Iterable<SourceView>): Topic {
  return {
    name: "sources",
    summary: "Where configuration comes from, how each source is doing, since when and why.",
    read: () => list(listingOf([...sources()].map(entry))),
  };
}

function entry({ name, state, since, reason }: SourceView): Entry {
  return {
    key: name,
    show: () => ({ name, state, since: moment(since), reason: reason?.message, action: reason?.action }),
  };
}
