import { deltaTo } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { select } from "./interest.ts";
import type { Subscription } from "./subscription.ts";

/** Whoever knows how one sink subscribes to each feed. */
export interface Subscriptions {
  state(feed: Feed): Subscription;
}

/** More than twice any rank. */
const LAST_RANK = 1_000;

/** Feeds in the order in which what is due of them goes out, which their ranks give (`Feed.rank`). */
export function inOrder(feeds: readonly Feed[], subscriptions: Subscriptions): readonly Feed[] {
  if (feeds.length < 2 || feeds.every((feed) => feed.rank === 0)) return feeds;
  const places = new Map<Feed, number>();
  for (const feed of feeds) {
    places.set(feed, onlyLoses(subscriptions.state(feed), feed) ? LAST_RANK - feed.rank : feed.rank);
  }
  return [...feeds].sort((a, b) => places.get(a)! - places.get(b)!);
}

/** Whether what is due of a feed takes resources away, and nothing else. */
function onlyLoses(state: Subscription, { latest }: Feed): boolean {
  if (state.phase !== "ready" || state.held === undefined || latest === undefined) return false;
  const { upserts, removed } = deltaTo(state.held, select(state.interest, latest));
  return upserts.length === 0 && removed.length > 0;
}
