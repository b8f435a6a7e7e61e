import type { JsonObject } from "@bufbuild/protobuf";
import { MESH_CONFIG_URL } from "./kinds.ts";
import type { Release } from "./releases.ts";
import { writeRequest } from "./wire.ts";

/** Who istiod says that it is. */
export interface Identity {
  readonly podIp: string;
  readonly podName: string;
  readonly podNamespace: string;
  /** Empty: istiod was installed without one. */
  readonly revision: string;
}

export const defaultIdentity: Identity = {
  podIp: "10.0.0.7",
  podName: "istiod-5f",
  podNamespace: "istio-system",
  revision: "",
};

interface Node {
  readonly id: string;
  readonly metadata: JsonObject;
}

/** The node of an istiod. The version in it is the same for all releases: a sentinel. */
export function nodeOf(release: Release, { podIp, podName, podNamespace, revision }: Identity): Node {
  return {
    id: `sidecar~${podIp}~${podName}.${podNamespace}~${podNamespace}.svc.cluster.local`,
    metadata: {
      GENERATOR: "api",
      ISTIO_VERSION: "65536.65536.65536",
      ...(release.knowsRevisions && revision !== "" && { ISTIO_REVISION: revision }),
    },
  };
}

/**
 * What istiod sends as soon as a stream is open, in this order and without waiting: each with a nonce that nobody has sent,
 * the first one alone with the node.
 */
export function openingRequests(
  release: Release,
  identity: Identity,
  timeText: () => string = goTime(),
): readonly Uint8Array[] {
  return [MESH_CONFIG_URL, ...release.kinds.map(({ url }) => url)].map((typeUrl, index) =>
    writeRequest({
      typeUrl,
      responseNonce: timeText(),
      ...(index === 0 && { node: nodeOf(release, identity) }),
    }),
  );
}

/** How istiod answers: always with an ACK, and with the node. */
export function ackOf(
  release: Release,
  identity: Identity,
  response: { readonly versionInfo: string; readonly nonce: string; readonly typeUrl: string },
): Uint8Array {
  return writeRequest({
    versionInfo: response.versionInfo,
    node: nodeOf(release, identity),
    typeUrl: response.typeUrl,
    responseNonce: response.nonce,
  });
}

/** The times that Go would print, a nanosecond later with each call. */
export function goTime(): () => string {
  let nanos = 0;
  return () => {
    nanos++;
    const fraction = String(nanos).padStart(9, "0");
    return `2026-08-22 15:00:18.${fraction.replace(/0+$/, "")} +0000 UTC m=+1.${fraction}`;
  };
}
