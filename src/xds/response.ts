import type { Push } from "../distribution/subscription.ts";
import type { Resource } from "../model/resource.ts";
import type { Delta } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { XdsFeed } from "./feeds/xds-feed.ts";
import { SharedBodies } from "../snapshot/shared-bodies.ts";
import type { Chunk, Table } from "../snapshot/table.ts";
import { bytesField, concat, stringField } from "../wire/fields.ts";
import { partsOf } from "./body.ts";
import type { Payload } from "./payload.ts";
import { RESOURCE_TYPE_URL } from "./protocol.ts";

/** Field numbers of `DiscoveryResponse` and, where they differ, of `DeltaDiscoveryResponse` and its `Resource`. */
const field = { version: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6 } as const;
const member = { version: 1, resource: 2, name: 3 } as const;

/** The parts of a delta response on both sides of what is different for each sink. */
interface DeltaBody {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const noBody = new Uint8Array(0);
const wrapperType = stringField(1, RESOURCE_TYPE_URL);

/**
 * Writes pushes as xDS responses. Resources are encoded once for a version of a type and shared by every sink and by every
 * type URL that asks for it; only the URL and the nonce differ. Fields stay in ascending order: the canonical encoding.
 */
export class ResponseEncoder {
  readonly #chunks = new SharedBodies<Chunk, Payload, Uint8Array>();
  readonly #states = new SharedBodies<Table, Payload, Uint8Array>();
  readonly #deltas = new SharedBodies<Delta, Payload, DeltaBody>();

  /** The pieces of a `DiscoveryResponse`, in order. The first is shared: it must not be changed. */
  encodeState(feed: Feed, { nonce, table }: Push): readonly Uint8Array[] {
    const payload = payloadOf(feed);
    const body = this.#states.get(table, payload, () => this.#stateBody(table, payload));
    return [body, concat([stringField(field.typeUrl, feed.topic), stringField(field.nonce, nonce)])];
  }

  /** The pieces of a `DeltaDiscoveryResponse`. @throws Error for a push that is none: the machine makes deltas for delta streams */
  encodeDelta(feed: Feed, push: Push): readonly Uint8Array[] {
    if (push.kind === "full") throw new Error("a delta stream is sent deltas");
    const payload = payloadOf(feed);
    const { head, tail } = this.#deltas.get(push.delta, payload, () => deltaBody(push.table, push.delta, payload));
    const between = concat([stringField(field.typeUrl, feed.topic), stringField(field.nonce, push.nonce)]);
    return tail.length === 0 ? [head, between] : [head, between, tail];
  }

  #stateBody(table: Table, payload: Payload): Uint8Array {
    const chunks = table.chunks.map((chunk) => this.#chunks.get(chunk, payload, () => stateResources(chunk, payload)));
    return concat([stringField(field.version, table.version), ...chunks]);
  }
}

function payloadOf(feed: Feed): Payload {
  return feed instanceof XdsFeed ? feed.payload : "resource";
}

function stateResources(resources: Chunk, payload: Payload): Uint8Array {
  return concat(resources.flatMap((resource) => bytesField(field.resources, anyOf(resource, payload))));
}

function deltaBody(table: Table, { upserts, removed }: Delta, payload: Payload): DeltaBody {
  const members = upserts.flatMap((resource) =>
    bytesField(
      field.resources,
      concat([
        stringField(member.version, resource.version),
        ...bytesField(member.resource, anyOf(resource, payload)),
        stringField(member.name, resource.name),
      ]),
    ),
  );
  return {
    head: concat([stringField(field.version, table.version), ...members]),
    tail: concat(removed.map((name) => stringField(field.removed, name))),
  };
}

/** The `google.protobuf.Any` of a resource. @throws Error for one that today's API can't express: feeds hold none */
function anyOf(resource: Resource, payload: Payload): Uint8Array {
  const { current } = resource;
  if (current === undefined) throw new Error(`${resource.name} can't be expressed over xDS`);
  if (payload === "body") return partsOf(current).body ?? noBody;
  return concat([wrapperType, ...bytesField(2, current)]);
}
