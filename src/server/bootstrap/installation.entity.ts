import { defineEntity, p } from '@mikro-orm/postgresql';

const InstallationSchema = defineEntity({
  name: 'Installation',
  tableName: 'installation',
  properties: {
    /** Always true: there is one row. */
    only: p.boolean().primary().default(true),
    /** Stays with the data, also through a dump. */
    id: p.uuid(),
    /** When the first administrator was known to exist. From then on no start creates one. */
    administratorSince: p.datetime(3).nullable(),
    /** Identifies the JWT_SECRET of the server that started last, without revealing it. */
    secretFingerprint: p.text().nullable(),
    /** When a server last started with that secret. */
    secretSeenAt: p.datetime(3).nullable(),
    /** The database was restored from a backup of this time or earlier. Null: not, or dealt with. */
    restoredTo: p.datetime(3).nullable(),
  },
});

/** Facts about the database that all its servers share. */
export class Installation extends InstallationSchema.class {}
InstallationSchema.setClass(Installation);
