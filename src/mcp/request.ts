import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ResourceName, ResourceVersion } from "../model/names.ts";
import { nested, readEntry, readStatus } from "../wire/read.ts";

/** A decoded `istio.mcp.v1alpha1.RequestResources`. */
export interface RequestResources {
  readonly sinkId: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly collection: string;
  readonly kept: ReadonlyMap<ResourceName, ResourceVersion>;
  readonly nonce: string;
  /** Present makes the request a NACK, whatever the code. */
  readonly error: { readonly code: number; readonly message: string } | undefined;
  readonly incremental: boolean;
}

const none: ReadonlyMap<never, never> = new Map<never, never>();

/**
 * A reader of nothing, which lives for ever: V8 throws away what it has optimised for objects of a kind at the first full
 * collection that finds none of them alive, and ACKs come in bursts. To optimise their decoding anew for each burst took a
 * tenth of the CPU of a push to 10,000 sinks.
 */
const atItsEnd = new BinaryReader(new Uint8Array(0));

/**
 * Decodes a request; `undefined` when the bytes are not one. Written by hand on the library's reader because a storm of
 * ACKs is mostly this; its size is bounded by the transport's message limit.
 */
export function decodeRequest(bytes: Uint8Array): RequestResources | undefined {
  try {
    return read(bytes.length === 0 ? atItsEnd : new BinaryReader(bytes));
  } catch {
    return undefined; // the reader throws on truncated and malformed input
  }
}

// A nested message may come in several pieces, which make one message together: that is why their readers add to what is there.
function read(reader: BinaryReader): RequestResources {
  const node: Node = { sinkId: "", annotations: undefined };
  let collection = "";
  let kept: Map<string, string> | undefined;
  let nonce = "";
  let error: { code: number; message: string } | undefined;
  let incremental = false;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) readNode(nested(reader), node);
    else if (number === 2 && wire === WireType.LengthDelimited) collection = reader.string();
    else if (number === 3 && wire === WireType.LengthDelimited) readEntry(nested(reader), (kept ??= new Map()));
    else if (number === 4 && wire === WireType.LengthDelimited) nonce = reader.string();
    else if (number === 5 && wire === WireType.LengthDelimited)
      readStatus(nested(reader), (error ??= { code: 0, message: "" }));
    else if (number === 6 && wire === WireType.Varint) incremental = reader.bool();
    else reader.skip(wire, number);
  }
  return {
    sinkId: node.sinkId,
    annotations: node.annotations ?? none,
    collection,
    kept: (kept ?? none) as ReadonlyMap<ResourceName, ResourceVersion>,
    nonce,
    error,
    incremental,
  };
}

interface Node {
  sinkId: string;
  annotations: Map<string, string> | undefined;
}

function readNode(reader: BinaryReader, node: Node): void {
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) node.sinkId = reader.string();
    else if (number === 2 && wire === WireType.LengthDelimited)
      readEntry(nested(reader), (node.annotations ??= new Map()));
    else reader.skip(wire, number);
  }
}
