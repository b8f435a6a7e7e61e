import type { Collection, ResourceName, ResourceVersion } from "../../src/model/names.ts";
import type { Resource } from "../../src/model/resource.ts";
import { bytesField, concat, stringField } from "../../src/wire/fields.ts";

const origin = { describe: (): string => "test" };

/** A resource whose bytes are a true `mcp.Resource` with a name, a version and an empty body. */
export function makeResource(collection: string, name: string, version: string): Resource {
  const metadata = concat([stringField(1, name), stringField(3, version)]);
  const body = concat([stringField(1, "type.googleapis.com/google.protobuf.Empty")]);
  const bytes = concat([...bytesField(1, metadata), ...bytesField(2, body)]);
  return {
    collection: collection as Collection,
    name: name as ResourceName,
    version: version as ResourceVersion,
    legacy: bytes,
    current: bytes,
    origin,
  };
}
