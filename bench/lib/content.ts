import { contentHash } from "../../src/lib/hash.ts";
import type { Collection, ResourceName, ResourceVersion } from "../../src/model/names.ts";
import type { Resource } from "../../src/model/resource.ts";
import { bytesField, concat, stringField } from "../../src/wire/fields.ts";

const origin = { describe: (): string => "bench" };

/** A resource of about so many bytes on the wire, made without a document; another revision is another content. */
export function resourceOf(collection: string, index: number, revision: number, bytes: number): Resource {
  const name = `bench/entry-${String(index).padStart(6, "0")}`;
  const version = contentHash(`${name} ${revision}`);
  const metadata = concat([stringField(1, name), stringField(3, version)]);
  const typeUrl = stringField(1, "type.googleapis.com/google.protobuf.BytesValue");
  const filler = Buffer.alloc(Math.max(0, bytes - metadata.length - typeUrl.length - 8), `${revision} `);
  const body = concat([typeUrl, ...bytesField(2, filler)]);
  const encoded = concat([...bytesField(1, metadata), ...bytesField(2, body)]);
  return {
    collection: collection as Collection,
    name: name as ResourceName,
    version: version as ResourceVersion,
    legacy: encoded,
    current: encoded,
    origin,
  };
}

/** A push of this size as bare servers send it: what the load client looks at stands where it looks. */
export function pushOfBytes(collection: string, bytes: number): Buffer {
  const front = concat([stringField(1, "v".repeat(22)), stringField(2, collection)]);
  const end = stringField(5, "1");
  const filler = bytes - front.length - end.length - 5;
  return Buffer.concat([front, ...bytesField(3, Buffer.alloc(filler, 1)), end]);
}
