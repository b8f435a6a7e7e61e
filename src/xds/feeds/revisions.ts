import { deltaTo } from "../../snapshot/delta.ts";
import { type Change, Table } from "../../snapshot/table.ts";
import type { RevisionLabels } from "./revision-labels.ts";

/**
 * A content as the istiods of each revision see it: without what is labelled for another one (docs/spec/xds.md,
 * Revisions). Views are kept for revisions that some resource names; all others share one. Costs O(changed × such revisions).
 */
export class Revisions {
  #source = Table.empty;
  /** What is for everybody. */
  #common = Table.empty;
  readonly #views = new Map<string, Table>();
  readonly #labels: RevisionLabels;

  /** @param labels of all resources that contents have */
  constructor(labels: RevisionLabels) {
    this.#labels = labels;
  }

  /** @param content what there is now; @param revision of the client, empty for one that takes everything */
  view(content: Table, revision: string): Table {
    if (revision === "") return content;
    this.#follow(content);
    // As long as no resource is labelled, all see the same content, and share what is encoded of it.
    return this.#views.size === 0 ? content : (this.#views.get(revision) ?? this.#common);
  }

  #follow(content: Table): void {
    if (content === this.#source) return;
    const { upserts, removed } = deltaTo(this.#source, content);
    this.#source = content;
    if (this.#views.size === 0 && upserts.every((resource) => this.#labels.of(resource) === undefined)) {
      this.#common = content; // all of it is for everybody
      return;
    }
    const labelled = upserts.map((resource) => ({ resource, revision: this.#labels.of(resource) }));
    const gone: readonly Change[] = removed.map((name) => ({ name, resource: undefined }));
    const changesFor = (revision: string | undefined): Change[] => [
      ...gone,
      ...labelled.map(({ resource, revision: its }) => ({
        name: resource.name,
        resource: its === undefined || its === revision ? resource : undefined,
      })),
    ];
    const commonBefore = this.#common;
    this.#common = commonBefore.with(changesFor(undefined));
    for (const { revision } of labelled) {
      // Whoever sees a revision for the first time has seen what is for everybody until now.
      if (revision !== undefined && !this.#views.has(revision)) this.#views.set(revision, commonBefore);
    }
    for (const [revision, before] of this.#views) {
      const view = before.with(changesFor(revision));
      if (view.size === this.#common.size) this.#views.delete(revision);
      else this.#views.set(revision, view);
    }
  }
}
