// The custom element `<whisker-playground>`, which JavaScript alone can declare; what it does is in src/bin/page/widget.rs.
//
// An element may stand in a document before the page's program is there; it then waits for it, and so does what is asked
// of it.

const NAME = 'whisker-playground';

/** `mount(element)`, from the page's program: what an element holds, with update(name), play(), pause(), free(). */
let mount;
/** Fetches the page's program, once. */
let load;
const waiting = new Set();

class Playground extends HTMLElement {
  static observedAttributes = ['preset', 'src', 'device', 'theme'];
  #held;
  #asked;

  connectedCallback() {
    if (this.#held) return;
    if (!mount) {
      waiting.add(this);
      load?.();
      return;
    }
    this.#held = mount(this);
    if (this.#asked) this.#held[this.#asked]();
  }

  // An element that is only moved is back before the next microtask.
  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      waiting.delete(this);
      this.#held?.free();
      this.#held = null;
    });
  }

  attributeChangedCallback(name, before, after) {
    if (before !== after) this.#held?.update(name);
  }

  play() {
    this.#ask('play');
  }

  pause() {
    this.#ask('pause');
  }

  #ask(what) {
    if (this.#held) this.#held[what]();
    else this.#asked = what;
  }
}

/** Makes the element known; the page's program is fetched with `fetch` as soon as an element stands somewhere. */
export function declare(fetch) {
  load ??= () => {
    load = () => {};
    fetch().catch(reportError);
  };
  if (!customElements.get(NAME)) customElements.define(NAME, Playground);
}

/** The page's program is there. */
export function arrive(given) {
  mount = given;
  if (!customElements.get(NAME)) customElements.define(NAME, Playground);
  const elements = [...waiting];
  waiting.clear();
  for (const element of elements) element.connectedCallback();
}
