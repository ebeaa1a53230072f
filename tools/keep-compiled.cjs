// Loaded before src/main.ts. That keeps what it imports compiled (see there), and cannot do so for itself: for one file whose
// types are to be stripped, Node would load its compiler.
'use strict';

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');

// As in src/main.ts: what was compiled with other flags is not taken.
setFlagsFromString('--no-allocation-site-pretenuring');
enableCompileCache(join(__dirname, '../node_modules/.cache/gatewright'));
