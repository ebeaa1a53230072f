// Loaded before src/main.ts. That keeps what it imports compiled (see there), and cannot do so for itself: for one file whose
// types are to be stripped, Node would load its compiler.
'use strict';

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

enableCompileCache(join(__dirname, '../node_modules/.cache/gatewright'));
