import type { SinkView } from "../serving/view.ts";

/** Merges lists that are each in the order of their ids; none is looked at before it is its turn, for they may be long. */
export function* inOrderOfIds(lists: readonly Iterable<SinkView>[]): IterableIterator<SinkView> {
  const heads: { readonly rest: Iterator<SinkView>; first: SinkView }[] = [];
  for (const list of lists) {
    const rest = list[Symbol.iterator]();
    const { value, done } = rest.next();
    if (done !== true) heads.push({ rest, first: value });
  }
  while (heads.length > 0) {
    const least = heads.reduce((a, b) => (a.first.id < b.first.id ? a : b));
    yield least.first;
    const { value, done } = least.rest.next();
    if (done === true) heads.splice(heads.indexOf(least), 1);
    else least.first = value;
  }
}
