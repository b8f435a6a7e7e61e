import type { Collection } from "../../../src/model/names.ts";
import { Hub } from "../../../src/snapshot/hub.ts";
import { Table } from "../../../src/snapshot/table.ts";
import { modernForm } from "../pool.ts";
import type { WorldSeams } from "../simulation.ts";

/** What is wrong with the hub as the xDS side sees it. */
export interface XdsHubFault {
  /** Every third time a change goes unnoticed. */
  readonly losesChanges?: boolean;
  /** What is to be held back counts as deleted. */
  readonly dropsOffenders?: boolean;
  /** Collections are empty until something is published. */
  readonly isEmptyAtFirst?: boolean;
}

/** A server whose xDS side sees another hub than it should. */
export function faultyXdsHub(fault: XdsHubFault): WorldSeams {
  return { xds: { hub: (hub) => new FaultyHub(hub, fault) } };
}

class FaultyHub extends Hub {
  readonly #hub: Hub;
  readonly #fault: XdsHubFault;
  #changes = 0;

  constructor(hub: Hub, fault: XdsHubFault) {
    super(() => "default");
    this.#hub = hub;
    this.#fault = fault;
  }

  override latest(collection: Collection): Table | undefined {
    const { dropsOffenders, isEmptyAtFirst } = this.#fault;
    const latest = this.#hub.latest(collection);
    if (latest === undefined) return isEmptyAtFirst === true ? Table.empty : undefined;
    if (dropsOffenders !== true) return latest;
    const offenders = [...latest].filter(({ name, version }) => modernForm(collection, name, version).isOffender);
    return latest.with(offenders.map(({ name }) => ({ name, resource: undefined })));
  }

  override follow(collection: Collection, changed: () => void): () => void {
    const { losesChanges } = this.#fault;
    return this.#hub.follow(collection, () => {
      if (losesChanges !== true || ++this.#changes % 3 !== 0) changed();
    });
  }
}
