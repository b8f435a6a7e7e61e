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

/** Why a request can't be taken in: its bytes are none, or one of its lists is longer than `MAX_NAMES`. */
export type Unreadable = "malformed" | "too many names";

/**
 * Names that a list of a request may have, and a subscription altogether. Who needs more asks for everything: a name costs up to
 * a microsecond each time that content or wishes change, and nobody else is served meanwhile.
 */
export const MAX_NAMES = 200_000;

const stateFields: Fields = { node: 2, typeUrl: 4, nonce: 5, error: 6 };
const deltaFields: Fields = { node: 1, typeUrl: 2, nonce: 6, error: 7 };

/** Decodes a request. */
export function decodeRequest(bytes: Uint8Array): DiscoveryRequest | Unreadable {
  const request: DiscoveryRequest = { ...blank(), names: [] };
  return decode(bytes, stateFields, request, (number, reader) => {
    if (number !== 3) return false;
    return request.names.push(reader.string());
  });
}

/** Decodes a delta request. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaDiscoveryRequest | Unreadable {
  const request: DeltaDiscoveryRequest = { ...blank(), subscribe: [], unsubscribe: [], initialVersions: new Map() };
  return decode(bytes, deltaFields, request, (number, reader) => {
    if (number === 3) return request.subscribe.push(reader.string());
    if (number === 4) return request.unsubscribe.push(reader.string());
    if (number !== 5) return false;
    readEntry(nested(reader), request.initialVersions);
    return request.initialVersions.size;
  });
}

function blank(): AnyRequest {
  return { node: undefined, typeUrl: "", nonce: "", error: undefined };
}

/** Thrown in the middle of a request: what follows is not even looked at. */
class TooManyNames extends Error {}

/** @param special takes in a length-delimited field that only this kind of request has, and gives how long its list is by now */
function decode<Request extends AnyRequest>(
  bytes: Uint8Array,
  fields: Fields,
  request: Request,
  special: (number: number, reader: BinaryReader) => number | false,
): Request | Unreadable {
  try {
    const reader = new BinaryReader(bytes);
    readFields(reader, (number, wire) => {
      if (wire !== WireType.LengthDelimited) return false;
      if (number === fields.node) readNode(nested(reader), (request.node ??= { id: "", metadata: new Map() }));
      else if (number === fields.typeUrl) request.typeUrl = reader.string();
      else if (number === fields.nonce) request.nonce = reader.string();
      else if (number === fields.error) readStatus(nested(reader), (request.error ??= { code: 0, message: "" }));
      else {
        const length = special(number, reader);
        if (length === false) return false;
        if (length > MAX_NAMES) throw new TooManyNames();
      }
      return true;
    });
    return request;
  } catch (error) {
    // The reader throws on truncated and malformed input.
    return error instanceof TooManyNames ? "too many names" : "malformed";
  }
}
