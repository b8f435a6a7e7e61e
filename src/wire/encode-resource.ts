import { CONTENT_HASH_LENGTH, contentHash } from "../lib/hash.ts";
import { type BodySpec, type Span, encodeSpans, writeBody } from "./encode-body.ts";
import type { Issue, Path } from "./issue.ts";
import { type ByteStore, exactCopies } from "./slab.ts";
import type { Encoding } from "./transcode/encoding.ts";
import { sortedKeys } from "./transcode/sorted-keys.ts";
import type { Instant } from "./transcode/timestamp.ts";
import { DELIMITED, VARINT } from "./transcode/writer.ts";

/** What a resource says of itself beside its body. */
export interface ResourceMetadata {
  /** `namespace/name`, or `name` alone. */
  readonly name: string;
  /** `undefined`: unknown, which sinks are told as the first instant of the year 1. */
  readonly createTime: Instant | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Whole `istio.mcp.v1alpha1.Resource` messages, one for each API generation: the same array twice when they are equal.
 * `version` is the hash of all that a sink of either generation can see; the bytes carry it too.
 */
export type EncodedResource =
  | {
      readonly ok: true;
      readonly version: string;
      readonly legacy: Uint8Array | undefined;
      readonly current: Uint8Array | undefined;
      readonly issues: readonly Issue[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** What Go's zero time is on the wire: Galley 1.3.6 says so of what it knows no creation time of. */
const UNKNOWN_TIME: Instant = { seconds: -62_135_596_800, nanos: 0 };

const blankVersion = "-".repeat(CONTENT_HASH_LENGTH);

/** Encodes a resource; `root` is where the body stands in its document. Equal content gives equal bytes and version. */
export function encodeResource(
  spec: BodySpec,
  metadata: ResourceMetadata,
  body: unknown,
  root: Path = [],
  store: ByteStore = exactCopies,
): EncodedResource {
  const versionAt: number[] = [];
  const { out, legacy, current, issues } = encodeSpans(spec, (walk, plan) => {
    versionAt.push(writeMetadata(walk, metadata));
    walk.bytes.tag(2, DELIMITED);
    const any = walk.bytes.begin();
    walk.bytes.tag(1, DELIMITED);
    walk.bytes.string(`type.googleapis.com/${spec.message}`);
    walk.bytes.tag(2, DELIMITED);
    const value = walk.bytes.begin();
    writeBody(walk, plan, body, root);
    // Go leaves an empty value out.
    if (walk.bytes.at === value) walk.bytes.rewind(value - 2);
    else walk.bytes.end(value);
    walk.bytes.end(any);
  });
  if (legacy === undefined && current === undefined) return { ok: false, issues };

  // The version is hashed over the resource with a blank in its place, which it then fills. The blank of an attempt that
  // failed lies outside of what is copied, or in the very place of the other's: metadata are the same for both.
  const version = versionOf(out, legacy, current);
  for (const at of versionAt) out.bytes.overwrite(at, version);
  const copy = (span: Span | undefined) => span && store.copy(out.bytes.view(span.start, span.end));
  const first = copy(legacy);
  const flat = out.bytes.ascii(versionAt[0]!, CONTENT_HASH_LENGTH);
  return { ok: true, version: flat, legacy: first, current: current === legacy ? first : copy(current), issues };
}

// What one generation alone can't express is part of the version too: it decides whom the resource reaches.
function versionOf(out: Encoding, legacy: Span | undefined, current: Span | undefined): string {
  const hash = (span: Span | undefined) =>
    span === undefined ? "none" : contentHash(out.bytes.view(span.start, span.end));
  return legacy === current ? hash(legacy) : contentHash(`${hash(legacy)} ${hash(current)}`);
}

/** Writes field 1 with a blank version, and says where the blank is. */
function writeMetadata(out: Encoding, metadata: ResourceMetadata): number {
  const { bytes } = out;
  bytes.tag(1, DELIMITED);
  const start = bytes.begin();
  out.enter("metadata");
  bytes.tag(1, DELIMITED);
  out.text(metadata.name);
  writeTime(out, metadata.createTime ?? UNKNOWN_TIME);
  bytes.tag(3, DELIMITED);
  bytes.string(blankVersion);
  const versionEnd = bytes.at;
  writeTexts(out, 4, "labels", metadata.labels);
  writeTexts(out, 5, "annotations", metadata.annotations);
  out.leave();
  const before = bytes.at;
  bytes.end(start);
  return versionEnd - CONTENT_HASH_LENGTH + (bytes.at - before);
}

function writeTime(out: Encoding, time: Instant): void {
  const { bytes } = out;
  bytes.tag(2, DELIMITED);
  const start = bytes.begin();
  if (time.seconds !== 0) {
    bytes.tag(1, VARINT);
    bytes.int64(time.seconds);
  }
  if (time.nanos !== 0) {
    bytes.tag(2, VARINT);
    bytes.int32(time.nanos);
  }
  bytes.end(start);
}

/** A map of texts, in the order of its keys. */
function writeTexts(out: Encoding, number: number, name: string, texts: Readonly<Record<string, string>>): void {
  const keys = sortedKeys(texts);
  out.visit(keys.length);
  out.enter(name);
  for (const key of keys) {
    out.enter(key);
    out.bytes.tag(number, DELIMITED);
    const start = out.bytes.begin();
    out.bytes.tag(1, DELIMITED);
    out.text(key);
    out.bytes.tag(2, DELIMITED);
    out.text(texts[key]!);
    out.bytes.end(start);
    out.leave();
  }
  out.leave();
}
