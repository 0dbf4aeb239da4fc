// What a worker is started with. Its name says who asks: the page for its engine or for code and files, a program for a
// session; those who share its steps have its name with an end. Of an engine and of a session there are two builds: one for
// relaxed SIMD, where the browser has that.

// (module (func (param v128) (result v128) local.get 0 local.get 0 local.get 0 f32x4.relaxed_madd))
const relaxed = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0,
  10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11));

/** The artist, fetched when a set is to be drawn; for the page at once, since the set that it opens with is. */
let artist;
self.artist = () => artist ??= import('./artist.js').then(async program => {
  await program.default();
  self.draw = program.draw;
});
if (self.name === 'whisker-page') self.artist().catch(() => {});

/** The program that reads the user's own pictures, fetched when it is needed. */
self.pictures = async () => {
  const program = await import('./pictures.js');
  await program.default();
  return new program.Pictures();
};

// The program is fetched while its bindings are; a site built without relaxed programs has the bindings of the plain ones.
const engine = self.name.startsWith('whisker-page') ? 'engine' : 'session';
const name = self.name === 'whisker-exchange' ? 'exchange' : relaxed ? `${engine}_relaxed` : engine;
const program = fetch(new URL(`${name}_bg.wasm`, import.meta.url)).catch(() => {});
const { default: start } = await import(`./${name}.js`);
const response = await program;
await start(response?.ok ? { module_or_path: response } : undefined);
