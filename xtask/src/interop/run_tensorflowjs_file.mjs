// Runs the programs that lie beside written layers models of TensorFlow.js: for each folder named a line, as common.py says it.

import { spawnSync } from 'node:child_process';
import { basename, join, resolve } from 'node:path';

for (const name of process.argv.slice(2)) {
  const row = { framework: 'tensorflowjs-file', name: basename(name), predicts: true };
  const folder = join(resolve(name), 'tensorflowjs');
  const { stdout, stderr } = spawnSync('node', ['load.mjs'], { cwd: folder, encoding: 'utf8' });
  const found = stdout.match(/relative: (\S+)/);
  if (found) {
    row.difference = Number(found[1]);
  } else {
    console.error(name, stderr);
    row.error = (stderr.match(/^\w*Error.*$/m) ?? ['load.mjs says nothing'])[0].slice(0, 300);
  }
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
