import { defineEntity, p } from '@mikro-orm/postgresql';
import { tellNodes } from '../../database/notifications.ts';

const SigningKeySchema = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    /** The RFC 7638 thumbprint of the public key. */
    kid: p.text().primary(),
    algorithm: p.enum(['ES256', 'RS256'] as const).nativeEnumName('signing_algorithm'),
    /** PKCS #8, encrypted with AES-256-GCM under a key derived from JWT_SECRET. Null once the key is retired. */
    encryptedPrivateKey: p.text().nullable(),
    /** The key is published at once, and signs from this moment until another key does. */
    signsFrom: p.datetime(3),
    createdAt: p.datetime(3),
    /** From this moment on, tokens of the key are refused. */
    retiredAt: p.datetime(3).nullable(),
  },
  triggers: [
    { name: 'inserted', timing: 'after', events: ['insert'], body: tellNodes('signing-key', 'new.kid') },
    { name: 'changed', timing: 'after', events: ['update'], body: tellNodes('signing-key', 'old.kid') },
    { name: 'deleted', timing: 'after', events: ['delete'], body: tellNodes('signing-key', 'old.kid') },
  ],
});

/** A key pair that signs access tokens. */
export class SigningKey extends SigningKeySchema.class {}
SigningKeySchema.setClass(SigningKey);
