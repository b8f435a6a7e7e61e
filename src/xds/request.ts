import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { nested, readEntry, readFields, readStatus, type RpcStatus } from "../wire/read.ts";
import { type Node, readNode } from "./node.ts";

/** What the requests of both dialects have. */
export interface AnyRequest {
  /** Not every request carries one. */
  node: Node | undefined;
  typeUrl: string;
  nonce: string;
  /** Present makes the request a NACK, whatever the code. */
  error: RpcStatus | undefined;
}

/** A decoded `DiscoveryRequest`. What it says of the version is of no use: answers are told by their nonce. */
export interface DiscoveryRequest extends AnyRequest {
  readonly names: string[];
}

/** A decoded `DeltaDiscoveryRequest`. */
export interface DeltaDiscoveryRequest extends AnyRequest {
  readonly subscribe: string[];
  readonly unsubscribe: string[];
  readonly initialVersions: Map<string, string>;
}

/** Field numbers of what both requests have. */
interface Fields {
  readonly node: number;
  readonly typeUrl: number;
  readonly nonce: number;
  readonly error: number;
}

const stateFields: Fields = { node: 2, typeUrl: 4, nonce: 5, error: 6 };
const deltaFields: Fields = { node: 1, typeUrl: 2, nonce: 6, error: 7 };

/** Decodes a request; `undefined` when the bytes are not one. */
export function decodeRequest(bytes: Uint8Array): DiscoveryRequest | undefined {
  const request: DiscoveryRequest = { ...blank(), names: [] };
  return decode(bytes, stateFields, request, (number, reader) => {
    if (number !== 3) return false;
    request.names.push(reader.string());
    return true;
  });
}

/** Decodes a delta request; `undefined` when the bytes are not one. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaDiscoveryRequest | undefined {
  const request: DeltaDiscoveryRequest = { ...blank(), subscribe: [], unsubscribe: [], initialVersions: new Map() };
  return decode(bytes, deltaFields, request, (number, reader) => {
    if (number === 3) request.subscribe.push(reader.string());
    else if (number === 4) request.unsubscribe.push(reader.string());
    else if (number === 5) readEntry(nested(reader), request.initialVersions);
    else return false;
    return true;
  });
}

function blank(): AnyRequest {
  return { node: undefined, typeUrl: "", nonce: "", error: undefined };
}

/** @param special takes in a length-delimited field that only this kind of request has */
function decode<Request extends AnyRequest>(
  bytes: Uint8Array,
  fields: Fields,
  request: Request,
  special: (number: number, reader: BinaryReader) => boolean,
): Request | undefined {
  try {
    const reader = new BinaryReader(bytes);
    readFields(reader, (number, wire) => {
      if (wire !== WireType.LengthDelimited) return false;
      if (number === fields.node) readNode(nested(reader), (request.node ??= { id: "", metadata: new Map() }));
      else if (number === fields.typeUrl) request.typeUrl = reader.string();
      else if (number === fields.nonce) request.nonce = reader.string();
      else if (number === fields.error) readStatus(nested(reader), (request.error ??= { code: 0, message: "" }));
      else return special(number, reader);
      return true;
    });
    return request;
  } catch {
    return undefined; // the reader throws on truncated and malformed input
  }
}
