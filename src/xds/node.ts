import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { nested, readFields } from "../wire/read.ts";
import { GENERATOR_KEY, REVISION_KEY } from "./protocol.ts";

/** What a client says of itself; not authenticated. */
export interface Node {
  id: string;
  /** The texts among its metadata that matter here. */
  readonly metadata: Map<string, string>;
}

const wanted: ReadonlySet<string> = new Set([REVISION_KEY, GENERATOR_KEY, "ISTIO_VERSION", "NAMESPACE"]);

/** Adds what a piece of an `envoy.config.core.v3.Node` says. */
export function readNode(reader: BinaryReader, node: Node): void {
  readFields(reader, (number, wire) => {
    if (wire !== WireType.LengthDelimited) return false;
    if (number === 1) node.id = reader.string();
    else if (number === 3) readStruct(nested(reader), node.metadata);
    else return false;
    return true;
  });
}

/** Takes the wanted texts out of a `google.protobuf.Struct`. */
function readStruct(reader: BinaryReader, into: Map<string, string>): void {
  readFields(reader, (number, wire) => {
    if (number !== 1 || wire !== WireType.LengthDelimited) return false;
    readMember(nested(reader), into);
    return true;
  });
}

function readMember(reader: BinaryReader, into: Map<string, string>): void {
  let key = "";
  let text: string | undefined;
  readFields(reader, (number, wire) => {
    if (wire !== WireType.LengthDelimited) return false;
    if (number === 1) key = reader.string();
    else if (number === 2) text = readText(nested(reader));
    else return false;
    return true;
  });
  if (!wanted.has(key)) return;
  // What is said last counts, even if it is no text.
  if (text === undefined) into.delete(key);
  else into.set(key, text);
}

/** The text of a `google.protobuf.Value`; `undefined` for any other kind of value. */
function readText(reader: BinaryReader): string | undefined {
  let text: string | undefined;
  readFields(reader, (number, wire) => {
    if (number !== 3 || wire !== WireType.LengthDelimited) return false;
    text = reader.string();
    return true;
  });
  return text;
}
