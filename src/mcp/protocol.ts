/** Facts of `istio.mcp.v1alpha1` that the code needs by name (docs/spec/mcp-source.md). */
export const SOURCE_SERVICE = "istio.mcp.v1alpha1.ResourceSource";

export const SOURCE_STREAM = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream";

/** The same conversation with the source as the caller. */
export const SINK_STREAM = "/istio.mcp.v1alpha1.ResourceSink/EstablishResourceStream";

/** What a calling source names in its first message, and what sinks then refuse with UNIMPLEMENTED. */
export const TRIGGER_COLLECTION = "$triggerCollection";

/** Response header that names the build of the source. */
export const VERSION_HEADER = "config.source.version";
