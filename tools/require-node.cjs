// Old JavaScript on purpose, because an old Node must be able to read it.
'use strict';

var wanted = 24;

if (Number(process.versions.node.split('.')[0]) < wanted) {
  console.error(
    'Gatewright needs Node ' +
      wanted +
      ' or later; this is Node ' +
      process.versions.node +
      '.\n' +
      '`npm ci` installs one for Linux (x64, arm64) and Windows (x64), which npm scripts then use by themselves.\n' +
      'On another system install it from https://nodejs.org, or with a version manager: `nvm install ' +
      wanted +
      '`.',
  );
  process.exit(1);
}
