import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ResourceName, ResourceVersion } from "../model/names.ts";

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
 * Decodes a request; `undefined` when the bytes are not one. Written by hand on the library's reader because a storm of
 * ACKs is mostly this; its size is bounded by the transport's message limit.
 */
export function decodeRequest(bytes: Uint8Array): RequestResources | undefined {
  try {
    return read(new BinaryReader(bytes));
  } catch {
    return undefined; // the reader throws on truncated and malformed input
  }
}

function read(reader: BinaryReader): RequestResources {
  let sinkId = "";
  let annotations: ReadonlyMap<string, string> = none;
  let collection = "";
  let kept: Map<string, string> | undefined;
  let nonce = "";
  let error: RequestResources["error"];
  let incremental = false;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) ({ sinkId, annotations } = readNode(nested(reader)));
    else if (number === 2 && wire === WireType.LengthDelimited) collection = reader.string();
    else if (number === 3 && wire === WireType.LengthDelimited) readEntry(nested(reader), (kept ??= new Map()));
    else if (number === 4 && wire === WireType.LengthDelimited) nonce = reader.string();
    else if (number === 5 && wire === WireType.LengthDelimited) error = readStatus(nested(reader));
    else if (number === 6 && wire === WireType.Varint) incremental = reader.bool();
    else reader.skip(wire, number);
  }
  return {
    sinkId,
    annotations,
    collection,
    kept: (kept ?? none) as ReadonlyMap<ResourceName, ResourceVersion>,
    nonce,
    error,
    incremental,
  };
}

function readNode(reader: BinaryReader): Pick<RequestResources, "sinkId" | "annotations"> {
  let sinkId = "";
  let annotations: Map<string, string> | undefined;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) sinkId = reader.string();
    else if (number === 2 && wire === WireType.LengthDelimited) readEntry(nested(reader), (annotations ??= new Map()));
    else reader.skip(wire, number);
  }
  return { sinkId, annotations: annotations ?? none };
}

function readStatus(reader: BinaryReader): { code: number; message: string } {
  let code = 0;
  let message = "";
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.Varint) code = reader.int32();
    else if (number === 2 && wire === WireType.LengthDelimited) message = reader.string();
    else reader.skip(wire, number);
  }
  return { code, message };
}

function readEntry(reader: BinaryReader, into: Map<string, string>): void {
  let key = "";
  let value = "";
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) key = reader.string();
    else if (number === 2 && wire === WireType.LengthDelimited) value = reader.string();
    else reader.skip(wire, number);
  }
  into.set(key, value);
}

/** A view of a nested message: nothing is copied. */
function nested(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes());
}
