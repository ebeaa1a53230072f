/** Origins whose scripts may call this server in development. */

export const sandboxOrigin = 'https://studio.apollographql.com';

/** The origins that are allowed in development if CORS_ORIGINS is left out. */
export function developmentOrigins(publicUrl: string, port: number): string[] {
  const own = [publicUrl, `http://localhost:${port}`, `http://127.0.0.1:${port}`].map((url) => new URL(url).origin);
  return [...new Set([sandboxOrigin, ...own])];
}

/** A page that this machine serves itself, on any port, such as a front end in development. */
export function isLocalOrigin(origin: string): boolean {
  return /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(origin);
}
