import { beforeAll, beforeEach, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { Turns } from "../../lib/turns.ts";
import type { Collection } from "../../model/names.ts";
import { istioCollections } from "../../model/registry.ts";
import type { Feed } from "../../snapshot/feed.ts";
import { Hub } from "../../snapshot/hub.ts";
import { XdsFeeds } from "./feeds.ts";
import { loadRules } from "./rules.ts";

const ENTRIES = "networking.istio.io/v1/ServiceEntry";
const entries = "istio/networking/v1alpha3/serviceentries" as Collection;
const client = { revision: "", isIstiod: false };

let feeds: XdsFeeds;

beforeAll(loadRules);

beforeEach(() => {
  const hub = new Hub(() => "default");
  const turns = new Turns(new ManualClock());
  feeds = new XdsFeeds({ hub, registry: istioCollections(), turns, report: () => undefined });
});

function ask(): Feed {
  return feeds.feed(ENTRIES, client)!;
}

const wake = (): void => undefined;

test("those who ask alike share a feed for as long as somebody watches it", () => {
  const feed = ask();
  feed.watch(wake);
  expect(ask()).toBe(feed);
  expect(feeds.subscriptions(entries)).toBe(1);
  feed.unwatch(wake);
  expect(feeds.subscriptions(entries)).toBe(0);
  expect(ask()).not.toBe(feed);
});

test("each who watches counts, also where two asked before either watched", () => {
  const [first, second] = [ask(), ask()];
  first.watch(wake);
  second.watch(wake);
  expect(feeds.subscriptions(entries)).toBe(2);
  first.unwatch(wake);
  expect(feeds.subscriptions(entries)).toBe(1);
  expect(ask()).toBe(second);
  second.unwatch(wake);
  expect(feeds.subscriptions(entries)).toBe(0);
});
