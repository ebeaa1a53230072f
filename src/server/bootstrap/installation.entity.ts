import { defineEntity, p } from '@mikro-orm/postgresql';

const InstallationSchema = defineEntity({
  name: 'Installation',
  tableName: 'installation',
  properties: {
    /** Always true: there is one row. */
    only: p.boolean().primary().default(true),
    /** Stays with the data, also through a dump. */
    id: p.uuid(),
    /** When the first administrator was known to be there. From then on no start makes one. */
    administratorSince: p.datetime(3).nullable(),
    /** Names the JWT_SECRET of the server that started last, and does not tell it. */
    secretFingerprint: p.text().nullable(),
    /** When a server last started with that secret. */
    secretSeenAt: p.datetime(3).nullable(),
    /** The database was found restored from a backup of this time, or an earlier one. Null: not, or it was dealt with. */
    restoredTo: p.datetime(3).nullable(),
  },
});

/** What servers have to know about their common database itself. */
export class Installation extends InstallationSchema.class {}
InstallationSchema.setClass(Installation);
