import { EVENT_ID, SCALAR_STYLE, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from "js-yaml";
import { offsetOf, scalarText } from "./events.ts";
import { YamlFault } from "./fault.ts";
import { MAX_ALIASED_NODES, MAX_DEPTH } from "./limits.ts";
import { keyText, resolvePlain, type Scalar } from "./scalar.ts";
import { resolveTagged, shown, tagName } from "./tags.ts";

/**
 * Builds the plain value of the one document in `events`; null when there is none. Values reached by an alias are shared,
 * never copied, and never contain themselves.
 *
 * @throws YamlFault for what a value can't be made of.
 */
export function construct(text: string, events: readonly Event[]): unknown {
  return new Construction(text).run(events);
}

interface Anchor {
  value: unknown;
  /** Levels of nesting below and including the node. */
  height: number;
  /** Nodes in the tree that the node stands for, with all aliases written out. */
  weight: number;
  complete: boolean;
}

/** An open collection. */
interface Frame {
  readonly value: unknown[] | Record<string, unknown>;
  readonly offset: number;
  readonly anchor: Anchor | undefined;
  readonly weightBefore: number;
  height: number;
  key: string | undefined;
  keyOffset: number;
  /** The pending key is `<<`. */
  merging: boolean;
  /** Keys that came by `<<`: one written out takes their place, wherever it stands. */
  merged: Set<string> | undefined;
}

class Construction {
  readonly #text: string;
  readonly #frames: Frame[] = [];
  readonly #anchors: Map<string, Anchor> = new Map();
  #prefixes: ReadonlyMap<string, string> = new Map();
  #weight = 0;
  #aliased = 0;
  #documents = 0;
  /** Where the last node with a text began: a missing value has no place of its own. */
  #lastOffset = 0;
  #result: unknown = null;

  constructor(text: string) {
    this.#text = text;
  }

  run(events: readonly Event[]): unknown {
    for (const event of events) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          if (++this.#documents > 1)
            throw new YamlFault("yaml-syntax", "a second document starts here", this.#text.length);
          this.#prefixes = new Map(event.directives.flatMap((d) => (d.kind === "tag" ? [[d.handle, d.prefix]] : [])));
          break;
        case EVENT_ID.SCALAR:
          this.#scalar(event);
          break;
        case EVENT_ID.SEQUENCE:
          this.#open(event, "seq", []);
          break;
        case EVENT_ID.MAPPING:
          this.#open(event, "map", {});
          break;
        case EVENT_ID.ALIAS:
          this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd), event.anchorStart - 1);
          break;
        case EVENT_ID.POP:
          this.#close();
          break;
      }
    }
    return this.#result;
  }

  #scalar(event: ScalarEvent): void {
    const offset = offsetOf(event) ?? this.#lastOffset;
    this.#lastOffset = offset;
    const text = scalarText(this.#text, event);
    const frame = this.#frames.at(-1);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const tag =
      event.tagStart < 0 ? undefined : tagName(this.#text.slice(event.tagStart, event.tagEnd), this.#prefixes);
    if (frame !== undefined && expectsKey(frame) && text === "<<" && (tag === undefined ? plain : tag === "merge")) {
      frame.key = text;
      frame.keyOffset = offset;
      frame.merging = true;
      return;
    }
    let value: Scalar;
    if (tag === undefined) value = plain ? resolvePlain(text) : text;
    else {
      const tagged = resolveTagged(tag, text);
      if (!tagged.ok) throw new YamlFault("invalid-tag", tagged.why, offset);
      value = tagged.value;
    }
    if (event.anchorStart >= 0) this.#anchor(event, { value, height: 0, weight: 1, complete: true });
    this.#weight++;
    this.#add(value, 0, offset);
  }

  #open(event: SequenceEvent | MappingEvent, kind: "seq" | "map", value: unknown[] | Record<string, unknown>): void {
    const offset = offsetOf(event) ?? this.#lastOffset;
    this.#lastOffset = offset;
    if (event.tagStart >= 0) {
      const tag = tagName(this.#text.slice(event.tagStart, event.tagEnd), this.#prefixes);
      const what = kind === "seq" ? "list" : "mapping";
      if (tag !== kind && tag !== "!")
        throw new YamlFault("invalid-tag", `the tag ${shown(tag)} has no meaning on a ${what}; remove it`, offset);
    }
    const parent = this.#frames.at(-1);
    if (parent !== undefined && expectsKey(parent))
      throw new YamlFault("invalid-key", "a key must be a single value, not a collection", offset);
    const anchor =
      event.anchorStart < 0 ? undefined : this.#anchor(event, { value, height: 0, weight: 0, complete: false });
    this.#frames.push({
      value,
      offset,
      anchor,
      weightBefore: this.#weight++,
      height: 0,
      key: undefined,
      keyOffset: offset,
      merging: false,
      merged: undefined,
    });
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return; // the end of the document itself
    const height = frame.height + 1;
    if (frame.anchor !== undefined) {
      frame.anchor.height = height;
      frame.anchor.weight = this.#weight - frame.weightBefore;
      frame.anchor.complete = true;
    }
    this.#add(frame.value, height, frame.offset);
  }

  #anchor(event: ScalarEvent | SequenceEvent | MappingEvent, anchor: Anchor): Anchor {
    this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), anchor);
    return anchor;
  }

  #alias(name: string, offset: number): void {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined)
      throw new YamlFault("invalid-alias", `no anchor &${name} comes before the alias *${name}`, offset);
    if (!anchor.complete)
      throw new YamlFault("invalid-alias", `the alias *${name} stands inside its own anchor`, offset);
    this.#aliased += anchor.weight;
    this.#weight += anchor.weight;
    if (this.#aliased > MAX_ALIASED_NODES) {
      throw new YamlFault(
        "invalid-alias",
        `the aliases stand for more than ${MAX_ALIASED_NODES} values; write out less by alias`,
        offset,
      );
    }
    this.#add(anchor.value, anchor.height, offset);
  }

  #add(value: unknown, height: number, offset: number): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) {
      this.#result = value;
      return;
    }
    if (height + this.#frames.length > MAX_DEPTH) {
      throw new YamlFault("too-deep", `nested more than ${MAX_DEPTH} levels deep`, offset);
    }
    if (height > frame.height) frame.height = height;
    if (Array.isArray(frame.value)) frame.value.push(value);
    else if (frame.key === undefined) this.#key(frame, value, offset);
    else this.#pair(frame, frame.value, frame.key, value, offset);
  }

  #key(frame: Frame, value: unknown, offset: number): void {
    if (typeof value === "object" && value !== null) {
      throw new YamlFault("invalid-key", "a key must be a single value, not a collection", offset);
    }
    const key = keyText(value as Scalar);
    if (key === undefined) throw new YamlFault("invalid-key", "a key is missing; an empty key must be quoted", offset);
    frame.key = key;
    frame.keyOffset = offset;
  }

  #pair(frame: Frame, map: Record<string, unknown>, key: string, value: unknown, offset: number): void {
    frame.key = undefined;
    if (frame.merging) {
      frame.merging = false;
      this.#merge(frame, map, value, offset);
      return;
    }
    if (Object.hasOwn(map, key) && frame.merged?.delete(key) !== true) {
      throw new YamlFault(
        "duplicate-key",
        `the key ${JSON.stringify(key.slice(0, 100))} is given twice`,
        frame.keyOffset,
      );
    }
    define(map, key, value);
  }

  // Keys written out win over merged ones and earlier merged ones over later, as the merge specification has it. (go-yaml v2
  // lets `<<` override what stands above it; nobody can mean that.)
  #merge(frame: Frame, map: Record<string, unknown>, value: unknown, offset: number): void {
    const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
    frame.merged ??= new Set();
    for (const source of sources) {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        throw new YamlFault("invalid-alias", "<< takes a mapping or a list of mappings, by alias", offset);
      }
      for (const [key, member] of Object.entries(source)) {
        if (++this.#aliased > MAX_ALIASED_NODES) {
          throw new YamlFault("invalid-alias", `<< merges more than ${MAX_ALIASED_NODES} keys`, offset);
        }
        if (Object.hasOwn(map, key)) continue;
        define(map, key, member);
        frame.merged.add(key);
      }
    }
  }
}

function expectsKey(frame: Frame): boolean {
  return frame.key === undefined && !Array.isArray(frame.value);
}

/** Sets an own property, whatever its name: a plain assignment to `__proto__` would not. */
function define(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
