/** Passwords: hashed with argon2id, never more at once than there are cores. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Does the same work for an unknown account (`null`), and answers false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
}
