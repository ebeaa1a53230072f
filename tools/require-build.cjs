// Old JavaScript on purpose, as in require-node.cjs.
'use strict';

var existsSync = require('node:fs').existsSync;
var join = require('node:path').join;

if (!existsSync(join(__dirname, '../dist/src/main.js'))) {
  console.error('There is no build in dist/. Run `npm run build` first.');
  process.exit(1);
}
