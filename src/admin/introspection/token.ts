/** The token that a reader hands back to get the next page. */
export function encodeToken(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** The key in a token; `undefined` when it is none of ours. */
export function decodeToken(token: string): string | undefined {
  const key = Buffer.from(token, "base64url").toString();
  return encodeToken(key) === token ? key : undefined;
}
