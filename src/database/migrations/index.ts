/** Every migration, oldest first. Listed, so that the compiled server finds them without reading folders. */
import { Migration20261122001644_initial } from './Migration20261122001644_initial.ts';
import { Migration20261125010000_signing_key_rotation } from './Migration20261125010000_signing_key_rotation.ts';

export const migrations = [
  { name: 'Migration20261122001644_initial', class: Migration20261122001644_initial },
  { name: 'Migration20261125010000_signing_key_rotation', class: Migration20261125010000_signing_key_rotation },
];
