import { BinaryReader, type WireType } from "@bufbuild/protobuf/wire";

/** A decoded `istio.mcp.v1alpha1.Resources`; bodies are views of its bytes. */
export interface WireResources {
  version: string;
  collection: string;
  readonly resources: WireResource[];
  readonly removed: string[];
  nonce: string;
  incremental: boolean;
}

export interface WireResource {
  metadata: WireMetadata | undefined;
  body: { typeUrl: string; value: Uint8Array } | undefined;
}

interface WireMetadata {
  name: string;
  version: string;
  createTime: { seconds: number; nanos: number } | undefined;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/**
 * Decodes a push; `undefined` when the bytes are not one. Written by hand on the library's reader, because with tens of
 * thousands of resources in a message it is most of what a sink does. Takes what `fromBinary` takes, and reads it alike.
 */
export function decodeResources(bytes: Uint8Array): WireResources | undefined {
  try {
    return readResources(new BinaryReader(bytes));
  } catch {
    return undefined; // the reader throws on truncated and malformed input
  }
}

/** Reads one field of a message that begins at the reader's place; `false` when its number means nothing here. */
type ReadField = (number: number, wire: WireType) => boolean;

/** Fields are told apart by number alone, as the library does it: a wrong wire type shows in what follows. */
function eachField(reader: BinaryReader, end: number, read: ReadField): void {
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    if (!read(number, wire)) reader.skip(wire, number);
  }
}

function readResources(reader: BinaryReader): WireResources {
  const message: WireResources = {
    version: "",
    collection: "",
    resources: [],
    removed: [],
    nonce: "",
    incremental: false,
  };
  eachField(reader, reader.len, (number) => {
    if (number === 1) message.version = reader.string(true);
    else if (number === 2) message.collection = reader.string(true);
    else if (number === 3) message.resources.push(readResource(reader));
    else if (number === 4) message.removed.push(reader.string(true));
    else if (number === 5) message.nonce = reader.string(true);
    else if (number === 6) message.incremental = reader.bool();
    else return false;
    return true;
  });
  return message;
}

function readResource(reader: BinaryReader): WireResource {
  const resource: WireResource = { metadata: undefined, body: undefined };
  eachField(reader, endOf(reader), (number) => {
    if (number === 1) resource.metadata = readMetadata(reader, resource.metadata);
    else if (number === 2) resource.body = readBody(reader, resource.body);
    else return false;
    return true;
  });
  return resource;
}

// A message field that comes twice is merged: the second adds to the first.
function readBody(reader: BinaryReader, before: WireResource["body"]): NonNullable<WireResource["body"]> {
  const body = before ?? { typeUrl: "", value: new Uint8Array() };
  eachField(reader, endOf(reader), (number) => {
    if (number === 1) body.typeUrl = reader.string(true);
    else if (number === 2) body.value = reader.bytes();
    else return false;
    return true;
  });
  return body;
}

function readMetadata(reader: BinaryReader, before: WireMetadata | undefined): WireMetadata {
  const metadata = before ?? { name: "", version: "", createTime: undefined, labels: {}, annotations: {} };
  eachField(reader, endOf(reader), (number) => {
    if (number === 1) metadata.name = reader.string(true);
    else if (number === 2) metadata.createTime = readTime(reader, metadata.createTime);
    else if (number === 3) metadata.version = reader.string(true);
    else if (number === 4) readEntry(reader, metadata.labels);
    else if (number === 5) readEntry(reader, metadata.annotations);
    else return false;
    return true;
  });
  return metadata;
}

function readTime(reader: BinaryReader, before: WireMetadata["createTime"]): NonNullable<WireMetadata["createTime"]> {
  const time = before ?? { seconds: 0, nanos: 0 };
  eachField(reader, endOf(reader), (number) => {
    if (number === 1) time.seconds = Number(reader.int64());
    else if (number === 2) time.nanos = reader.int32();
    else return false;
    return true;
  });
  return time;
}

function readEntry(reader: BinaryReader, into: Record<string, string>): void {
  let key = "";
  let value = "";
  eachField(reader, endOf(reader), (number) => {
    if (number === 1) key = reader.string(true);
    else if (number === 2) value = reader.string(true);
    return true;
  });
  into[key] = value;
}

/** Where the nested message ends that begins with its length. */
function endOf(reader: BinaryReader): number {
  const length = reader.uint32();
  return reader.pos + length;
}
