import { codes } from "../../grpc/status.ts";
import { GalleyError } from "../../lib/errors.ts";

/** The source ended the stream because it does not serve a collection. */
export class UnsupportedCollectionError extends GalleyError {
  override readonly name = "UnsupportedCollectionError";
  readonly collection: string;

  constructor(address: string, collection: string) {
    const message = `${address} does not serve ${JSON.stringify(collection)}`;
    super("GLY_UNSUPPORTED_COLLECTION", message, { details: { address, collection } });
    this.collection = collection;
  }
}

/** The collection that a stream was ended for, from the words of the status: there is no other sign of it. */
export function unsupportedIn(code: number, message: string): string | undefined {
  if (code !== codes.InvalidArgument) return undefined;
  return /^unsupported collection "(.*)"$/.exec(message)?.[1];
}
