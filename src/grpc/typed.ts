import { fromBinary, type DescMessage, type DescMethod, type MessageShape } from "@bufbuild/protobuf";
import type { Closed, Method, ServerStream, StreamHandler } from "./method.ts";
import { OK, status, type Status } from "./status.ts";

/** How a unary call is answered: the encoded response, or a status other than OK. */
export type Answer =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly status: Status };

/** The path of a method on the wire. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Decodes a request; what can't be decoded gives the status to end the call with. */
export function decodeRequest<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): { readonly ok: true; readonly message: MessageShape<Desc> } | { readonly ok: false; readonly status: Status } {
  try {
    return { ok: true, message: fromBinary(schema, bytes) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, status: status("Internal", `the request is not a ${schema.typeName}: ${why}`) };
  }
}

/** A method with one request and one response, answered at once. */
export function unary<In extends DescMessage>(
  method: DescMethod & { readonly input: In },
  answer: (request: MessageShape<In>) => Answer,
): Method {
  return withOneRequest(method, (request, stream) => {
    const answered = answer(request);
    if (answered.ok) void stream.send([answered.bytes]);
    stream.end(answered.ok ? OK : answered.status);
    return undefined;
  });
}

/** Begins to answer a request, and gives what to do when the call is over. */
export type Begin<In extends DescMessage> = (
  request: MessageShape<In>,
  stream: ServerStream,
) => ((reason: Closed) => void) | undefined;

/** A method with one request, to which `begin` sends the responses. */
export function withOneRequest<In extends DescMessage>(
  method: DescMethod & { readonly input: In },
  begin: Begin<In>,
): Method {
  return { path: pathOf(method), open: (stream) => new OneRequest(method.input, stream, begin) };
}

class OneRequest<In extends DescMessage> implements StreamHandler {
  readonly #input: In;
  readonly #stream: ServerStream;
  readonly #begin: Begin<In>;
  #begun = false;
  #onClosed: ((reason: Closed) => void) | undefined;

  constructor(input: In, stream: ServerStream, begin: Begin<In>) {
    this.#input = input;
    this.#stream = stream;
    this.#begin = begin;
  }

  message(bytes: Uint8Array): void {
    if (this.#begun) {
      this.#stream.end(status("Internal", "the method takes one request message, and a second one came"));
      return;
    }
    this.#begun = true;
    const decoded = decodeRequest(this.#input, bytes);
    if (decoded.ok) this.#onClosed = this.#begin(decoded.message, this.#stream);
    else this.#stream.end(decoded.status);
  }

  halfClose(): void {
    if (!this.#begun) this.#stream.end(status("Internal", "the method takes one request message, and none came"));
  }

  closed(reason: Closed): void {
    this.#onClosed?.(reason);
  }
}
