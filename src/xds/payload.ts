/** How a resource stands in a response: wrapped in `mcp.Resource`, or as its bare body. */
export type Payload = "resource" | "body";
