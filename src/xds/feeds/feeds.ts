import type { CollectionRegistry, CollectionSpec } from "../../model/collections.ts";
import type { Collection } from "../../model/names.ts";
import type { Problem } from "../../model/problem.ts";
import type { Turns } from "../../lib/turns.ts";
import type { Feed } from "../../snapshot/feed.ts";
import type { Hub } from "../../snapshot/hub.ts";
import { Table } from "../../snapshot/table.ts";
import type { Client } from "../client.ts";
import { readTypeUrl } from "../type-url.ts";
import type { Accepted } from "./accepted.ts";
import { Court } from "./court.ts";
import { rankOf } from "./ranks.ts";
import { RevisionLabels } from "./revision-labels.ts";
import { Revisions } from "./revisions.ts";
import { rules } from "./rules.ts";
import { XdsFeed, type XdsFeedOptions } from "./xds-feed.ts";

export interface XdsFeedsOptions {
  readonly hub: Hub;
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  /** In which content is judged, where it is much. */
  readonly turns: Turns;
  /** Told of what is held back, one complete list for each collection. */
  readonly report: (collection: Collection, problems: readonly Problem[]) => void;
  /** Where it is remembered which revisions resources are for; its own without. */
  readonly labels?: RevisionLabels;
}

/** What resources of type URLs that nothing is known of count as in metrics. */
const UNKNOWN = "unknown" as Collection;

const PLUGINS = "istio/extensions/v1alpha1/wasmplugins" as Collection;
const EXTENSIONS = "istio/extensions/v1alpha1/trafficextensions" as Collection;

/** A line of content before it is cut for a client. */
interface Line {
  readonly content: () => Table | undefined;
  readonly follow: (changed: () => void) => () => void;
  readonly revisions: Revisions;
}

/**
 * The feeds of all type URLs. Content is judged, translated and split by revision once for all clients; a feed only adds the
 * URL under which it was asked for. Nothing is judged before the first client asks, and nothing is seen that is judged in part.
 * Whoever asks for a feed has loaded the rules.
 */
export class XdsFeeds implements Disposable {
  readonly #options: XdsFeedsOptions;
  readonly #court: Court;
  readonly #labels: RevisionLabels;
  readonly #lines = new Map<Collection, Line>();
  /** Those that somebody watches. */
  readonly #used = new Set<XdsFeed>();
  /** Of those the one that clients who ask alike share. Who asked before it was watched has another. */
  readonly #shared = new Map<string, XdsFeed>();

  constructor(options: XdsFeedsOptions) {
    this.#options = options;
    this.#labels = options.labels ?? new RevisionLabels();
    this.#court = new Court(options.turns);
  }

  /** Judges no more. */
  [Symbol.dispose](): void {
    this.#court[Symbol.dispose]();
  }

  /** What a client sees under a type URL; `undefined` when it must not be answered at all. */
  feed(typeUrl: string, client: Client): Feed | undefined {
    const { registry } = this.#options;
    const meaning = readTypeUrl(typeUrl, registry);
    switch (meaning.kind) {
      case "mesh-config":
        // istiod makes no use of it, and before 1.12 an answer hangs it (docs/spec/xds.md, MeshConfig).
        return client.isIstiod ? undefined : this.#bare(typeUrl, meaning.spec);
      case "resources":
        return this.#resources(typeUrl, meaning.spec, client.revision);
      case "unknown":
        return this.#unknown(typeUrl);
    }
  }

  /** How many streams subscribe to a collection. */
  subscriptions(collection: Collection): number {
    let count = 0;
    for (const feed of this.#used) if (feed.collection === collection) count += feed.watchers;
    return count;
  }

  #resources(topic: string, spec: CollectionSpec, revision: string): Feed {
    const line = this.#lines.get(spec.name) ?? this.#open(spec);
    return this.#feedOf(`${revision}\0${topic}`, {
      topic,
      collection: spec.name,
      rank: rankOf(spec.kind),
      payload: "resource",
      content() {
        const content = line.content();
        return content === undefined ? undefined : line.revisions.view(content, revision);
      },
      follow: line.follow,
    });
  }

  #bare(topic: string, { name, kind }: CollectionSpec): Feed {
    const { hub } = this.#options;
    return this.#feedOf(`\0${topic}`, {
      topic,
      collection: name,
      rank: rankOf(kind),
      payload: "body",
      content: () => hub.latest(name),
      follow: (changed) => hub.follow(name, changed),
    });
  }

  /** Empty, but not before there is a snapshot: an empty answer says that everything was looked at. */
  #unknown(topic: string): Feed {
    const { hub, registry } = this.#options;
    const [first] = registry.all;
    return this.#feedOf(`\0${topic}`, {
      topic,
      collection: UNKNOWN,
      rank: rankOf(""),
      payload: "resource",
      content: () => (first === undefined || hub.latest(first.name) !== undefined ? Table.empty : undefined),
      follow: first === undefined ? () => () => undefined : (changed) => hub.follow(first.name, changed),
    });
  }

  #feedOf(key: string, options: Omit<XdsFeedOptions, "used">): XdsFeed {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const feed: XdsFeed = new XdsFeed({
      ...options,
      used: (isUsed) => {
        if (isUsed) {
          this.#used.add(feed);
          this.#shared.set(key, feed);
        } else {
          this.#used.delete(feed);
          if (this.#shared.get(key) === feed) this.#shared.delete(key);
        }
      },
    });
    return feed;
  }

  #open(spec: CollectionSpec): Line {
    const line = this.#lineOf(spec);
    this.#lines.set(spec.name, line);
    return line;
  }

  #lineOf(spec: CollectionSpec): Line {
    const { registry } = this.#options;
    const accepted = this.#accept(spec);
    const revisions = new Revisions(this.#labels);
    const plugins = registry.get(PLUGINS);
    if (spec.name !== EXTENSIONS || plugins === undefined) {
      return { content: () => accepted.table, follow: (changed) => accepted.follow(changed), revisions };
    }
    const acceptedPlugins = this.#lines.get(PLUGINS) ?? this.#open(plugins);
    const translated = new (rules().TranslatedPlugins)(spec, this.#labels);
    return {
      content() {
        const [extensions, others] = [accepted.table, acceptedPlugins.content()];
        return extensions === undefined || others === undefined ? undefined : translated.union(extensions, others);
      },
      follow(changed) {
        const unfollow = [accepted.follow(changed), acceptedPlugins.follow(changed)];
        return () => unfollow.forEach((each) => each());
      },
      revisions,
    };
  }

  #accept(spec: CollectionSpec): Accepted {
    const { hub, report } = this.#options;
    hub.follow(spec.name, () => this.#court.follow());
    return this.#court.open({
      latest: () => hub.latest(spec.name),
      judge: (resource) => {
        this.#labels.look(resource);
        return rules().judgeForIstiod(spec, resource);
      },
      report: (problems) => report(spec.name, problems),
    });
  }
}
