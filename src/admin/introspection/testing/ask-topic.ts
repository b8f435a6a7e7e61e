import type { Json } from "../json.ts";
import { cutPage } from "../listing.ts";
import type { ReadAnswer, Topic, WriteAnswer } from "../topic.ts";

/** What a reader gets: the value, or the head and the entries of the first page, as they go over the wire. */
export function read(topic: Topic, rest = "", parameters: Record<string, string> = {}): Json {
  return onTheWire(topic.read({ rest, parameter: (name) => parameters[name] }));
}

/** What who changes something gets. */
export function write(topic: Topic, rest: string, body?: Json): Json {
  return onTheWire(topic.write!({ rest, parameter: () => undefined }, body));
}

function onTheWire(answer: ReadAnswer | WriteAnswer): Json {
  switch (answer.kind) {
    case "refused":
      return { status: answer.status, message: answer.message, remedy: answer.remedy };
    case "list": {
      const items = cutPage(answer.listing, undefined, 500).items.map((entry) => entry.show());
      return JSON.parse(JSON.stringify({ ...answer.head, items })) as Json;
    }
    case "value":
    case "accepted":
      return JSON.parse(JSON.stringify(answer.value)) as Json;
  }
}
