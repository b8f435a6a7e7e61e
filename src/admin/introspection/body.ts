import type { IncomingMessage } from "node:http";

import type { Json } from "./json.ts";
import { badRequest } from "./topic.ts";
import type { Refusal } from "./topic.ts";

/** Bytes of a body at most. What is sent here are a few words. */
const MAX_BODY = 4_096;

type Body = { readonly kind: "body"; readonly json: Json | undefined };

/** Reads the body of a request as JSON; an empty one is `undefined`. */
export function readBody(request: IncomingMessage): Promise<Body | Refusal> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    // What is too much is read on and dropped: closing early could take the answer away from the peer.
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= MAX_BODY) pieces.push(piece);
      else resolve(badRequest(`the body is larger than ${MAX_BODY} bytes`, "send less"));
    });
    request.on("end", () => resolve(parse(Buffer.concat(pieces).toString())));
    request.on("error", () => resolve(badRequest("the body was cut off", "send it again")));
  });
}

function parse(text: string): Body | Refusal {
  if (text === "") return { kind: "body", json: undefined };
  try {
    return { kind: "body", json: JSON.parse(text) as Json };
  } catch {
    return badRequest("the body is no JSON", 'send a JSON object, such as {"level":"debug"}');
  }
}
