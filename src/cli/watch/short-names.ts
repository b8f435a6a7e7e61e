/** The short names that kubectl knows kinds by, as their definitions in Istio and Kubernetes give them. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["ap", "AuthorizationPolicy"],
  ["dr", "DestinationRule"],
  ["gw", "Gateway"],
  ["pa", "PeerAuthentication"],
  ["ra", "RequestAuthentication"],
  ["se", "ServiceEntry"],
  ["vs", "VirtualService"],
  ["we", "WorkloadEntry"],
  ["wg", "WorkloadGroup"],
  ["ep", "Endpoints"],
  ["ing", "Ingress"],
  ["no", "Node"],
  ["ns", "Namespace"],
  ["po", "Pod"],
  ["svc", "Service"],
]);

/** The kind that a word is short for, any case. */
export function kindShortFor(word: string): string | undefined {
  return kinds.get(word.toLowerCase());
}
