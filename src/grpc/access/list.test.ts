import { describe, expect, test } from "vitest";
import { describeList, everyone, judgePeer, sameList, type AccessList } from "./list.ts";

const id1 = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";
const id2 = "spiffe://cluster.local/ns/istio-system/sa/istio-mixer-service-account";

function list(kind: AccessList["kind"], ...ids: string[]): AccessList {
  return { kind, ids: new Set(ids) };
}

function judge(on: AccessList, uris: readonly string[] | undefined, authorized = true): string {
  const peer = uris === undefined ? { address: "a" } : { address: "a", tls: { authorized, uris } };
  const verdict = judgePeer(on, peer);
  return verdict.allowed ? "allowed" : verdict.reason;
}

const noInfo = "denying by default: no auth info found";
const noneAllowed = "no allowed identity found in peer's authentication info";

describe("a peer", () => {
  test.each<[string, AccessList, readonly string[] | undefined, string]>([
    ["on the allow list", list("allow", id1), [id1], "allowed"],
    ["of another identity", list("allow", id1), [id2], noneAllowed],
    ["without an identity", list("allow", id1), [], noneAllowed],
    ["in plaintext", list("allow", id1), undefined, noInfo],
    ["with a listed identity among others", list("allow", id1), [id2, id1], "allowed"],
    ["and an empty allow list", list("allow"), [id1], noneAllowed],
    ["in another case", list("allow", id1), [id1.toUpperCase()], noneAllowed],
    ["with more after the identity", list("allow", id1), [`${id1}/x`], noneAllowed],
    ["on the block list", list("block", id1), [id1], `id is blacklisted: ${id1}`],
    ["not on the block list", list("block", id1), [id2], "allowed"],
    ["without an identity, and a block list", list("block", id1), [], "allowed"],
    ["in plaintext, and a block list", list("block", id1), undefined, noInfo],
    ["with a blocked identity among others", list("block", id1), [id2, id1], `id is blacklisted: ${id1}`],
    ["when everyone may connect", everyone, [id1], "allowed"],
    ["in plaintext when everyone may connect", everyone, undefined, noInfo],
  ])("%s", (_, on, uris, expected) => {
    expect(judge(on, uris)).toBe(expected);
  });

  test("whose certificate nobody vouches for is refused by every list", () => {
    for (const on of [everyone, list("allow", id1), list("block", id2)]) {
      expect(judge(on, [id1], false)).toBe("denying by default: the certificate is not verified");
    }
  });
});

test("lists are the same when they judge alike", () => {
  expect(sameList(list("allow", id1, id2), list("allow", id2, id1))).toBe(true);
  expect(sameList(list("allow", id1), list("block", id1))).toBe(false);
  expect(sameList(list("allow", id1), list("allow", id2))).toBe(false);
  expect(sameList(list("allow", id1), list("allow", id1, id2))).toBe(false);
});

test("a list is told in a few words", () => {
  expect([everyone, list("block", id1), list("allow"), list("allow", id1, id2)].map(describeList)).toEqual([
    "every verified sink",
    "every verified sink but 1 identity",
    "nobody",
    "2 identities and nobody else",
  ]);
});
