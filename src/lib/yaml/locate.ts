import { EVENT_ID, SCALAR_STYLE, type Event } from "js-yaml";
import { offsetOf, scalarText, yamlEvents } from "./events.ts";
import { positionAt, type Position } from "./position.ts";
import { keyText, resolvePlain } from "./scalar.ts";

/** Keys and indexes from the root of a document. */
export type YamlPath = readonly (string | number)[];

/**
 * Where the values at some paths stand in a document: at their key in a mapping, at their first character in a list. A path
 * that the text doesn't hold (through an alias, or to what is missing) gives the nearest place above it. One pass serves all
 * paths. `undefined` for every path when the text can't be parsed.
 */
export function locate(text: string, paths: readonly YamlPath[]): (Position | undefined)[] {
  let events: readonly Event[];
  try {
    events = yamlEvents(text);
  } catch {
    return paths.map(() => undefined);
  }
  const wanted = plan(paths);
  walk(text, events, wanted);
  return paths.map((path) => {
    let found = wanted.offset;
    let step: Wanted | undefined = wanted;
    for (const part of path) {
      step = step?.below.get(String(part));
      found = step?.offset ?? found;
    }
    return found === undefined ? undefined : positionAt(text, found);
  });
}

/** The wanted paths as a tree, filled with offsets as they are met. */
interface Wanted {
  offset: number | undefined;
  readonly below: Map<string, Wanted>;
}

function plan(paths: readonly YamlPath[]): Wanted {
  const root: Wanted = { offset: undefined, below: new Map() };
  for (const path of paths) {
    let at = root;
    for (const part of path) {
      let next = at.below.get(String(part));
      if (next === undefined) at.below.set(String(part), (next = { offset: undefined, below: new Map() }));
      at = next;
    }
  }
  return root;
}

interface Level {
  readonly isList: boolean;
  readonly wanted: Wanted | undefined;
  index: number;
  /** In a mapping: the key read last, until its value has passed. */
  pending: { readonly key: string | undefined; readonly offset: number } | undefined;
}

function walk(text: string, events: readonly Event[], root: Wanted): void {
  const levels: Level[] = [];
  let last = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      levels.pop();
      continue;
    }
    const level = levels.at(-1);
    const offset = event.type === EVENT_ID.ALIAS ? event.anchorStart - 1 : (offsetOf(event) ?? last);
    last = offset;
    let wanted: Wanted | undefined;
    if (level === undefined) {
      wanted = root;
      root.offset ??= offset;
    } else if (level.isList) {
      wanted = reach(level, String(level.index++), offset);
    } else if (level.pending === undefined) {
      level.pending = { key: keyOf(text, event), offset };
      if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) levels.push(opened(event, undefined));
      continue;
    } else {
      const { key, offset: keyOffset } = level.pending;
      level.pending = undefined;
      wanted = key === undefined ? undefined : reach(level, key, keyOffset);
    }
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) levels.push(opened(event, wanted));
  }
}

function opened(event: Event, wanted: Wanted | undefined): Level {
  return { isList: event.type === EVENT_ID.SEQUENCE, wanted, index: 0, pending: undefined };
}

function reach(level: Level, part: string, offset: number): Wanted | undefined {
  const wanted = level.wanted?.below.get(part);
  if (wanted !== undefined) wanted.offset ??= offset;
  return wanted;
}

function keyOf(text: string, event: Event): string | undefined {
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  const written = scalarText(text, event);
  return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 ? keyText(resolvePlain(written)) : written;
}
