import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Pieces of messages that several protocols read by hand: a storm of ACKs is mostly this. */

/** The code and message of a `google.rpc.Status`. */
export interface RpcStatus {
  code: number;
  message: string;
}

/** A view of a nested message: nothing is copied. */
export function nested(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes());
}

/** Reads a message and calls `field` for each of its fields; what that does not take, by giving `false`, is passed over. */
export function readFields(reader: BinaryReader, field: (number: number, wire: WireType) => boolean): void {
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (!field(number, wire)) reader.skip(wire, number);
  }
}

/** Adds what a piece of a `google.rpc.Status` says: a nested message may come in several pieces. */
export function readStatus(reader: BinaryReader, status: RpcStatus): void {
  readFields(reader, (number, wire) => {
    if (number === 1 && wire === WireType.Varint) status.code = reader.int32();
    else if (number === 2 && wire === WireType.LengthDelimited) status.message = reader.string();
    else return false;
    return true;
  });
}

/** Adds one entry of a `map<string, string>`. */
export function readEntry(reader: BinaryReader, into: Map<string, string>): void {
  let key = "";
  let value = "";
  readFields(reader, (number, wire) => {
    if (number === 1 && wire === WireType.LengthDelimited) key = reader.string();
    else if (number === 2 && wire === WireType.LengthDelimited) value = reader.string();
    else return false;
    return true;
  });
  into.set(key, value);
}
