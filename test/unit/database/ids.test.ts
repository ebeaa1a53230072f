import fc from 'fast-check';
import { TypeID } from 'typeid-js';
import { describe, expect, it } from 'vitest';
import { fromGlobalId, newId, toGlobalId } from '../../../src/database/ids.ts';

describe('a global id', () => {
  it('is what the TypeID library makes of every UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(toGlobalId('task', uuid)).toBe(TypeID.fromUUID('task', uuid).toString());
      }),
    );
  });

  it('is what the specification gives for the least, the greatest and its own example', () => {
    expect(toGlobalId('task', '00000000-0000-0000-0000-000000000000')).toBe('task_00000000000000000000000000');
    expect(toGlobalId('task', 'ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('task_7zzzzzzzzzzzzzzzzzzzzzzzzz');
    expect(toGlobalId('user', '01890a5d-ac96-774b-bcce-b302099a8057')).toBe('user_01h455vb4pex5vsknk084sn02q');
  });

  it('leads back to its UUID, and for another type to none', () => {
    const uuid = newId();
    expect(fromGlobalId('task', toGlobalId('task', uuid))).toBe(uuid);
    expect(fromGlobalId('user', toGlobalId('task', uuid))).toBeNull();
  });

  it.each(['', 'task_', 'task_8zzzzzzzzzzzzzzzzzzzzzzzzz', 'task_01H455VB4PEX5VSKNK084SN02Q', 7, null])(
    'is not %j',
    (text) => expect(fromGlobalId('task', text)).toBeNull(),
  );
});
