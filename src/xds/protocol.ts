/** Facts of `envoy.service.discovery.v3`, and of how Istio speaks it, that the code needs by name (docs/spec/xds.md). */
export const SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService";

/** State of the world: every response holds all resources of its type. */
export const STATE_OF_THE_WORLD: string = `/${SERVICE}/StreamAggregatedResources`;

/** Deltas. */
export const DELTA: string = `/${SERVICE}/DeltaAggregatedResources`;

/** Among names, and instead of them: all resources. */
export const WILDCARD = "*";

/** Node metadata: the revision of the istiod that asks. Since 1.13. */
export const REVISION_KEY = "ISTIO_REVISION";

/** Node metadata: an istiod that reads configuration says `api` here. */
export const GENERATOR_KEY = "GENERATOR";

/** The label that dedicates a resource to one revision of istiod. */
export const REVISION_LABEL = "istio.io/rev";

/** What MCP-over-xDS wraps resources in. */
export const RESOURCE_TYPE_URL = "type.googleapis.com/istio.mcp.v1alpha1.Resource";
