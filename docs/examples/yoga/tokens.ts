/** Stands for the verification of tokens: in a server of yours, a JWT library or a table of sessions. */
import type { GuardViewer } from 'gatewright/authorization';

const tokens = new Map<string, GuardViewer>([
  ['ada-token', { id: 'ada', roles: ['WRITER'], scopes: ['article:write'] }],
  ['ada-reading-token', { id: 'ada', roles: ['WRITER'], scopes: [] }],
  ['ben-token', { id: 'ben', roles: ['WRITER'], scopes: ['article:write', 'newsroom:watch'] }],
  ['eve-token', { id: 'eve', roles: ['EDITOR'], scopes: ['article:write', 'newsroom:watch'] }],
]);

export function viewerOfToken(token: string): GuardViewer | null {
  return tokens.get(token) ?? null;
}
