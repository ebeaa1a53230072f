/** Every migration, oldest first. The list lets the compiled server find them without reading folders. */
import { Migration20261122001644_initial } from './Migration20261122001644_initial.ts';
import { Migration20261125000000_sessions_and_audit } from './Migration20261125000000_sessions_and_audit.ts';
import { Migration20261125010000_signing_key_rotation } from './Migration20261125010000_signing_key_rotation.ts';
import { Migration20261125020000_rate_limits } from './Migration20261125020000_rate_limits.ts';
import { Migration20261126000000_list_indexes } from './Migration20261126000000_list_indexes.ts';
import { Migration20261126010000_owners_of_many } from './Migration20261126010000_owners_of_many.ts';
import { Migration20261130000000_installation } from './Migration20261130000000_installation.ts';

export const migrations = [
  { name: 'Migration20261122001644_initial', class: Migration20261122001644_initial },
  { name: 'Migration20261125000000_sessions_and_audit', class: Migration20261125000000_sessions_and_audit },
  { name: 'Migration20261125010000_signing_key_rotation', class: Migration20261125010000_signing_key_rotation },
  { name: 'Migration20261125020000_rate_limits', class: Migration20261125020000_rate_limits },
  { name: 'Migration20261126000000_list_indexes', class: Migration20261126000000_list_indexes },
  { name: 'Migration20261126010000_owners_of_many', class: Migration20261126010000_owners_of_many },
  { name: 'Migration20261130000000_installation', class: Migration20261130000000_installation },
];
